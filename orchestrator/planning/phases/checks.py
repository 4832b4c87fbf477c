"""Whether a phase's check is a command that can start here, or words for the agent."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

from orchestrator.features.dialects.prose import first_word, is_prose

_BUILT_IN = frozenset({
    ":", "[", "cd", "command", "eval", "exec", "exit", "export", "false", "for", "set", "test", "true", "type",
})  # fmt: skip


def as_command(check: str, root: Path) -> str:
    """The check as a shell command; "" where it reads as prose, is no shell, or its program is not there."""
    text = check.strip()
    if not text or "\n" in text or is_prose(text):
        return ""
    try:
        shlex.split(text)
    except ValueError:
        return ""
    first = first_word(text)
    if first in _BUILT_IN or (first and shutil.which(first)):
        return text
    return text if "/" in first and (root / first).is_file() else ""

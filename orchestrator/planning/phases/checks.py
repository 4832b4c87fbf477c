"""Whether a phase's check is a command that can start here, or words for the agent."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

_BUILT_IN = frozenset({
    "!", ":", "[", "cd", "command", "eval", "exec", "exit", "export", "false", "if", "for", "set", "sh", "test", "true",
    "type", "until", "while",
})  # fmt: skip
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
# What stands in sentences and hardly ever in commands. "make sure" and "test that" begin with a program's name.
_PROSE = re.compile(
    r"^(make sure|test that|test whether|find (out|that|whether)|time (it|how)|open the|look at|watch)\b"
    r"|\b(and (look|see|check|try)|should|shows?|prints?|must|is (shown|printed|there)|by hand|you (see|get))\b"
    r"|[a-z]{3,}\.$",
    re.IGNORECASE,
)


def as_command(check: str, root: Path) -> str:
    """The check as a shell command; "" where it reads as prose, is no shell, or its program is not there."""
    text = check.strip()
    if not text or "\n" in text:
        return ""
    try:
        words = shlex.split(text)
    except ValueError:
        return ""
    while words and _ASSIGNMENT.match(words[0]):
        words.pop(0)
    if not words or _is_prose(text, words):
        return ""
    first = words[0].lstrip("(")
    if first in _BUILT_IN or shutil.which(first):
        return text
    return text if "/" in first and (root / first).is_file() else ""


def _is_prose(text: str, words: list[str]) -> bool:
    bare = re.sub(r"'[^']*'|\"[^\"]*\"", "''", text)
    return len(words) > 1 and bool(_PROSE.search(bare)) and not re.search(r"&&|\|\||[|;<>]", bare)

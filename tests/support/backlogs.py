"""Folders with backlogs of other tools, and what reading them gives."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

from orchestrator.backlogs.protocol import Backlog


def write(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """The files below `root`; a text loses the indentation that all its lines have."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else dedent(content).encode("utf-8"))
    return root


def waits(backlog: Backlog) -> dict[str, tuple[object, ...]]:
    """What each entry depends on."""
    return {str(entry.id): tuple(entry.dependencies or ()) for entry in backlog.entries}


def states(backlog: Backlog) -> dict[str, str]:
    return {str(entry.id): entry.state for entry in backlog.entries}


def left_out(backlog: Backlog) -> dict[str, str]:
    """Why each entry that does not come along does not."""
    return {left.id: left.reason for left in backlog.left_out}

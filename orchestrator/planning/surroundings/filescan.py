"""Which files of a project say something about it: sorted relative paths, without what is generated."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

EXCLUDED = frozenset((
    "__pycache__", ".git", ".hg", ".svn", "node_modules", ".venv", "venv", ".env", "env", ".tox",
    ".nox", ".pytest_cache", ".mypy_cache", ".ruff_cache", "dist", "build", ".eggs", ".idea",
    ".vscode", "target", "vendor", "coverage", ".coverage", ".hypothesis", "htmlcov", ".agent",
    ".beads", ".workflow-checkpoints",
))  # fmt: skip


def excluded(path: str) -> bool:
    """Whether any part of a relative path is generated, foreign, or the tool's own."""
    return any(part in EXCLUDED or part.endswith(".egg-info") for part in path.split("/"))


def scan(root: Path, leave_out: str = "") -> list[str]:
    """Paths with `/`, sorted; `leave_out` is one more relative folder to pass over (the plans themselves)."""
    return sorted(_walk(root, "", leave_out.strip("/")))


def _walk(folder: Path, prefix: str, leave_out: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            name = prefix + entry.name
            if excluded(entry.name) or name == leave_out:
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(Path(entry.path), f"{name}/", leave_out)
            elif entry.is_file():
                yield name

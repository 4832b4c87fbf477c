"""The files that the orchestrator writes into the work tree: ignored by git, left out of features and recordings."""

from __future__ import annotations

from fnmatch import fnmatchcase

from orchestrator import files

MEMORY = ".agent/memory"
RUNTIME_FILES = (
    ".agent/sessions/",
    ".agent/current-prompt.md",
    ".agent/working-context/",
    "agent-progress.txt",
    f"{MEMORY}/failures/attempt-*.md",  # what a build notes of attempts
    ".doit.db*",
    "__pycache__/dodo.*",  # doit imports dodo.py
    ".workflow-checkpoints/",
    files.TEMPORARY_FILES,
)
"""As lines of a .gitignore at the project's root."""


def is_own(path: str) -> bool:
    """Whether a path, relative to the project's root, is one of them."""
    name = path.rpartition("/")[2]
    return any(
        path.startswith(line) if line.endswith("/") else fnmatchcase(path, line) or fnmatchcase(name, line)
        for line in RUNTIME_FILES
    )

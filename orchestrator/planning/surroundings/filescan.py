"""Which files of a project say something about it: sorted relative paths, those that git tracks or would take."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from orchestrator.git.place import Place
from orchestrator.git.plumbing import LITERAL

# What tools make, where nobody has told git to ignore it. Of tracked files a person has said that they count.
GENERATED = frozenset((
    "__pycache__", "node_modules", ".venv", "venv", ".env", "env", ".tox", ".nox", ".pytest_cache", ".mypy_cache",
    ".ruff_cache", "dist", "build", ".eggs", ".idea", ".vscode", "target", "vendor", "coverage", ".coverage",
    ".hypothesis", "htmlcov",
))  # fmt: skip
OURS = frozenset((".agent", ".beads", ".workflow-checkpoints"))


def generated(path: str) -> bool:
    """Whether any part of a relative path has the name of what tools make."""
    return any(part in GENERATED or part.endswith(".egg-info") for part in path.split("/"))


def scan(place: Place, root: Path, leave_out: str = "") -> list[str]:
    """Paths from `root` with `/`, sorted; `leave_out` is one more relative folder to pass over (the plans)."""
    own = f"{leave_out.strip('/')}/" if leave_out.strip("/") else None
    untracked = (path for path in _listed(place, root, "--others", "--exclude-standard") if not generated(path))
    found = {*_listed(place, root, "--cached"), *untracked}
    return sorted(
        path
        for path in found
        if path.split("/")[0] not in OURS and not (own and path.startswith(own)) and (root / path).is_file()
    )


def _listed(place: Place, root: Path, *which: str) -> Iterator[str]:
    folder = place.relative(root)
    prefix = "" if folder == "." else f"{folder}/"
    listed = place.git.run("ls-files", "-z", "--full-name", *which, "--", prefix or ".", env=LITERAL)
    for name in listed.split(b"\0"):
        path = os.fsdecode(name)
        if path.startswith(prefix) and path:
            yield path[len(prefix) :]

"""The stamp: a digest over all that "nothing to do" depends on, so that a no-op build reads no feature.

Any doubt is a miss, and a miss only costs the full look.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from orchestrator import __version__, statefile
from orchestrator.config.settings import FILE_NAME
from orchestrator.project import Project

VERSION = 1


def key(project: Project, patterns: Sequence[str], check: str) -> str:
    """What the answer depends on; `patterns` are the inputs of all features, `check` the project's command."""
    place = project.place
    digest = hashlib.sha256(f"{VERSION} {__version__} {check} {place.head if place else None}".encode())
    for path in (project.features_path, project.root / FILE_NAME):
        digest.update(_content(path))
    environment = sorted(item for item in os.environ.items() if item[0].startswith("ORCHESTRATOR_"))
    digest.update(repr(environment).encode("utf-8", "surrogateescape"))
    for name in ("verified.json", "forgotten.json", "attempts"):
        digest.update(_seen(project.store / name))
    if place:
        for name in ("shallow", "refs/replace", "info/grafts"):
            digest.update(_seen(place.common_dir / name))
    for path in _inputs(project.root, patterns):
        digest.update(str(path).encode("utf-8", "surrogateescape") + _seen(path))
    return digest.hexdigest()


def _content(path: Path) -> bytes:
    """A digest of the file, read in pieces: a list may be megabytes, and this is all of it that is kept."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(1 << 16):
                digest.update(piece)
    except OSError:
        return b"-"
    return digest.digest()


def _seen(path: Path) -> bytes:
    try:
        stat = path.stat()
    except OSError:
        return b"-"
    return f"{stat.st_mtime_ns} {stat.st_size} {stat.st_ino};".encode()


def _inputs(root: Path, patterns: Sequence[str]) -> Iterable[Path]:
    for pattern in patterns:
        if any(mark in pattern for mark in "*?["):
            yield from sorted(root.glob(pattern))
        else:
            path = root / pattern
            yield path
            if path.is_dir():
                yield from sorted(path.rglob("*"))


def read(project: Project, check: str) -> dict[str, Any] | None:
    """The summary of the last full look, if it still holds."""
    data = statefile.kept(project.store / "stamp.json", dict)
    try:
        if data["key"] == key(project, data["inputs"], check):
            summary: dict[str, Any] = data["summary"]
            return summary
    except (KeyError, TypeError):
        pass
    return None


def write(project: Project, check: str, patterns: Sequence[str], summary: dict[str, Any]) -> None:
    """Keep the summary of a look that found nothing to do. Best effort."""
    path = project.store / "stamp.json"
    data = {"key": key(project, patterns, check), "inputs": list(patterns), "summary": summary}
    statefile.keep(path, data)

"""Whether commitlint judges a project's commit messages: it refuses what is no Conventional Commit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from orchestrator.project import Project

_SCRIPTS = ("js", "cjs", "mjs", "ts", "cts", "mts")
_NAMES = (
    ".commitlintrc",
    *(f".commitlintrc.{end}" for end in ("json", "yaml", "yml", *_SCRIPTS)),
    *(f"commitlint.config.{end}" for end in _SCRIPTS),
)


def find(project: Project) -> Path | None:
    """The configuration that commitlint would take for the project: the nearest upwards, to the repository's top."""
    top = project.repository.top.resolve()
    for folder in (project.root.resolve(), *project.root.resolve().parents):
        found = next(_in(folder), None)
        if found or folder == top:
            return found
    return None


def refuses(project: Project) -> bool:
    """Whether the words of the settings, as a subject, are no Conventional Commit: no type that is usual."""
    return project.words.completed.startswith("session")


def _in(folder: Path) -> Iterator[Path]:
    yield from (path for name in _NAMES if (path := folder / name).is_file())
    package = folder / "package.json"
    if package.is_file() and _has_section(package):
        yield package


def _has_section(package: Path) -> bool:
    try:
        data = json.loads(package.read_bytes())
    except ValueError:
        return False  # nor can npm read it
    return isinstance(data, dict) and "commitlint" in data

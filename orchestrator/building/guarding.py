"""The feature list after a session, without what the session may not change."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from orchestrator import files
from orchestrator.building import undone
from orchestrator.features.guard import guard
from orchestrator.features.model import FeatureList
from orchestrator.project import Project


class Lists(NamedTuple):
    """The list `before` and `after` a session, and a sentence for everything in it that was `undone`; `found` are its
    bytes as the session left them, `restored` as they are now.
    """

    before: FeatureList
    after: FeatureList
    undone: list[str]
    found: bytes
    restored: bytes


def guarded(project: Project, own: str, before: bytes) -> Lists:
    """Undo in the work tree's list what a session for the feature `own` may not change since `before`."""
    with files.lock(project.list_lock, purpose="check the feature list after a session"):
        found = _found(project.features_path)
        result = guard(before, found, own, project.rules)
        if result.data != found:
            files.write_atomic(project.features_path, result.data)
    lists = project.features(before), project.features(result.data)
    return Lists(*lists, list(result.undone), found, result.data)


def _found(path: Path) -> bytes:
    """The list as it was left; a folder in its place is moved aside."""
    if path.is_dir():
        path.rename(path.with_name(f"{path.name}.undone"))
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def keep(project: Project, session: int, lists: Lists) -> str:
    """Keep the list as the session left it; the command that shows what was undone."""
    name = project.repository.relative(project.features_path)
    return undone.keep(project.repository, session, {name: lists.found}, {name: lists.restored})

"""The feature list after a session, without what the session may not change."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import NamedTuple

from orchestrator import files
from orchestrator.building import undone
from orchestrator.features.guard import guard
from orchestrator.features.model import FeatureList
from orchestrator.git import snapshot
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


def unlinked(project: Project, before_tree: str) -> str:
    """A link in the place of the list, which was none in `before_tree`, becomes a file with what it leads to; a
    sentence about it, "" for none.
    """
    place, path = project.repository, project.features_path
    if not path.is_symlink():
        return ""
    name = (path.parent.resolve() / path.name).relative_to(place.top.resolve()).as_posix()
    entry = snapshot.entries(place, before_tree, [name])[name]
    if entry is None or entry[0] == "120000":
        return ""  # the user's own link
    target, content = path.readlink(), b""
    with contextlib.suppress(OSError):  # it leads nowhere: the list is restored whole
        content = path.read_bytes()
    path.unlink()
    files.write_atomic(path, content)
    return f"{name}: was replaced by a link to {target}; it is a file again"


def tracked_again(project: Project, head_tree: str) -> str:
    """Stage the list that is no longer tracked, where `head_tree` has it; a sentence about it, "" for none."""
    place = project.repository
    name = place.relative(project.features_path)
    entry = snapshot.entries(place, head_tree, [name])[name] if head_tree else None
    if entry is None:
        return ""
    blob = place.git.text("hash-object", "-w", f"--path={name}", "--stdin", stdin=project.read_features())
    snapshot.stage(place, {name: (entry[0], blob)})
    return f"{name}: was taken out of what git tracks; it is tracked again"


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

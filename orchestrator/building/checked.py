"""What a check did besides checking: it may run what the session wrote, such as a test that commits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from orchestrator.building import authorship, branches, undone
from orchestrator.building.attempts import Attempts
from orchestrator.git import commits, diff, snapshot
from orchestrator.git.diff import Change
from orchestrator.git.place import Place

_NAMED = 5


class Before(NamedTuple):
    """How things are when a check begins: HEAD, the tree of the files, and how long HEAD's reflog is, in bytes."""

    head: str | None = None
    tree: str = ""
    reflog: int = 0


def before(place: Place, tree: str) -> Before:
    return Before(place.head, tree, len(_reflog(place)))


def _reflog(place: Place) -> bytes:
    try:
        return (place.git_dir / "logs" / "HEAD").read_bytes()
    except OSError:
        return b""


def moved(place: Place, then: Before) -> bool:
    """Whether git processes of the check moved HEAD; a person's, which are not marked, may have too."""
    lines = _reflog(place)[then.reflog :].splitlines()
    return any(line.partition(b"\t")[2].startswith(authorship.CHECK.encode()) for line in lines)


def put_back(place: Place, kept: Attempts, then: Before) -> str:
    """Go back to where HEAD was, the files as they were when the check began; what was said."""
    found = snapshot.worktree(place)
    shown = [undone.keep_tree(place, kept.session, then.tree, found)]
    if place.head and place.head != then.head:
        shown.append(undone.keep_commit(place, kept.session, place.head))
    branches.point(place, kept.branch, then.head)
    snapshot.restore(place, then.tree, snapshot.changed(place, found, then.tree))
    if then.head:
        place.git.run("read-tree", commits.resolve(place, then.head) or then.head)
        place.git.try_run("update-index", "-q", "--refresh")
    return f"the check committed or moved the branch; all is as it was before the check (kept: {', '.join(shown)})"


def users_own(place: Place, kept: Attempts, changed: dict[str, Change]) -> list[str]:
    """Put back what the user had uncommitted and was thrown away since, and take it out of `changed`; the paths."""
    if kept.before_tree == kept.before_head_tree or not changed:
        return []
    users = diff.changes(place, kept.before_head_tree or snapshot.tree_of(place, None), kept.before_tree)
    paths = [
        path
        for path, change in users.items()
        if path in changed and path not in kept.owned and changed[path].after == change.before
    ]
    if paths:
        snapshot.restore(place, kept.before_tree, paths)
        for path in paths:
            del changed[path]
    return paths


def named(changed: Mapping[str, Change], kept: Attempts) -> list[str]:
    """A sentence for files that the check changed and that no session did: they are left as they are."""
    paths = sorted(set(changed) - {*kept.owned})
    more = f" and {len(paths) - _NAMED} more" if len(paths) > _NAMED else ""
    return [f"the check changed what is not committed with it: {', '.join(paths[:_NAMED])}{more}"] if paths else []

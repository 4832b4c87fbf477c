"""The branch after a session: where it was or further on, whatever the session did to it.

Commits that a session took off the branch or rewrote are put back, and what the session itself did is put on top.
"""

from __future__ import annotations

from typing import NamedTuple

from orchestrator.building import undone
from orchestrator.building.attempts import Attempts
from orchestrator.git import commits, merging, snapshot
from orchestrator.git.place import Place


class Branch(NamedTuple):
    """What was done about the branch: sentences, and `conflict` where the session's work did not fit on it."""

    said: tuple[str, ...] = ()
    conflict: str = ""


def settle(place: Place, kept: Attempts) -> Branch:
    """Put the branch of before the session back, with what the session did on top."""
    base = kept.before_head or None
    if place.branch == kept.branch and _descends(place, place.head, base):
        return Branch()
    tip = commits.resolve(place, kept.branch) if kept.branch and place.branch != kept.branch else place.head
    if place.branch != kept.branch and tip == base and place.head and _descends(place, place.head, base):
        _point(place, kept.branch, place.head)
        left = place.branch.removeprefix("refs/heads/") or "a detached HEAD"
        name = kept.branch.removeprefix("refs/heads/") or "the detached HEAD of before"
        return Branch((f"the session committed on {left}; its commits were put on {name}",))
    if place.branch != kept.branch and kept.branch and _descends(place, tip, base):
        return _back(place, kept, tip, snapshot.tree_of(place, place.head))
    return _back(place, kept, base, _common_tree(place, kept))


def _descends(place: Place, head: str | None, base: str | None) -> bool:
    return base is None or (head is not None and (head == base or place.git.is_ancestor(base, head)))


def _common_tree(place: Place, kept: Attempts) -> str:
    """The tree that the session's own work is measured from: the last commit that both histories have."""
    if place.head is None:
        return kept.before_tree
    done = place.git.try_run("merge-base", kept.before_head, place.head)
    common = done.stdout.decode().strip()
    return snapshot.tree_of(place, common) if done.returncode == 0 and common else kept.before_tree


def _back(place: Place, kept: Attempts, target: str | None, work_base: str) -> Branch:
    """Go to `target` with the work that the session did since `work_base`; where that conflicts, without it."""
    found = snapshot.worktree(place)
    ours = kept.before_tree if target == (kept.before_head or None) else snapshot.tree_of(place, target)
    result = merging.merged(place, work_base, ours, found)
    held = _keep(place, kept, target, found)
    _point(place, kept.branch, target)
    snapshot.restore(place, result or ours, snapshot.changed(place, found, result or ours))
    if target:
        place.git.run("read-tree", target)
        place.git.try_run("update-index", "-q", "--refresh")
    said = f"the session left its branch or took commits off it; the branch was put back{held}"
    if result is None:
        conflict = f"what the session did conflicts with the commits that it took off the branch{held}"
        return Branch((said,), conflict)
    return Branch((f"{said}; what the session did since is on top",))


def _keep(place: Place, kept: Attempts, target: str | None, found: str) -> str:
    """Hold what the session left by refs; says how to look at it."""
    shown = [undone.keep_tree(place, kept.session, kept.before_tree, found)]
    if place.head and not (target and place.git.is_ancestor(place.head, target)):
        shown.append(undone.keep_commit(place, kept.session, place.head))
    return f" (kept: {', '.join(shown)})"


def _point(place: Place, branch: str, target: str | None) -> None:
    """HEAD to the branch, and the branch to the commit; without a branch HEAD itself to the commit."""
    why = "orchestrator: back on the branch"
    if not branch:
        place.git.run("update-ref", "--no-deref", "-m", why, "HEAD", str(target))
        return
    place.git.run("symbolic-ref", "-m", why, "HEAD", branch)
    if target:
        place.git.run("update-ref", "-m", why, branch, target)
    else:
        place.git.try_run("update-ref", "-d", branch)

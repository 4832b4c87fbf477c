"""The branch after a session: where it was or further on, whatever the session did to it.

Commits that a session took off the branch or rewrote are put back, and what the session itself did is put on top.
"""

from __future__ import annotations

from typing import NamedTuple

from orchestrator.building import undone
from orchestrator.building.attempts import Attempts
from orchestrator.errors import GitError
from orchestrator.git import commits, merging, refs, snapshot
from orchestrator.git.place import Place
from orchestrator.git.refs import Refs

_PRUNED = "and what it pointed to was pruned: it can't be brought back"


class Branch(NamedTuple):
    """What was done about the branch: sentences, and `conflict` where the session's work did not fit on it."""

    said: tuple[str, ...] = ()
    conflict: str = ""


def settle(place: Place, kept: Attempts, before: Refs) -> Branch:
    """Put the branch of before the session back, with what the session did on top; `before` are the refs of then."""
    base = kept.before_head or None
    if place.branch == kept.branch and _descends(place, place.head, base):
        return Branch()
    tip = commits.resolve(place, kept.branch) if kept.branch and place.branch != kept.branch else place.head
    if place.branch != kept.branch and tip == base and place.head and _descends(place, place.head, base):
        point(place, kept.branch, place.head)
        left = place.branch.removeprefix("refs/heads/") or "a detached HEAD"
        name = kept.branch.removeprefix("refs/heads/") or "the detached HEAD of before"
        return Branch((f"the session committed on {left}; its commits were put on {name}",))
    if place.branch != kept.branch and kept.branch and _descends(place, tip, base):
        return _back(place, kept, tip, _work_base(place, kept, before))
    return _back(place, kept, base, _work_base(place, kept, before))


def _descends(place: Place, head: str | None, base: str | None) -> bool:
    return base is None or (head is not None and (head == base or place.git.is_ancestor(base, head)))


def _work_base(place: Place, kept: Attempts, before: Refs) -> str:
    """The tree that the session's own work is measured from: the commit that it switched to, where that was there
    before, else the last one that both histories have.
    """
    if place.head is None:
        return kept.before_tree
    if place.branch != kept.branch and place.head in before.values() and place.head != kept.before_head:
        return place.tree
    done = place.git.try_run("merge-base", kept.before_head, place.head)
    common = done.stdout.decode().strip()
    return snapshot.tree_of(place, common) if done.returncode == 0 and common else kept.before_tree


def _back(place: Place, kept: Attempts, target: str | None, work_base: str) -> Branch:
    """Go to `target` with the work that the session did since `work_base`; where that conflicts, without it."""
    found = snapshot.worktree(place)
    ours = kept.before_tree if target == (kept.before_head or None) else snapshot.tree_of(place, target)
    result = merging.merged(place, work_base, ours, found)
    held = _keep(place, kept, target, found)
    point(place, kept.branch, target)
    snapshot.restore(place, result or ours, snapshot.changed(place, found, result or ours))
    if target:
        place.git.run("read-tree", target)
        place.git.try_run("update-index", "-q", "--refresh")
    said = f"the session left its branch or took commits off it; the branch was put back{held}"
    if result is None:
        conflict = f"what the session did conflicts with the commits that it took off the branch{held}"
        return Branch((said,), conflict)
    return Branch((f"{said}; what the session did since is on top",))


def back_to_start(place: Place, kept: Attempts) -> tuple[str, ...]:
    """Go back to the branch and the files of before the session; what it did is kept."""
    found = snapshot.worktree(place)
    held = _keep(place, kept, kept.before_head or None, found)
    point(place, kept.branch, kept.before_head or None)
    snapshot.restore(place, kept.before_tree, snapshot.changed(place, found, kept.before_tree))
    if kept.before_head:
        place.git.run("read-tree", kept.before_head)
        place.git.try_run("update-index", "-q", "--refresh")
    return (f"all that the session did was put back{held}",)


def _keep(place: Place, kept: Attempts, target: str | None, found: str) -> str:
    """Hold what the session left by refs; says how to look at it."""
    shown = [undone.keep_tree(place, kept.session, kept.before_tree, found)]
    if place.head and not (target and place.git.is_ancestor(place.head, target)):
        shown.append(undone.keep_commit(place, kept.session, place.head))
    return f" (kept: {', '.join(shown)})"


def point(place: Place, branch: str, target: str | None) -> None:
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


def _stands(place: Place, old: str, new: str) -> bool:
    return new == old or (bool(new) and place.git.is_ancestor(old, new))


def _called(name: str) -> str:
    if name == "refs/stash":
        return "the stash"
    kind = "tag" if name.startswith("refs/tags/") else "branch"
    return f"the {kind} {name.removeprefix('refs/heads/').removeprefix('refs/tags/')}"


def ours(place: Place, before: Refs, now: Refs) -> list[str]:
    """Put back our refs to kept work that went, or lost commits, while the session ran; a sentence about it."""
    lost = {name: old for name, old in before.items() if name.startswith(refs.OURS)}
    lost = {name: old for name, old in lost.items() if not _stands(place, old, now.get(name, ""))}
    if not lost:
        return []
    there = {name: id for name, id in zip(lost, place.git.ids(list(lost.values())), strict=True) if id}
    said = f"{len(lost)} refs to kept work under {refs.OURS} were deleted or moved while the session ran"
    try:
        refs.hold(place, there)
    except GitError as error:
        return [f"{said}; they can't be put back: {error}"]
    gone = [name for name in lost if name not in there]
    return [f"{said}; put back" + (f", but for {', '.join(gone)}: what they pointed to was pruned" if gone else "")]


def others(place: Place, kept: Attempts, before: Refs, now: Refs) -> list[str]:
    """Other branches and tags that went, or moved to where they lose commits, while the session ran: a sentence each.

    A person may have done it, so nothing is put back; what they pointed to is held.
    """
    said = []
    for name, old in before.items():
        new = now.get(name, "")
        if name == kept.branch or name.startswith(refs.OURS) or _stands(place, old, new):
            continue
        short = name.removeprefix("refs/heads/").removeprefix("refs/tags/")
        kind, command = ("tag", "tag") if name.startswith("refs/tags/") else ("branch", "branch")
        if place.git.ids([old]) == [None]:
            said.append(f"{_called(name)} was deleted or moved while the session ran, {_PRUNED}")
            continue
        undone.keep_commit(place, kept.session, old)
        if name == "refs/stash":
            said.append(f"the stash was changed while the session ran; to have it back: git stash store {old[:10]}")
            continue
        what = "was moved" if new else "was deleted"
        said.append(
            f"the {kind} {short} {what} while the session ran; to have it back: git {command} -f {short} {old[:10]}"
        )
    return said

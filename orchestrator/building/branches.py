"""The branch after a session: back where it was, if the session left it or took commits off it."""

from __future__ import annotations

from orchestrator.building.attempts import Attempts
from orchestrator.git import commits
from orchestrator.git.place import Place, branch

_SAID = "the session left its branch or removed commits from it; HEAD was put back, the files are as they were left"


def put_back(place: Place, kept: Attempts) -> list[str]:
    """Go back to the branch of before the session; what the session made is kept under a ref. Returns what was said."""
    gone = bool(kept.before_head) and not (
        place.head and (place.head == kept.before_head or place.git.is_ancestor(kept.before_head, place.head))
    )
    if not gone and branch(place) == kept.branch:
        return []
    if place.head and place.head != kept.before_head:
        place.git.run("update-ref", f"refs/orchestrator/strays/{place.head[:12]}", place.head)
    if kept.branch:
        place.git.run("symbolic-ref", "-m", "orchestrator: back on the branch", "HEAD", kept.branch)
    target = kept.before_head
    if kept.branch and not gone:
        target = commits.resolve(place, kept.branch) or target
    if target:
        place.git.run("update-ref", *([] if kept.branch else ["--no-deref"]), "HEAD", target)
        place.git.run("read-tree", target)
        place.git.try_run("update-index", "-q", "--refresh")
    return [_SAID]

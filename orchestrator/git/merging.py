"""Three-way merges of trees, without the index and the work tree."""

from __future__ import annotations

from orchestrator.git import commits
from orchestrator.git.place import Place


def merged(place: Place, base: str, ours: str, theirs: str) -> str | None:
    """The tree that has both sides' changes since `base`; None where they conflict, or git is older than 2.38."""
    if theirs in (base, ours):
        return ours
    if ours == base:
        return theirs
    # git takes commits only, so that it can find their base.
    start = commits.alone(place, base, "base", [])
    sides = [commits.alone(place, tree, name, [start]) for name, tree in (("ours", ours), ("theirs", theirs))]
    done = place.git.try_run("merge-tree", "--write-tree", "--no-messages", *sides)
    if done.returncode != 0:
        return None
    return done.stdout.decode("ascii").splitlines()[0]

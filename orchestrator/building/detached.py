"""A build on a detached HEAD, as CI checks requests out: no branch holds its commits, so a ref of ours does."""

from __future__ import annotations

from orchestrator.git.place import Place

FOLDER = "refs/orchestrator/detached"


def ref(place: Place) -> str:
    """Where the commits of a build that begins here are kept; "" on a branch."""
    return f"{FOLDER}/{(place.head or 'start')[:12]}" if not place.branch else ""


def warning(ref: str) -> str:
    """What is said before anything is paid."""
    return f"HEAD is detached: no branch will hold what is built; it is kept under {ref} (`git switch -c NAME` first)"


def keep(place: Place, ref: str) -> str:
    """Hold HEAD by the ref; what a person types to go on from there."""
    if place.head:
        place.git.run("update-ref", "-m", "orchestrator: built on a detached HEAD", ref, place.head)
    return f"HEAD is detached; what was built is kept: git switch -c NAME {ref}"

"""Secrets in a session's own commits: those commits are taken out of the branch, the files stay in the work tree."""

from __future__ import annotations

from orchestrator.building import undone
from orchestrator.building.attempts import Attempts
from orchestrator.building.withheld import secrets
from orchestrator.git import changes
from orchestrator.git.place import Place


def take_out(place: Place, kept: Attempts) -> str:
    """Put the branch back to where it was before the session if a commit since holds a secret; why, "" for none.

    Every commit is looked at: what a later one removes is still in the history, and goes out with the next push.
    """
    base = kept.before_head or None
    if place.head is None or place.head == base:
        return ""
    found = secrets(changes.of_commits(place, base, place.head))
    if not found:
        return ""
    shown = undone.keep_commit(place, kept.session, place.head)
    _go_back(place, base)
    named = "; ".join(f"{path} ({reason})" for path, reason in sorted(found.items())[:5])
    return (
        f"the session's commits hold what must not be committed: {named}. They were taken out of the branch, the files "
        f"are as they were left (kept: {shown}). Commit the work again without that"
    )


def _go_back(place: Place, base: str | None) -> None:
    """The branch and the index to the commit, the work tree untouched."""
    why = "orchestrator: without a secret"
    if base is None:
        place.git.run("update-ref", "-d", "HEAD")
        place.git.run("read-tree", "--empty")
        return
    place.git.run("update-ref", "-m", why, "HEAD", base)
    place.git.run("read-tree", base)
    place.git.try_run("update-index", "-q", "--refresh")

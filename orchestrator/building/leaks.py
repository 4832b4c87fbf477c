"""Secrets in a session's own commits: those commits are taken out of the branch, the files stay in the work tree."""

from __future__ import annotations

from collections.abc import Sequence

from orchestrator.building import undone
from orchestrator.building.attempts import Attempts
from orchestrator.building.authorship import Made
from orchestrator.building.withheld import secrets
from orchestrator.git import changes, commits, remake, snapshot
from orchestrator.git.place import Place


def take_out(place: Place, kept: Attempts, made: Made) -> str:
    """Take the session's commits off the branch if one of them holds a secret; why, "" for none.

    Every commit is looked at: what a later one removes is still in the history, and goes out with the next push.
    """
    found = secrets(changes.of_commits(place, [sha for sha in made.commits if sha in made.own]))
    if not found or place.head is None:
        return ""
    shown = undone.keep_commit(place, kept.session, place.head)
    _go_back(place, _without(place, kept.before_head or None, made.others))
    named = "; ".join(f"{path} ({reason})" for path, reason in sorted(found.items())[:5])
    return (
        f"the session's commits hold what must not be committed: {named}. They were taken out of the branch, the files "
        f"are as they were left (kept: {shown}). Commit the work again without that"
    )


def _without(place: Place, base: str | None, others: Sequence[str]) -> str | None:
    """The commits of persons alone, on top of `base`."""
    parent = base
    for sha in others:
        before = snapshot.tree_of(place, commits.resolve(place, f"{sha}^"))
        changed = snapshot.changed(place, before, snapshot.tree_of(place, sha))
        tree = snapshot.with_entries(place, snapshot.tree_of(place, parent), changed)
        raw = place.git.run("cat-file", "commit", sha)
        parent = remake.commit_again(place.git, raw, tree, parents=[parent] if parent else [])
    return parent


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

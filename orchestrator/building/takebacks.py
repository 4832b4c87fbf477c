"""Completions of other features that a session took back, by a revert or by a word: they stand again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from orchestrator.building import record, undone
from orchestrator.building.attempts import Attempts
from orchestrator.building.checkout import Checkout
from orchestrator.git import merging, snapshot
from orchestrator.git.place import Place
from orchestrator.history.ledger import Completion, Ledger


class Restored(NamedTuple):
    """Sentences about what stands again, and `conflict` where the files of a reverted completion don't fit any more."""

    said: tuple[str, ...] = ()
    conflict: str = ""


def taken_back(ledger: Ledger, made: Collection[str], own: str) -> dict[str, tuple[str, bool]]:
    """The features besides the session's own that one of its commits took back: that commit, and whether it is a
    revert, which takes files away too.
    """
    return {id: (sha, how == "reverted") for id, (sha, how) in ledger.cancelled.items() if sha in made and id != own}


def restore(
    checkout: Checkout, kept: Attempts, own: str, lost: Mapping[str, tuple[str, bool]],
    completions: Mapping[str, Completion],
) -> Restored:  # fmt: skip
    """Complete again what was complete before, with the files that reverts took away; `completions` are those of then.

    `own` is the feature that the session was for, `lost` as `taken_back` gives it.
    """
    place = checkout.project.repository
    found = tree = snapshot.worktree(place)
    for sha in dict.fromkeys(sha for sha, reverts in lost.values() if reverts):
        result = merging.merged(place, snapshot.tree_of(place, sha), tree, _parent_tree(place, sha))
        if result is None:
            shown = undone.keep_commit(place, kept.session, str(place.head))
            what = f"the session reverted {', '.join(lost)}, and its own work is in the way of restoring it"
            return Restored(conflict=f"{what} (kept: {shown})")
        tree = result
    paths = set(snapshot.changed(place, found, tree)) - {record.list_name(checkout.project)}
    snapshot.restore(place, tree, paths)
    for id in lost:
        why = f"A session for {own} took it back; nobody asked for that."
        record.complete_again(checkout.refresh(), id, completions[id], paths, why)
    checkout.refresh()
    return Restored(tuple(f"{id}: was completed, and the session took it back; it is complete again" for id in lost))


def _parent_tree(place: Place, sha: str) -> str:
    """The tree before a commit; its own where the commit changed nothing, or began the history."""
    done = place.git.try_run("rev-parse", "--verify", "--quiet", f"{sha}^1^{{tree}}")
    return done.stdout.decode().strip() if done.returncode == 0 else snapshot.tree_of(place, sha)

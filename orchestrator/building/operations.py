"""An operation of git that a session left under way: kept, and ended by its own abort."""

from __future__ import annotations

from orchestrator.building import undone
from orchestrator.building.attempts import Attempts
from orchestrator.git import snapshot, under_way
from orchestrator.git.place import Place

# The marker of an operation in the git dir, and what ends it.
_ABORTS = {
    "rebase-merge": ("rebase", "--abort"),
    "rebase-apply/applying": ("am", "--abort"),
    "rebase-apply": ("rebase", "--abort"),
    "CHERRY_PICK_HEAD": ("cherry-pick", "--abort"),
    "REVERT_HEAD": ("revert", "--abort"),
    "MERGE_HEAD": ("merge", "--abort"),
    "sequencer": ("cherry-pick", "--abort"),
    "BISECT_LOG": ("bisect", "reset"),
}
_TRIES = 4  # a rebase within a bisect, a merge within a rebase


def end(place: Place, kept: Attempts) -> str:
    """End what the session left under way; a sentence about it, "" where there is nothing."""
    first = under_way.operation(place.git_dir)
    if not first:
        return ""
    shown = undone.keep_tree(place, kept.session, kept.before_tree, snapshot.worktree(place))
    for _ in range(_TRIES):
        if not under_way.operation(place.git_dir):
            break
        _abort(place)
    return f"the session left a {first} under way; it was ended (its files are kept: {shown})"


def _abort(place: Place) -> None:
    command = next(words for marker, words in _ABORTS.items() if (place.git_dir / marker).exists())
    quiet = ("-c", "core.hooksPath=/dev/null", "-c", "advice.detachedHead=false")
    if place.git.try_run(*quiet, *command).returncode == 0:
        return
    # An abort that the files are in the way of: the operation is forgotten, and the files are put right after it.
    if place.git.try_run(*quiet, command[0], "--quit").returncode != 0:
        _forget(place)


def _forget(place: Place) -> None:
    """Delete what says that an operation is under way."""
    import shutil

    for operation in under_way.OPERATIONS:
        path = place.git_dir / operation.marker
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)

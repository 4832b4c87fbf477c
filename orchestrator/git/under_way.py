"""The operations that git can be in the middle of (merge, rebase, ...): one table for all who ask."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple


class Operation(NamedTuple):
    """`marker` is the file or folder of the git dir that is there while it lasts. `replays`: the messages of its
    commits tell of what was, not of what the commit does. `unsettled`: HEAD is between two places until it ends, so
    nothing is synced meanwhile.
    """

    marker: str
    name: str
    replays: bool = False
    unsettled: bool = False


OPERATIONS = (
    Operation("rebase-merge", "rebase", replays=True, unsettled=True),
    Operation("rebase-apply", "rebase or am", replays=True, unsettled=True),
    Operation("sequencer", "cherry-pick or revert", replays=True),
    Operation("MERGE_HEAD", "merge", replays=True),
    Operation("CHERRY_PICK_HEAD", "cherry-pick", replays=True),
    Operation("REVERT_HEAD", "revert"),
    Operation("BISECT_LOG", "bisect", unsettled=True),
)
# The user's own changes are still put away: a merge or rebase brings them back at its very end.
AUTOSTASHES = ("rebase-merge/autostash", "rebase-apply/autostash", "MERGE_AUTOSTASH")


def operation(git_dir: Path) -> str:
    """The name of the operation that git is in the middle of; "" when there is none."""
    return next((one.name for one in OPERATIONS if (git_dir / one.marker).exists()), "")


def replays(git_dir: Path) -> bool:
    """Whether the commit in the making repeats an older one, or brings another side's history."""
    return any(one.replays and (git_dir / one.marker).exists() for one in OPERATIONS)


def unsettled(git_dir: Path) -> bool:
    """Whether HEAD will move on by itself: in a rebase, an am or a bisect."""
    return any(one.unsettled and (git_dir / one.marker).exists() for one in OPERATIONS)


def autostashed(git_dir: Path) -> bool:
    """Whether git has put the user's changes away and not yet brought them back."""
    return any((git_dir / name).exists() for name in AUTOSTASHES)

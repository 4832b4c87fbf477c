"""Brings the feature list in line with the history: in the work tree, or inside the commit just made (SPEC 4, 6)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from orchestrator import files
from orchestrator.errors import OrchestratorError
from orchestrator.features import model
from orchestrator.features.dialects.tables import BUILT_IN, Rules
from orchestrator.git import remake, under_way
from orchestrator.git.place import Place
from orchestrator.history import index
from orchestrator.history.events import Words
from orchestrator.history.flips import Flip, flips
from orchestrator.history.ledger import Ledger


class Flipper:
    """Brings versions of a list in line with one ledger; the same bytes are looked at once."""

    def __init__(self, ledger: Ledger, rules: Rules = BUILT_IN) -> None:
        self._ledger = ledger
        self._rules = rules
        self._known: dict[bytes, tuple[bytes, list[Flip]]] = {}

    def of(self, data: bytes, where: str) -> tuple[bytes, list[Flip]]:
        """The list with its flags as the history says, and which those are; raises OrchestratorError when invalid."""
        if data not in self._known:
            self._known[data] = self._flipped(data, where)
        return self._known[data]

    def _flipped(self, data: bytes, where: str) -> tuple[bytes, list[Flip]]:
        found = flips(model.parse(data, where, self._rules, lenient=True).features, self._ledger)
        if not found:
            return data, []
        from orchestrator.features import marks  # only where something is written

        return marks.turn(data, {flip.id: flip.passes for flip in found}, self._rules, where), found


def worktree(
    place: Place, path: Path, lock: Path, words: Words, kept: index.Kept | None = None, rules: Rules = BUILT_IN
) -> list[Flip]:
    """Sync the list in the work tree; the flags that were flipped. The file is not touched when none is."""
    name = place.relative(path)
    with files.lock(lock, purpose="sync"):
        found = _worktree(path, Flipper(index.read(place, words, kept), rules))
        if found:
            remake.refresh(place, name)
        return found


def _worktree(path: Path, flipper: Flipper) -> list[Flip]:
    new, found = flipper.of(path.read_bytes(), path.name)
    if found:
        files.write_atomic(path, new)
    return found


class Carried(NamedTuple):
    """`head` is HEAD afterwards; `settled` says that HEAD, index and work tree all have the list that was written."""

    head: str | None
    settled: bool = False


def carry(place: Place, path: Path, lock: Path, words: Words, rules: Rules = BUILT_IN) -> Carried:
    """Remake HEAD, the commit just made, so that its own list says what the history now says.

    Author, dates, message, the rest of the index and of the work tree stay; the index's and the work tree's
    own versions of the list get the same flips. In that order: whatever interrupts it leaves at most a flip
    that is not committed yet. Where remaking is not safe, the flip is left in the work tree. A list that is not in
    the work tree (deleted, or outside of a sparse checkout) does not come back by it.
    """
    name = place.relative(path)
    with files.lock(lock, purpose="sync"):
        flipper = Flipper(index.read(place, words), rules)
        found = _worktree(path, flipper) if path.is_file() else []
        made = _remade(place, path, flipper)
        if found and not made:
            remake.refresh(place, name)
        return made or Carried(place.head)


def _remade(place: Place, path: Path, flipper: Flipper) -> Carried | None:
    """The commit that took HEAD's place; None where nothing had to change, or must not."""
    if place.head is None or not may_remake(place, place.head):
        return None
    seen = remake.look(place.git, place.head, place.relative(path))
    if seen.entry is None:
        _stage(place, path, None, "", flipper)  # the user is about to add it
        return None
    try:
        new, found = flipper.of(seen.entry.content, f"{path.name} of {place.head[:10]}")
    except OrchestratorError:
        return None  # the committed list is no list: nothing of it may be touched
    if not found or not remake.can_be_made_again(seen.raw):
        return None
    blob = place.git.write("blob", new)
    staged = _stage(place, path, seen.entry, blob, flipper)
    made = remake.commit_again(place.git, seen.raw, remake.tree_with(place.git, seen, blob))
    remake.move_head(place, made, place.head, "orchestrator: the completing commit carries its flip")
    return Carried(made, staged == blob and path.is_file() and path.read_bytes() == new)


def _stage(place: Place, path: Path, committed: remake.Entry | None, blob: str, flipper: Flipper) -> str | None:
    """Give the index the flipped list: `blob` in the place of the committed one's, its own where the user staged
    another; which.
    """
    name = place.relative(path)
    staged = remake.staged(place.git, name, committed)
    if staged is None:
        return None
    if committed is None or staged.blob != committed.blob:
        try:
            new, found = flipper.of(staged.content, f"{path.name} (staged)")
        except OrchestratorError:
            return None
        if not found:
            return staged.blob
        blob = place.git.write("blob", new)
    remake.update_index(place, name, staged, blob)
    return blob


def may_remake(place: Place, commit: str) -> bool:
    """Whether the commit may be made again: nothing is under way, and no remote has it."""
    return not under_way.operation(place.git_dir) and not remake.on_a_remote(place.git, commit)


def preview(place: Place, path: Path, words: Words, rules: Rules = BUILT_IN) -> list[Flip]:
    """The flags that a sync would flip; writes nothing but the cache."""
    return flips(model.parse(path.read_bytes(), path.name, rules).features, index.read(place, words))


def lines(found: Sequence[Flip]) -> list[str]:
    """One sentence for each flipped flag."""
    return [f"{flip.id}: passes {str(flip.passes).lower()} ({flip.reason})" for flip in found]

"""Brings the feature list in line with the history: in the work tree, or inside the commit just made (SPEC 4, 6)."""

from __future__ import annotations

import zlib
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
from orchestrator.history.events import Words, parse
from orchestrator.history.flips import Flip, by_hand, flips
from orchestrator.history.ledger import Ledger


class Flipper:
    """Brings versions of a list in line with one ledger; the same bytes are looked at once.

    `written` is the list that sync itself wrote last: where that lies in the work tree, nobody turned anything off.
    """

    def __init__(self, ledger: Ledger, rules: Rules = BUILT_IN, written: bytes = b"") -> None:
        self._ledger, self._rules, self._written = ledger, rules, written
        self._known: dict[bytes, tuple[bytes, list[Flip]]] = {}

    def of(self, data: bytes, where: str) -> tuple[bytes, list[Flip]]:
        """The list with its flags as the history says, and which those are; raises OrchestratorError when invalid."""
        if data not in self._known:
            self._known[data] = self._flipped(data, where)
        return self._known[data]

    def all_ours(self, data: bytes) -> bool:
        """Whether no person's wish is in the list."""
        return not any(
            by_hand(feature, self._ledger) for feature in model.parse(data, rules=self._rules, lenient=True).features
        )

    def _flipped(self, data: bytes, where: str) -> tuple[bytes, list[Flip]]:
        ledger = self._ledger._replace(behind=None) if _mark(data) == self._written else self._ledger
        found = flips(model.parse(data, where, self._rules, lenient=True).features, ledger)
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
        found = _worktree(place, path, Flipper(index.read(place, words, kept, path, rules), rules, _written(place)))
        if found:
            remake.refresh(place, name)
        return found


def _worktree(place: Place, path: Path, flipper: Flipper) -> list[Flip]:
    new, found = flipper.of(path.read_bytes(), path.name)
    if found:
        files.write_atomic(path, new)
        files.keep(place.own_store / "written", _mark(new) if flipper.all_ours(new) else b"")
    return found


def _mark(data: bytes) -> bytes:
    return b"%d %08x" % (len(data), zlib.crc32(data))


def _written(place: Place) -> bytes:
    try:
        return (place.own_store / "written").read_bytes()
    except OSError:
        return b""


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
        ledger = _amended(place, words, index.read(place, words, path=path, rules=rules))
        flipper = Flipper(ledger, rules, _written(place))
        found = _worktree(place, path, flipper) if path.is_file() else []
        made = _remade(place, path, flipper)
        if found and not made:
            remake.refresh(place, name)
        return made or Carried(place.head)


def _amended(place: Place, words: Words, ledger: Ledger) -> Ledger:
    """The ledger without what an amend has just taken out of HEAD's message, though its list still has the flip."""
    own = [id for id, (sha, on) in ledger.settled.items() if on and sha == place.head]
    if not own:
        return ledger
    said = place.git.text("log", "-g", "-2", "--encoding=UTF-8", "--format=%gs%x00%B%x01", "HEAD", "--").split("\1")
    if len(said) < 3 or not said[0].startswith("commit (amend)"):
        return ledger
    before = parse(said[1].partition("\0")[2], words).completed
    return ledger._replace(standing={id: c for id, c in ledger.standing.items() if id not in own or id not in before})


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
    features = model.parse(path.read_bytes(), path.name, rules).features
    return flips(features, index.read(place, words, path=path, rules=rules))


def lines(found: Sequence[Flip]) -> list[str]:
    """One sentence for each flipped flag."""
    return [f"{flip.id}: passes {str(flip.passes).lower()} ({flip.reason})" for flip in found]

"""Brings the list in line with the history: in the work tree, or in the commit just made (docs/contract.md, 4, 6)."""

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

OWED = "owed"  # there while flips in the work tree wait for a commit; the script of post-commit looks for it


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
    place: Place,
    path: Path,
    lock: Path,
    words: Words,
    kept: index.Kept | None = None,
    rules: Rules = BUILT_IN,
    *,
    carried_later: bool = False,
) -> list[Flip]:
    """Sync the list in the work tree; the flags that were flipped. The file is not touched when none is.

    `carried_later`: hooks of ours will put the flips into the next commit, see `_owe`.
    """
    name = place.relative(path)
    with files.lock(lock, purpose="sync"):
        flipper = Flipper(index.read(place, words, kept, path, rules), rules, _written(place))
        found = _worktree(place, path, flipper)
        if found and carried_later:
            _owe(place, path, flipper)
        elif found:
            remake.refresh(place, name, remake.staged(place.git, name))
        return found


def carries_later(place: Place, write: str) -> bool:
    """Whether flips in the work tree go with the next commit: hooks are installed, and may write into commits."""
    return write == "commit" and (place.store / "projects").exists()


def _worktree(place: Place, path: Path, flipper: Flipper) -> list[Flip]:
    new, found = flipper.of(path.read_bytes(), path.name)
    if found:
        files.write_atomic(path, new)
        files.keep(place.own_store / "written", _mark(new) if flipper.all_ours(new) else b"")
    return found


def _owe(place: Place, path: Path, flipper: Flipper) -> None:
    """Have the next commit carry the flips that lie in the work tree, and git not count them as the user's changes.

    After a pull nothing can carry them: that commit is on the remote. Git would refuse the next pull, rebase or switch
    that touches the list, to protect a change in which the user has nothing to lose. So git is told that the file is
    unchanged: it replaces it, and the hook that follows flips again. A list that the user changed too stays protected.
    """
    files.keep(place.own_store / OWED, b"")
    name = place.relative(path)
    committed = remake.committed(place.git, place.head, name) if place.head and path.is_file() else None
    staged = remake.staged(place.git, name, committed)
    present = path.read_bytes() if staged and committed and staged.blob == committed.blob else b""
    if staged and present != staged.content and _only_flips_differ(flipper, staged.content, present, name):
        remake.leave_unnoticed(place, name, staged)
    else:
        remake.refresh(place, name, staged)


def settle(place: Place) -> None:
    """Say that no commit has to carry flips: HEAD's lists have them all."""
    (place.own_store / OWED).unlink(missing_ok=True)


def _only_flips_differ(flipper: Flipper, staged: bytes, present: bytes, name: str) -> bool:
    try:
        flipped, _ = flipper.of(staged, f"{name} (staged)")
    except OrchestratorError:
        return False
    return flipped.replace(b"\r\n", b"\n") == present.replace(b"\r\n", b"\n")


def _mark(data: bytes) -> bytes:
    return b"%d %08x" % (len(data), zlib.crc32(data))


def _written(place: Place) -> bytes:
    try:
        return (place.own_store / "written").read_bytes()
    except OSError:
        return b""


class Carried(NamedTuple):
    """`head` is HEAD afterwards; `settled` says that HEAD, index and work tree all have the list that was written.
    `owes`: HEAD's list still lacks flips; None where that was not found out.
    """

    head: str | None
    settled: bool = False
    owes: bool | None = None


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
        if found:
            files.keep(place.own_store / OWED, b"")  # whatever goes wrong from here on
        made = _remade(place, path, flipper)
        if made.owes or (found and made.owes is None):
            _owe(place, path, flipper)
        elif found and made.head == place.head:
            remake.refresh(place, name, remake.staged(place.git, name))
        return made


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


def _remade(place: Place, path: Path, flipper: Flipper) -> Carried:
    """HEAD, or the commit that took its place, where something had to change and may."""
    if place.head is None or not may_remake(place, place.head):
        return Carried(place.head)
    seen = remake.look(place.git, place.head, place.relative(path))
    if seen.entry is None:
        _stage(place, path, None, "", flipper)  # the user is about to add it
        return Carried(place.head, owes=False)
    try:
        new, found = flipper.of(seen.entry.content, f"{path.name} of {place.head[:10]}")
    except OrchestratorError:
        return Carried(place.head, owes=False)  # the committed list is no list: nothing of it may be touched
    if not found or not remake.can_be_made_again(seen.raw):
        return Carried(place.head, owes=bool(found))
    blob = place.git.write("blob", new)
    staged = _stage(place, path, seen.entry, blob, flipper)
    made = remake.commit_again(place.git, seen.raw, remake.tree_with(place.git, seen, blob))
    remake.move_head(place, made, place.head, "orchestrator: the completing commit carries its flip")
    settled = staged == blob and path.is_file() and path.read_bytes() == new
    return Carried(made, settled, owes=False)


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

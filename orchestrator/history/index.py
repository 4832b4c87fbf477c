"""The index: every commit that says something, scanned once and kept under the git dir.

A commit never changes, so what it says is kept by its id for ever; only how the repository is looked at can
change (shallow, replace refs, the prefixes), and then the index is made anew. It may be deleted at any time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator.git.place import Place
from orchestrator.history import ledger, store
from orchestrator.history.events import Message, Words
from orchestrator.history.ledger import Event, Ledger

if TYPE_CHECKING:  # what walks the history is imported when there is something new in it
    from orchestrator.history import walk

VERSION = 4
# What can change the meaning of a commit's id, in the git dir that all work trees share: `_fit` reads it.
SOURCES = ("shallow", "info/grafts", "packed-refs", "refs/replace", "reftable/tables.list", "config")
_HEADS_KEPT = 64


class Index:
    """The events in the order they were found (ancestors first), and for some commits the newest events
    before them (`tips`, the commit itself counted): the heads that were asked for. `reached` holds for a head
    which of the commits that reverts ask about it reaches.
    """

    def __init__(
        self,
        place: Place,
        words: Words,
        events: Sequence[Event] = (),
        tips: Mapping[str, tuple[int, ...]] = {},
        reached: Mapping[str, list[str]] = {},
    ) -> None:
        self.place, self.words = place, words
        self.events = list(events)
        self.tips, self.reached = dict(tips), dict(reached)
        self.changed = False
        self.by_sha = {event.sha: at for at, event in enumerate(self.events)}
        self.subjects = {event.message.subject for event in self.events}
        self._whole: AbstractSet[str] = frozenset()

    def tips_of(self, sha: str) -> tuple[int, ...]:
        """The newest events that the commit reaches; what the index does not know yet is scanned."""
        known = self.known(sha)
        return self._scanned(sha) if known is None else known

    def known(self, sha: str) -> tuple[int, ...] | None:
        """The same where nothing has to be scanned for it, else None."""
        if sha in self.tips:
            return self.tips[sha]
        return (self.by_sha[sha],) if sha in self.by_sha else None

    def _scanned(self, head: str) -> tuple[int, ...]:
        frontier: dict[str, tuple[int, ...]] = {}
        walked = self._walk(head)
        for sha, parents in walked.steps:
            lines = [frontier[parent] if parent in frontier else self.known(parent) or () for parent in parents]
            above: tuple[int, ...] = ()
            for line in lines:
                above = self._joined(above, line)
            if sha in walked.records:
                above = self._said(sha, above, lines, *walked.records[sha])
            frontier[sha] = above
        self.tips[head] = frontier[head]
        self.changed = True
        return self.tips[head]

    def _walk(self, head: str) -> walk.Walk:
        from orchestrator.history import walk

        if not self.events and not self.tips:
            walked = walk.whole(self.place.git, head, self.words)
            self._whole = walked.shas
            return walked
        return walk.newer(self.place.git, head, self.words, lambda sha: self.known(sha) is not None)

    def _joined(self, one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
        """The newest events of two lines of history together."""
        if one == other or not other:
            return one
        if not one:
            return other
        from orchestrator.history import undoings

        both = {*one, *other}
        return tuple(at for at in sorted(both) if not undoings.comes_before(self.events, at, both - {at}))

    def _said(
        self, sha: str, above: tuple[int, ...], lines: Sequence[tuple[int, ...]], time: int, message: Message
    ) -> tuple[int, ...]:
        """The commit as the newest event, after those of each of its `lines`; it is in the index afterwards."""
        if sha in self.by_sha:
            return (self.by_sha[sha],)
        if len(lines) > 1:
            from orchestrator.history import undoings

            message = undoings.news(self.events, message, lines)
        undoes = self._undoings(sha, above, message)
        self.by_sha[sha] = len(self.events)
        self.subjects.add(message.subject)
        self.events.append(Event(sha, time, message, above, undoes))
        return (self.by_sha[sha],)

    def is_ancestor(self, ancestor: str, sha: str) -> bool:
        """Whether `sha` reaches the commit; one that the repository does not have, it does not."""
        if sha in self._whole and len(ancestor) == len(sha) and ancestor not in self._whole:
            return False  # all that `sha` reaches was walked just now: no git has to be asked
        return self.place.git.is_ancestor(ancestor, sha)

    def _undoings(self, sha: str, above: tuple[int, ...], message: Message) -> tuple[ledger.Undoing, ...]:
        if not message.reverts:
            return ()
        from orchestrator.history import undoings

        found = (undoings.undoing(self.place, self, sha, above, one, self.words) for one in message.reverts)
        return tuple(one for one in found if one is not None)

    def reached_by(self, head: str) -> list[str]:
        """Of the commits that reverts ask about, those that `head` reaches."""
        if head not in self.reached:
            asked = {one.sha for event in self.events for one in event.undoes if one.asks}
            if not asked:
                return []
            from orchestrator.history import undoings

            self.reached[head] = undoings.reached(self.place, asked, head)
            self._bring(set(self.reached[head]))
            self.changed = True
        return self.reached[head]

    def _bring(self, reached: set[str]) -> None:
        """Look again what the reverted merges brought: they may have come only after their reverts."""
        from orchestrator.history import undoings

        for at, event in enumerate(self.events):
            if any(one.kept and one.sha in reached for one in event.undoes):
                again = [
                    one._replace(brought=undoings.brought(self.place, self, one.sha, one.kept))
                    if one.kept and one.sha in reached
                    else one
                    for one in event.undoes
                ]
                self.events[at] = event._replace(undoes=tuple(again))

    def settled(self) -> None:
        """All of it is on disk, and what only the scan needed can go."""
        self.changed = False
        self._whole = frozenset()

    def ledger(self, head: str) -> Ledger:
        """What the history of `head` says."""
        tips = self.tips_of(head)
        reached = self.reached_by(head)
        return ledger.build(self.events, tips, head=head, shallow=self.place.shallow, words=self.words, reached=reached)


class Kept:
    """The index in memory and the ledger it gave last, for a process that looks again and again."""

    def __init__(self) -> None:
        self.fit = ""
        self.index: Index | None = None
        self.ledger = Ledger()


def read(place: Place, words: Words, kept: Kept | None = None) -> Ledger:
    """The ledger of HEAD, from the index brought up to date; the index on disk follows."""
    if place.head is None:
        return Ledger()
    kept = kept or Kept()
    path = place.store / "events.json"
    fit = _fit(place, words)
    if kept.index is None or kept.fit != fit:
        saved = store.load(path, fit)
        kept.fit, kept.index, kept.ledger = fit, Index(place, words, *(saved or ())), Ledger()
    index = kept.index
    if kept.ledger.head != place.head:
        index.place = place
        kept.ledger = index.ledger(place.head)
    if index.changed:
        heads = list(index.tips)[-_HEADS_KEPT:]
        tips = {head: index.tips[head] for head in heads}
        reached = {head: index.reached[head] for head in heads if head in index.reached}
        store.save(path, fit, index.events, tips, reached)
        index.settled()
    return kept.ledger


def scan(place: Place, words: Words) -> Ledger:
    """The ledger of HEAD read from the history alone, whatever the index on disk says."""
    return Index(place, words).ledger(place.head) if place.head else Ledger()


def _fit(place: Place, words: Words) -> str:
    """All that changes what a commit id means here."""
    parts = [str(VERSION), words.completed, words.reopened]
    for name in ("shallow", "info/grafts"):
        parts.append(_content(place.common_dir / name).decode("latin-1"))
    packed = _content(place.common_dir / "packed-refs")
    replaced = place.common_dir / "refs" / "replace"
    if b" refs/replace/" in packed or replaced.is_dir() or (place.common_dir / "reftable").is_dir():
        parts.append(place.git.text("for-each-ref", "--format=%(refname) %(objectname)", "refs/replace/"))
        parts.append(place.git.text("config", "--default=true", "core.useReplaceRefs"))
    return "\0".join(parts)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""

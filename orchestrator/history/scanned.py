"""The commits of a history that say something, and how they hang together, kept from one scan to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, NamedTuple

from orchestrator.git.place import Place
from orchestrator.history import ledger
from orchestrator.history.events import Message, Words
from orchestrator.history.ledger import Event

if TYPE_CHECKING:  # what walks the history is imported when there is something new in it
    from orchestrator.history import walk

_ROOT = (0, Message(""))


class Mark(NamedTuple):
    """What was known at one time."""

    events: Sequence[Event] = ()
    tips: Mapping[str, tuple[int, ...]] = {}
    reached: Mapping[str, list[str]] = {}


class Scanned:
    """The events in the order they were found (ancestors first), and for some commits the newest events
    before them (`tips`, the commit itself counted): the heads that were asked for. `reached` holds for a head
    which of the commits that reverts ask about it reaches. Each root is an event too, so that it can be asked which
    history another one comes from.

    `more` are commits that count as events although their messages say nothing, `walked` those that were looked at
    since somebody emptied it, `suspects` lines that may count for less than they seem to.
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
        self.more: dict[str, tuple[int, Message]] = {}
        self.changed = False
        self._whole: AbstractSet[str] = frozenset()
        self.walked: set[str] = set()
        self.suspects: dict[str, list[str]] = {}
        self.put_back(Mark(events, tips, reached))

    def mark(self) -> Mark:
        """What is known now."""
        return Mark(list(self.events), dict(self.tips), dict(self.reached))

    def put_back(self, mark: Mark) -> None:
        """Know only what was known then."""
        self.events = list(mark.events)
        self.tips, self.reached = dict(mark.tips), dict(mark.reached)
        self.by_sha = {event.sha: at for at, event in enumerate(self.events)}
        self.subjects = {event.message.subject for event in self.events} - {""}

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
        self.walked.update(walked.shas or (sha for sha, _ in walked.steps))
        self.suspects.update(walked.suspects)
        for sha, parents in walked.steps:
            lines = [frontier[parent] if parent in frontier else self.known(parent) or () for parent in parents]
            above: tuple[int, ...] = ()
            for line in lines:
                above = self._joined(above, line)
            if sha in walked.records or not parents:
                above = self._said(sha, above, lines, *walked.records.get(sha, _ROOT))
            frontier[sha] = above
        self.tips[head] = frontier[head]
        self.changed = True
        return self.tips[head]

    def _walk(self, head: str) -> walk.Walk:
        from orchestrator.history import walk

        if not self.events and not self.tips:
            walked = walk.whole(self.place.git, head, self.words, self.more)
            self._whole = walked.shas
            return walked
        return walk.newer(self.place.git, head, self.words, lambda sha: self.known(sha) is not None, self.more)

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
        self.subjects.update([message.subject] if message.subject else [])
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

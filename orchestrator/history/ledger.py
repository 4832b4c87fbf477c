"""The ledger: which completions stand, decided from the events of HEAD's history alone (docs/contract.md, 4)."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from orchestrator.history.ancestry import Ancestry
from orchestrator.history.events import Message, Words, named_ids


class Undoing(NamedTuple):
    """What one revert undoes: the commit `sha` (as written, "" where none is told) where HEAD reaches it, else the
    newest ancestor of the revert with `subject`, or `instead` where that is known already.

    Of a reverted merge it is all the events that only the merge brought in (`brought`), as against the parent
    `kept`. `asks` says that HEAD has to be asked whether it reaches `sha`, which is no event or a merge.
    Events are named by their positions in the scan.
    """

    sha: str
    subject: str = ""
    brought: tuple[int, ...] | None = None
    kept: str = ""
    instead: tuple[int, ...] | None = None
    asks: bool = False


class Event(NamedTuple):
    """A commit that says something; `parents` are the positions of the nearest events before it."""

    sha: str
    time: int
    message: Message
    parents: tuple[int, ...] = ()
    undoes: tuple[Undoing, ...] = ()


class Completion(NamedTuple):
    """A commit that completes a feature; a larger `order` is newer, ancestors come before descendants."""

    sha: str
    time: int
    order: int
    digest: str = ""
    verified: tuple[str, ...] = ()


class Ledger(NamedTuple):
    """What HEAD's history says. `standing` holds the completions that are not cancelled, oldest first;
    `cancelled` the commit that cancelled the newest completion of a feature that has none left; `doubtful` are
    the features that a revert may or may not concern, since a shallow history does not show its target.

    `settled` are those where HEAD's list and the messages disagree and a commit of the list has the last word: which
    commit, and whether it turned the feature on. `behind` are the completed ones that HEAD's own list does not have as
    passing; None where HEAD has no list, or was not asked for it. `marked` are those of them that HEAD's list has off
    with the mark still there.
    """

    head: str | None = None
    shallow: bool = False
    standing: Mapping[str, tuple[Completion, ...]] = {}
    cancelled: Mapping[str, tuple[str, str]] = {}
    doubtful: frozenset[str] = frozenset()
    ancestry: Ancestry | None = None
    settled: Mapping[str, tuple[str, bool]] = {}
    behind: frozenset[str] | None = None
    marked: frozenset[str] = frozenset()
    history: History | None = None

    def completion(self, id: str) -> Completion | None:
        """The newest standing completion of the feature."""
        found = self.standing.get(id)
        return found[-1] if found else None

    def follows(self, later: Completion, earlier: Completion) -> bool:
        """Whether `later` came after `earlier` did: `earlier` was made without having it."""
        if later.order == earlier.order or self.ancestry is None:
            return False
        return not self.ancestry.is_ancestor(later.order, earlier.order)

    def silent(self, id: str) -> bool:
        """Whether a shallow history can't tell: it shows neither a completion nor its undoing, or an undoing
        of which it does not show what it undoes.
        """
        shown = id in self.standing or id in self.cancelled
        return self.shallow and (id in self.doubtful or not shown)


def build(
    events: Sequence[Event],
    tips: Iterable[int],
    *,
    head: str | None,
    shallow: bool = False,
    words: Words = Words(),
    reached: Collection[str] = (),
    own: Callable[[], str] | None = None,
    cut: Collection[str] = (),
) -> Ledger:
    """The ledger of the history whose newest events are `tips` (positions in `events`); `reached` are those of
    the commits that undoings ask about that it reaches. `own` tells the root of this project's own line of history: it
    is asked where several repositories were joined; `cut` are the commits at the border of a shallow history.
    """
    order = _ordered(events, tips)
    history = History([events[at] for at in order], {at: rank for rank, at in enumerate(order)}, reached)
    if own is not None:
        history.foreign = history.from_elsewhere(own, cut)
    standing: dict[str, list[Completion]] = defaultdict(list)
    cancelled: dict[str, tuple[str, str]] = {}
    for id, completers in history.completers.items():
        for at in completers:
            if at in history.foreign:
                continue
            undone_by = history.undone_by(at, history.reopeners.get(id, ()))
            if undone_by is None:
                standing[id].append(history.completion(at, id))
            else:
                how = "reverted" if undone_by in history.reverters.get(at, ()) else "reopened"
                cancelled[id] = (history.events[undone_by].sha, how)
    if shallow:
        cancelled = {**_cut_off(history, words), **cancelled}
    return Ledger(
        head,
        shallow,
        {id: tuple(found) for id, found in standing.items()},
        {id: by for id, by in cancelled.items() if id not in standing},
        frozenset(history.doubtful()) if shallow else frozenset(),
        ancestry=history.ancestry,
        history=history,
    )


def _ordered(events: Sequence[Event], tips: Iterable[int]) -> list[int]:
    """The events reachable from `tips`, ancestors first, else by date and id: the same from any scan."""
    reachable: set[int] = set()
    todo = list(tips)
    while todo:
        at = todo.pop()
        if at not in reachable:
            reachable.add(at)
            todo.extend(events[at].parents)
    children: dict[int, list[int]] = defaultdict(list)
    missing: dict[int, int] = {}
    for at in reachable:
        missing[at] = len(events[at].parents)
        for parent in events[at].parents:
            children[parent].append(at)
    ready = [(events[at].time, events[at].sha, at) for at in reachable if not missing[at]]
    heapq.heapify(ready)
    order = []
    while ready:
        at = heapq.heappop(ready)[2]
        order.append(at)
        for child in children[at]:
            missing[child] -= 1
            if not missing[child]:
                heapq.heappush(ready, (events[child].time, events[child].sha, child))
    return order


class History:
    """The events that HEAD reaches, in order; `positions` says where an event of the scan is among them. `reverters`
    are for each event those that revert it, `alive` whether none of them stands.
    """

    def __init__(self, events: list[Event], positions: Mapping[int, int], reached: Collection[str]) -> None:
        self.events = events
        self.ancestry = Ancestry([[positions[parent] for parent in event.parents] for event in events])
        self.foreign: Collection[int] = ()
        self._positions = positions
        self._reached = reached
        self.position = {event.sha: at for at, event in enumerate(events)}
        self._by_subject: dict[str, list[int]] = defaultdict(list)
        for at, event in enumerate(events):
            self._by_subject[event.message.subject].append(at)
        self.completers, self.reopeners = self._by_id("completed"), self._by_id("reopened")
        self.reverters = self._reverters()
        self.alive = _alive(self.reverters, len(events))

    def _by_id(self, what: str) -> dict[str, list[int]]:
        """The events that complete, or reopen, each feature."""
        found: dict[str, list[int]] = defaultdict(list)
        for at, event in enumerate(self.events):
            for id in getattr(event.message, what):
                found[id].append(at)
        return found

    def from_elsewhere(self, own: Callable[[], str], cut: Collection[str]) -> frozenset[int]:
        """The events of histories that were joined to this project's: those that do not descend from its own root.

        What descends from the border of a shallow history may descend from any root, and is taken for ours.
        """
        roots = [at for at, event in enumerate(self.events) if not event.parents]
        beside = [at for at in range(len(self.events)) if not all(self._from(at, root) for root in roots)]
        if not any(self.events[at].message.subject for at in beside):  # roots that say nothing have none
            return frozenset()
        root = own()
        ours = [at for at in roots if self.events[at].sha == root or self.events[at].sha in cut]
        return frozenset(at for at in beside if not any(self._from(at, one) for one in ours))

    def _from(self, at: int, root: int) -> bool:
        return at == root or self.ancestry.is_ancestor(root, at)

    def completion(self, at: int, id: str) -> Completion:
        """The event as a completion of the feature."""
        event = self.events[at]
        return Completion(event.sha, event.time, at, event.message.digests.get(id, ""), event.message.verified)

    def words_on(self, id: str) -> list[int]:
        """The events that complete the feature, or cancel what does."""
        said = [at for at in self.completers.get(id, ()) if at not in self.foreign]
        reverts = [by for at in said for by in self.reverters.get(at, ()) if self.alive[by]]
        return said + reverts + self.reopeners.get(id, [])

    def undone_by(self, at: int, reopeners: Sequence[int]) -> int | None:
        """The event that cancels the completion at `at`; None when it stands."""
        if not self.alive[at]:
            return next(by for by in self.reverters[at] if self.alive[by])
        return next((by for by in reversed(reopeners) if self.ancestry.is_ancestor(at, by)), None)

    def _reverters(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = defaultdict(list)
        for at, event in enumerate(self.events):
            for undoing in event.undoes:
                for target in self.targets(undoing, at):
                    found[target].append(at)
        return found

    def targets(self, undoing: Undoing, at: int) -> list[int]:
        """What an undoing of the event `at` undoes."""
        if undoing.brought is not None and (not undoing.asks or undoing.sha in self._reached):
            return self._here(undoing.brought)
        named = self._named(undoing)
        if named is not None:
            return named
        if undoing.instead is not None:
            return self._here(undoing.instead)
        same = self._by_subject.get(undoing.subject, ()) if undoing.subject else ()
        before = [target for target in same if self.ancestry.is_ancestor(target, at)]
        return self.newest(before)

    def _named(self, undoing: Undoing) -> list[int] | None:
        """The events that the undoing names by id; None when HEAD does not reach what it names."""
        if undoing.brought is not None or not undoing.sha:
            return None
        if undoing.sha in self._reached:
            return []
        if undoing.sha in self.position:
            return [self.position[undoing.sha]]
        if len(undoing.sha) >= 40:
            return None
        found = [at for sha, at in self.position.items() if sha.startswith(undoing.sha)]
        return found if len(found) == 1 else None

    def newest(self, same: list[int]) -> list[int]:
        """The newest one, if there is any: none of the others comes after it, then by date."""
        last = [at for at in same if not any(self.ancestry.is_ancestor(at, other) for other in same if other > at)]
        return [max(last, key=lambda at: (self.events[at].time, self.events[at].sha))] if last else []

    def _here(self, found: Iterable[int]) -> list[int]:
        return [self._positions[event] for event in found if event in self._positions]

    def unseen(self) -> Iterator[tuple[int, Undoing, list[int]]]:
        """The undoings (event, undoing, targets) that name a commit which can't be seen."""
        for at, event in enumerate(self.events):
            for undoing in event.undoes:
                near = undoing.brought is not None and not undoing.asks
                if not near and self._named(undoing) is None and undoing.sha not in self._reached:
                    yield at, undoing, self.targets(undoing, at)

    def doubtful(self) -> set[str]:
        """The features that undoings of unseen commits may concern, through reverts of reverts too."""
        undone: dict[int, list[int]] = defaultdict(list)
        for target, by in self.reverters.items():
            for at in by:
                undone[at].append(target)
        todo = [target for _, _, targets in self.unseen() for target in targets]
        seen = set(todo)
        while todo:
            new = [at for at in undone[todo.pop()] if at not in seen]
            seen.update(new)
            todo += new
        return {id for at in seen for id in self.events[at].message.completed}


def _cut_off(history: History, words: Words) -> dict[str, tuple[str, str]]:
    """What a shallow history shows the undoing of, but not the completion: by a standing revert that quotes a
    completing subject, or by a reopening.
    """
    found: dict[str, tuple[str, str]] = {}
    for at, undoing, targets in history.unseen():
        if history.alive[at] and not targets:
            for id in named_ids(undoing.subject, words.completed):
                found[id] = (history.events[at].sha, "reverted")
    for id, by in history.reopeners.items():
        found[id] = (history.events[by[-1]].sha, "reopened")
    return found


def _alive(reverters: Mapping[int, Sequence[int]], count: int) -> list[bool]:
    """For each event whether no standing revert targets it."""
    known: dict[int, bool] = {}

    def decide(at: int, path: frozenset[int]) -> bool:
        if at not in known:
            # A circle of reverts can't be made by git; hand-written, its members count as standing.
            known[at] = not any(by not in path and decide(by, path | {at}) for by in reverters.get(at, ()))
        return known[at]

    return [decide(at, frozenset()) for at in range(count - 1, -1, -1)][::-1]

"""The ledger: which completions stand, decided from the events of HEAD's history alone (SPEC section 4)."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from orchestrator.history.events import Message, Words, named_ids


@dataclass(frozen=True)
class Undoing:
    """What one revert undoes: the commit `sha` (as written) or else the newest ancestor with `subject`;
    or, of a reverted merge, all events that only the merge brought in (`brought`, positions in the scan).
    """

    sha: str
    subject: str = ""
    brought: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Event:
    """A commit that says something; `parents` are the positions of the nearest events before it."""

    sha: str
    time: int
    message: Message
    parents: tuple[int, ...] = ()
    undoes: tuple[Undoing, ...] = ()


@dataclass(frozen=True)
class Completion:
    """A commit that completes a feature; a larger `order` is newer, ancestors come before descendants."""

    sha: str
    time: int
    order: int
    digest: str = ""
    verified: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ledger:
    """What HEAD's history says. `standing` holds the completions that are not cancelled, oldest first;
    `cancelled` the commit that cancelled the newest completion of a feature that has none left.
    """

    head: str | None = None
    shallow: bool = False
    standing: Mapping[str, tuple[Completion, ...]] = field(default_factory=dict)
    cancelled: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    _ancestry: Ancestry | None = None

    def completion(self, id: str) -> Completion | None:
        """The newest standing completion of the feature."""
        found = self.standing.get(id)
        return found[-1] if found else None

    def follows(self, later: Completion, earlier: Completion) -> bool:
        """Whether `later` came after `earlier` did: `earlier` was made without having it."""
        if later.order == earlier.order or self._ancestry is None:
            return False
        return not self._ancestry.is_ancestor(later.order, earlier.order)

    def silent(self, id: str) -> bool:
        """Whether a shallow history can't tell: it shows neither a completion nor its undoing."""
        return self.shallow and id not in self.standing and id not in self.cancelled


class Ancestry:
    """Which of N events (in topological order) are ancestors of which.

    Kept for each as "all before this position" plus a few exceptions, so that a long line of history costs
    nothing and concurrent branches only their own length.
    """

    def __init__(self, parents: Sequence[Sequence[int]]) -> None:
        self._prefix: list[int] = []
        self._beyond: list[frozenset[int]] = []
        for above in parents:
            prefix, beyond = self._union(above)
            self._prefix.append(prefix)
            self._beyond.append(beyond)

    def _union(self, above: Sequence[int]) -> tuple[int, frozenset[int]]:
        if not above:
            return 0, frozenset()
        prefix = max(self._prefix[at] for at in above)
        beyond = set(above)
        for at in above:
            beyond |= self._beyond[at]
        while prefix in beyond:
            prefix += 1
        return prefix, frozenset(at for at in beyond if at >= prefix)

    def is_ancestor(self, ancestor: int, of: int) -> bool:
        """Whether `ancestor` is a proper ancestor of `of`."""
        return ancestor < self._prefix[of] or ancestor in self._beyond[of]


def build(
    events: Sequence[Event],
    tips: Iterable[int],
    *,
    head: str | None,
    shallow: bool = False,
    words: Words = Words(),
) -> Ledger:
    """The ledger of the history whose newest events are `tips` (positions in `events`)."""
    order = _ordered(events, tips)
    position = {at: rank for rank, at in enumerate(order)}
    reachable = [events[at] for at in order]
    ancestry = Ancestry([[position[parent] for parent in event.parents] for event in reachable])
    reverters, lost = _reverters(reachable, position, ancestry, shallow, words)
    alive = _alive(reverters, len(reachable))
    standing: dict[str, list[Completion]] = defaultdict(list)
    cancelled: dict[str, tuple[str, str]] = {}
    reopeners = _by_id(reachable, "reopened")
    for id, completers in _by_id(reachable, "completed").items():
        for at in completers:
            undone_by = _undone_by(at, alive, reverters, reopeners.get(id, ()), ancestry)
            if undone_by is None:
                standing[id].append(_completion(reachable[at], at, id))
            else:
                cancelled[id] = (
                    reachable[undone_by].sha,
                    "reverted" if undone_by in reverters.get(at, ()) else "reopened",
                )
    for id, undoers in {**reopeners, **lost}.items():
        live = [at for at in undoers if id in reopeners or alive[at]]
        if shallow and live and id not in standing:
            cancelled.setdefault(id, (reachable[live[-1]].sha, "reopened" if id in reopeners else "reverted"))
    return Ledger(head, shallow, {id: tuple(found) for id, found in standing.items()},
                  {id: by for id, by in cancelled.items() if id not in standing}, ancestry)  # fmt: skip


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


def _by_id(reachable: Sequence[Event], what: str) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for at, event in enumerate(reachable):
        for id in getattr(event.message, what):
            found[id].append(at)
    return found


def _reverters(
    reachable: Sequence[Event], position: Mapping[int, int], ancestry: Ancestry, shallow: bool, words: Words
) -> tuple[dict[int, list[int]], dict[str, list[int]]]:
    """For each event the events that revert it; and, in a shallow history, the ids whose completion can't
    be seen any more but whose revert can.
    """
    if not any(event.undoes for event in reachable):
        return {}, {}
    by_sha = {event.sha: at for at, event in enumerate(reachable)}
    by_subject: dict[str, list[int]] = defaultdict(list)
    for at, event in enumerate(reachable):
        by_subject[event.message.subject].append(at)
    reverters: dict[int, list[int]] = defaultdict(list)
    lost: dict[str, list[int]] = defaultdict(list)
    for at, event in enumerate(reachable):
        for undoing in event.undoes:
            targets = _targets(undoing, at, by_sha, by_subject, position, ancestry)
            for target in targets:
                reverters[target].append(at)
            if shallow and not targets:
                for id in named_ids(undoing.subject, words.completed):
                    lost[id].append(at)
    return reverters, lost


def _targets(
    undoing: Undoing, at: int, by_sha: Mapping[str, int], by_subject: Mapping[str, list[int]],
    position: Mapping[int, int], ancestry: Ancestry,
) -> list[int]:  # fmt: skip
    if undoing.brought is not None:
        return [position[event] for event in undoing.brought if event in position]
    if undoing.sha in by_sha:
        return [by_sha[undoing.sha]]
    if undoing.sha and len(undoing.sha) < 40:
        found = [target for sha, target in by_sha.items() if sha.startswith(undoing.sha)]
        if len(found) == 1:
            return found
    same = [target for target in by_subject.get(undoing.subject, ()) if ancestry.is_ancestor(target, at)]
    return same[-1:] if undoing.subject else []


def _alive(reverters: Mapping[int, Sequence[int]], count: int) -> list[bool]:
    """For each event whether no standing revert targets it."""
    known: dict[int, bool] = {}

    def decide(at: int, path: frozenset[int]) -> bool:
        if at not in known:
            # A circle of reverts can't be made by git; hand-written, its members count as standing.
            known[at] = not any(by not in path and decide(by, path | {at}) for by in reverters.get(at, ()))
        return known[at]

    return [decide(at, frozenset()) for at in range(count - 1, -1, -1)][::-1]


def _undone_by(
    at: int,
    alive: Sequence[bool],
    reverters: Mapping[int, Sequence[int]],
    reopeners: Sequence[int],
    ancestry: Ancestry,
) -> int | None:
    """The event that cancels the completion at `at`; None when it stands."""
    if not alive[at]:
        return next(by for by in reverters[at] if alive[by])
    return next((by for by in reversed(reopeners) if ancestry.is_ancestor(at, by)), None)


def _completion(event: Event, order: int, id: str) -> Completion:
    return Completion(event.sha, event.time, order, event.message.digests.get(id, ""), event.message.verified)

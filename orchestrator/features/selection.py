"""Which feature comes next, and the order in which all would come (docs/contract.md, section 3, "Next feature")."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Container, Iterable, Iterator, Sequence

from orchestrator.features.graph import Node
from orchestrator.features.model import Feature


def turns(
    features: Sequence[Node], waits_for: Callable[[Node], Iterable[str]], cost: Callable[[Node], int]
) -> Iterator[str]:
    """The ids in the order of their turns. An id's turn can come once all that it waits for had its turn. Of several
    such ids the cheapest is next, then by priority, then in list order. `cost` is called when nothing is left to wait
    for. Ids of a cycle never get a turn.
    """
    index = {feature.id: number for number, feature in enumerate(features)}
    waiting = {id: {other for other in waits_for(features[at]) if other in index} for id, at in index.items()}
    after: dict[str, list[str]] = {}
    for id, others in waiting.items():
        for other in others:
            after.setdefault(other, []).append(id)

    def turn(id: str) -> tuple[int, float, int, str]:
        feature = features[index[id]]
        return cost(feature), feature.priority, index[id], id

    ready = [turn(id) for id, others in waiting.items() if not others]
    heapq.heapify(ready)
    while ready:
        *_, id = heapq.heappop(ready)
        yield id
        for other in after.get(id, ()):
            waiting[other].discard(id)
            if not waiting[other]:
                heapq.heappush(ready, turn(other))


def next_feature(
    features: Iterable[Feature],
    *,
    passing: Container[str] | None = None,
    skip_review: bool = False,
    exclude: Container[str] = (),
) -> Feature | None:
    """The first by priority, then as listed, that is not done, blocked or dropped and whose dependencies all pass.

    `passing` are the ids that are done; if it is not given, `passes` of each feature says so. Ids of `exclude` are not
    chosen; as dependencies they still count. None when no feature can be worked on.
    """
    listed = list(features)
    done = {f.id for f in listed if (f.passes if passing is None else f.id in passing)}

    def chosen(feature: Feature) -> bool:
        held = feature.blocked or feature.dropped
        out = held or feature.id in exclude or (skip_review and feature.needs_review)
        return not out and feature.id not in done and done.issuperset(feature.dependencies)

    return min(filter(chosen, listed), key=lambda feature: feature.priority, default=None)

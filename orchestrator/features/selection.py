"""Which feature comes next, and the order that comes of asking again and again (SPEC section 3)."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Container, Iterable, Iterator, Sequence

from orchestrator.features.graph import Node
from orchestrator.features.model import Feature


def turns(
    features: Sequence[Node], waits_for: Callable[[Node], Iterable[str]], cost: Callable[[Node], int]
) -> Iterator[str]:
    """The ids as they come up: each after what it waits for; of those whose turn it may be what costs least, then by
    priority, then as listed. The cost is asked for when nothing is left to wait for. Those of a cycle never come up.
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

    `passing` are the done ones (without it, those whose flag says so); `exclude` ones are not chosen, yet count when
    they pass. None when nothing is left that can be worked on.
    """
    listed = list(features)
    done = {f.id for f in listed if (f.passes if passing is None else f.id in passing)}

    def chosen(feature: Feature) -> bool:
        held = feature.blocked or feature.dropped
        out = held or feature.id in exclude or (skip_review and feature.needs_review)
        return not out and feature.id not in done and done.issuperset(feature.dependencies)

    return min(filter(chosen, listed), key=lambda feature: feature.priority, default=None)

"""The graph of dependencies: cycles, an order to work in, and what depends on what.

No function recurses: a chain of features may be longer than Python's stack. Ids that no feature has are ignored.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol


class Node(Protocol):
    """A feature, as far as the graph is concerned."""

    @property
    def id(self) -> str: ...
    @property
    def priority(self) -> float: ...
    @property
    def dependencies(self) -> tuple[str, ...]: ...


def cycle(features: Iterable[Node]) -> list[str]:
    """A closed path such as `[F1, F2, F1]`, each depending on the next; [] when there is none."""
    return cycle_of({feature.id: feature.dependencies for feature in features})


def cycle_of(edges: Mapping[str, Sequence[str]]) -> list[str]:
    """The same for a mapping from an id to what it depends on."""
    return [] if _in_order(edges) else _search(edges)


def topological(features: Iterable[Node]) -> list[str]:
    """Every id after its dependencies; otherwise by priority, then in list order. Ids of a cycle come last."""
    listed = list(features)
    index = {feature.id: number for number, feature in enumerate(listed)}
    dependants_ = dependants(listed)
    waits = {f.id: len({d for d in f.dependencies if d in index}) for f in listed}
    ready = [(f.priority, index[f.id], f.id) for f in listed if not waits[f.id]]
    heapq.heapify(ready)
    order: list[str] = []
    while ready:
        _, _, id = heapq.heappop(ready)
        order.append(id)
        for other in dependants_[id]:
            waits[other] -= 1
            if not waits[other]:
                heapq.heappush(ready, (listed[index[other]].priority, index[other], other))
    if len(order) < len(index):
        done = set(order)
        order += [id for id in index if id not in done]
    return order


def dependants(features: Iterable[Node]) -> dict[str, list[str]]:
    """For every id, the ids of those that directly depend on it, as listed."""
    listed = list(features)
    found: dict[str, list[str]] = {feature.id: [] for feature in listed}
    for feature in listed:
        for id in dict.fromkeys(feature.dependencies):
            if id in found:
                found[id].append(feature.id)
    return found


def downstream(features: Iterable[Node], ids: Iterable[str]) -> set[str]:
    """All that depends on one of `ids`, directly or not. One of `ids` is in it only if it depends on another one."""
    after = dependants(features)
    found: set[str] = set()
    waiting = list(ids)
    while waiting:
        for id in after.get(waiting.pop(), ()):
            if id not in found:
                found.add(id)
                waiting.append(id)
    return found


def _in_order(edges: Mapping[str, Sequence[str]]) -> bool:
    """Whether everything is listed after what it depends on, as most lists are; then there is no cycle."""
    seen: set[str] = set()
    for id, wanted in edges.items():
        for other in wanted:
            if other not in seen and other in edges:
                return False
        seen.add(id)
    return True


def _search(edges: Mapping[str, Sequence[str]]) -> list[str]:
    """A cycle, found depth first. `path` leads to the current id; ids in `finished` are known to lead to no cycle."""
    finished: set[str] = set()
    for root in edges:
        if root in finished:
            continue
        path = {root: None}
        iterators = [iter(edges[root])]
        while iterators:
            id = next(iterators[-1], None)
            if id is None:
                iterators.pop()
                finished.add(path.popitem()[0])
            elif id in path:
                names = list(path)
                return [*names[names.index(id) :], id]
            elif id in edges and id not in finished:
                path[id] = None
                iterators.append(iter(edges[id]))
    return []

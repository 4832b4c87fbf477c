from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.features.graph import cycle, cycle_of, dependants, downstream, topological


@dataclass(frozen=True)
class Node:
    id: str
    dependencies: tuple[str, ...] = ()
    priority: float = 99


names = st.sampled_from("abcdef")
graphs = st.lists(
    st.builds(Node, names, st.lists(names, max_size=3).map(tuple), st.integers(0, 2)),
    unique_by=lambda n: n.id,
    max_size=6,
)


def reach(nodes: list[Node]) -> set[tuple[str, str]]:
    """(one, other) for each that depends on the other in any number of steps, by closing the relation."""
    known = {node.id for node in nodes}
    pairs = {(node.id, other) for node in nodes for other in node.dependencies if other in known}
    while True:
        more = pairs | {(a, d) for a, b in pairs for c, d in pairs if b == c}
        if more == pairs:
            return pairs
        pairs = more


@given(graphs)
def test_a_cycle_is_found_exactly_when_something_depends_on_itself(nodes: list[Node]) -> None:
    path = cycle(nodes)
    assert bool(path) == any(a == b for a, b in reach(nodes))
    edges = {node.id: node.dependencies for node in nodes}
    assert all(other in edges[one] for one, other in pairwise(path))
    assert not path or (path[0] == path[-1] and len(set(path)) == len(path) - 1)


@given(graphs)
def test_the_order_is_the_first_of_all_that_put_dependencies_first(nodes: list[Node]) -> None:
    depends = reach(nodes)
    left, expected = list(nodes), []
    while ready := [n for n in left if not any((n.id, m.id) in depends for m in left)]:
        first = min(ready, key=lambda n: (n.priority, nodes.index(n)))
        expected.append(first.id)
        left.remove(first)
    assert topological(nodes) == expected + [node.id for node in left]


@given(graphs, st.sets(names))
def test_downstream_is_all_that_depends_on_it_in_any_number_of_steps(nodes: list[Node], ids: set[str]) -> None:
    assert downstream(nodes, ids) == {one for one, other in reach(nodes) if other in ids}


@given(graphs)
def test_dependants_are_listed_once_in_file_order(nodes: list[Node]) -> None:
    assert dependants(nodes) == {
        node.id: [other.id for other in nodes if node.id in other.dependencies] for node in nodes
    }


def test_a_cycle_is_told_in_the_direction_of_the_dependencies() -> None:
    assert cycle([Node("a", ("b", "x")), Node("b", ("c",)), Node("c", ("b",))]) == ["b", "c", "b"]
    assert cycle_of({"a": ["a"]}) == ["a", "a"]


def test_chains_longer_than_the_stack_are_walked() -> None:
    chain = [Node(str(n), (str(n + 1),)) for n in range(50_000)]
    assert cycle(chain) == []
    assert topological(chain) == [str(n) for n in reversed(range(50_000))]
    assert len(downstream(chain, ["49999"])) == 49_999
    assert cycle([*chain, Node("50000", ("0",))]) == [*(str(n) for n in range(50_001)), "0"]

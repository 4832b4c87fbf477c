"""Which events are ancestors of which, against a walk up the parents."""

from __future__ import annotations

from collections.abc import Sequence

import hypothesis.strategies as st
from hypothesis import given

from orchestrator.history.ancestry import Ancestry

History = list[list[int]]


@st.composite
def histories(draw: st.DrawFn) -> History:
    """The parents of each event, all of them earlier ones: lines, forks, merges and several roots."""
    count = draw(st.integers(0, 24))
    return [
        draw(st.lists(st.integers(0, at - 1), max_size=3, unique=True)) if at else []
        for at in range(count)
    ]  # fmt: skip


def above(parents: Sequence[Sequence[int]], at: int) -> set[int]:
    """All ancestors, by walking."""
    found: set[int] = set()
    todo = [*parents[at]]
    while todo:
        parent = todo.pop()
        if parent not in found:
            found.add(parent)
            todo += parents[parent]
    return found


@given(histories())
def test_every_pair_is_answered_as_a_walk_answers_it(parents: History) -> None:
    ancestry = Ancestry(parents)
    said = {(a, b) for a in range(len(parents)) for b in range(len(parents)) if ancestry.is_ancestor(a, b)}
    assert said == {(a, b) for b in range(len(parents)) for a in above(parents, b)}


def test_an_event_is_no_ancestor_of_itself() -> None:
    assert not Ancestry([[], [0]]).is_ancestor(1, 1)


def test_a_long_line_keeps_no_exceptions() -> None:
    ancestry = Ancestry([[at - 1] if at else [] for at in range(1000)])
    assert set(map(len, ancestry._beyond)) == {0}
    assert ancestry.is_ancestor(0, 999)
    assert not ancestry.is_ancestor(999, 0)

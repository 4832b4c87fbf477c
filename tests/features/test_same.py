"""Sameness of JSON values, against a comparison that goes through them with the types beside the values."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from support.lists import values

from orchestrator.features.same import canonical, same


def typed(value: Any) -> Any:
    if isinstance(value, dict):
        return "object", frozenset((key, typed(inner)) for key, inner in value.items())
    if isinstance(value, list):
        return "array", tuple(map(typed, value))
    return type(value).__name__, repr(value)


@given(values, values)
def test_values_are_the_same_when_all_their_parts_are_of_one_type_and_equal(one: Any, other: Any) -> None:
    assert same(one, other) is (typed(one) == typed(other))
    assert same(one, one)


def test_numbers_and_truth_values_are_told_apart() -> None:
    assert not any(same(one, other) for one, other in ((1, True), (0, False), (1, 1.0), ([1], [True]), ("1", 1)))
    assert same({"a": 1, "b": [None]}, {"b": [None], "a": 1})


def test_the_one_text_of_a_value_is_short_sorted_and_plain() -> None:
    assert canonical({"b": [1, "é"], "a": None}) == '{"a":null,"b":[1,"\\u00e9"]}'

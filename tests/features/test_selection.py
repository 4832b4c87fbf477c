from __future__ import annotations

import json
from typing import Any

import pytest
from support.lists import vectors

from orchestrator.errors import OrchestratorError
from orchestrator.features.model import Feature, feature, parse
from orchestrator.features.selection import next_feature


def listed(*items: dict[str, Any]) -> tuple[Feature, ...]:
    return parse(json.dumps(items).encode()).features


def chosen(*args: Any, **options: Any) -> str | None:
    found = next_feature(*args, **options)
    return found.id if found else None


def test_every_choice_equals_the_original_and_lists_with_a_circle_are_refused() -> None:
    refused: list[str] = []
    for vector in vectors("next_feature.json"):
        made = [feature(item, position) for position, item in enumerate(vector["features"])]
        assert chosen(made) == vector["next"]
        try:
            assert parse(json.dumps(vector).encode()).features == tuple(made)
        except OrchestratorError as error:
            refused.append(error.what.partition(":")[0])
    assert refused == ["the dependencies go in a circle"] * 75


# What the original did with these was wrong or a crash; `None` is for a list that is refused.
EDGES: dict[str, str | None] = {
    "int_ids": "2",
    "int_vs_str_dep": "2",
    "mixed_null_priority": "b",
    "only_null_priority_single": "a",
    "string_priorities": "b",
    "string_and_missing": "a",
    "null_dependencies": "a",
    "string_dependencies": "a",
    "passes_string_false": "a",
    "blocked_dep_passed": "b",
    "empty": "nothing",
    "file:top_level_list": "a",
    "file:bom": "nothing",
    "file:duplicate_keys": "b",
}


@pytest.mark.parametrize("vector", vectors("next_feature_edge.json"), ids=lambda vector: vector["case"])
def test_odd_lists_are_read_as_written_or_refused(vector: dict[str, Any]) -> None:
    raw = vector["raw"] if "raw" in vector else json.dumps({"features": vector["features"]})
    wanted = EDGES.get(vector["case"])
    if wanted is None:
        with pytest.raises(OrchestratorError, match=r"\(feature_list\.json:1:\d+\)"):
            parse(raw.encode())
    else:
        assert (chosen(parse(raw.encode()).features) or "nothing") == wanted


def test_lower_priorities_come_first_and_ties_as_listed() -> None:
    features = listed(
        {"id": "a"}, {"id": "b", "priority": 2.5}, {"id": "c", "priority": 2.5}, {"id": "d", "priority": 99}
    )
    order = []
    while found := next_feature(features, exclude=order):
        order.append(found.id)
    assert order == ["b", "c", "a", "d"]


def test_a_changed_feature_does_not_count_as_passing() -> None:
    features = listed({"id": "a", "passes": True, "priority": 100}, {"id": "b", "dependencies": ["a"]})
    assert chosen(features) == "b"
    assert chosen(features, passing=()) == "a"


def test_features_to_review_are_skipped_on_request_only() -> None:
    features = listed({"id": "a", "needs_review": True}, {"id": "b"})
    assert (chosen(features), chosen(features, skip_review=True)) == ("a", "b")


def test_excluded_and_blocked_features_are_not_chosen_yet_meet_dependencies() -> None:
    features = listed(
        {"id": "a", "passes": True, "blocked": True},
        {"id": "b", "blocked": True},
        {"id": "c", "dependencies": ["a"]},
    )
    assert chosen(features, exclude={"a"}) == "c"
    assert chosen(features, exclude={"c"}) is None


def test_an_unknown_dependency_is_never_met() -> None:
    assert chosen(listed({"id": "a", "dependencies": ["x"]})) is None

from __future__ import annotations

from typing import Any

import pytest
from support.lists import vectors

from orchestrator.features.complexity import complexity, score

VECTORS = vectors("complexity.json")


def test_every_estimate_equals_the_original() -> None:
    assert [complexity(vector["feature"]) for vector in VECTORS] == [vector["complexity"] for vector in VECTORS]


@pytest.mark.parametrize(
    ("feature", "points"),
    [
        ({}, -1),
        ({"description": "x" * 39}, -1),
        ({"description": "x" * 40}, 0),
        ({"description": "\u0130" * 20}, 0),  # two characters each in lower case
        ({"description": "x" * 40, "name": "API"}, 0),
        ({"description": "x" * 40, "category": "API"}, 1),
        ({"description": "x" * 40, "name": "a minor, Simple AUTHOR"}, 1),
        ({"description": "x" * 40, "dependencies": ["a"] * 3, "tests": ["t"] * 5}, 0),
        ({"description": "x" * 40, "dependencies": ["a"] * 4, "tests": ["t"] * 6}, 2),
    ],
)
def test_each_rule_counts_once(feature: dict[str, Any], points: int) -> None:
    assert score(feature) == points


@pytest.mark.parametrize(("said", "level"), [("HIGH", "high"), ("Low", "low"), (" high", "low"), ("huge", "low")])
def test_the_own_word_counts_in_any_letter_case_but_only_as_it_is(said: str, level: str) -> None:
    assert complexity({"complexity": said}) == level

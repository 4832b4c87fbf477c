"""Criterion to property: the vectors of the original, and the order of its rules."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orchestrator.planning.requirements.properties import Property, classify, method_name

VECTORS = Path(__file__).parent.parent / "vectors"
ENTRIES = [
    entry for name in ("planning.json", "parsing.json") for entry in json.loads((VECTORS / name).read_text("utf-8"))
]


def first(given: object) -> str:
    return str(next(iter(given.values())) if isinstance(given, dict) else given[0])  # type: ignore[index]


@pytest.mark.parametrize(
    "entry", [entry for entry in ENTRIES if entry["function"] in ("derive_properties", "classify_criterion")]
)
def test_criteria_give_the_properties_of_the_vectors(entry: dict[str, object]) -> None:
    kind, strategy = entry["output"].values()  # type: ignore[attr-defined]
    assert classify(first(entry["input"])) == Property(kind, strategy)


@pytest.mark.parametrize("entry", [entry for entry in ENTRIES if entry["function"] == "sanitize_method_name"])
def test_method_names_equal_the_vectors(entry: dict[str, object]) -> None:
    assert method_name(first(entry["input"])) == entry["output"]


@pytest.mark.parametrize(
    ("criterion", "kind"),
    [
        ("Saving twice and loading is sorted", "idempotence"),
        ("Save twice, then load", "round_trip"),
        ("Sorted order is preserved", "round_trip"),
        ("Sorted output equals the reference", "idempotence"),
        ("Unique ids equal to the oracle", "oracle"),
    ],
)
def test_the_first_rule_that_fits_decides(criterion: str, kind: str) -> None:
    assert classify(criterion).kind == kind

"""Diagrams equal to the original's, and ones it could not draw."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orchestrator.planning.requirements.mermaid import flowchart
from orchestrator.planning.requirements.tree import Hierarchy, Requirement, from_data

VECTORS = Path(__file__).parent.parent / "vectors"
HIERARCHIES = json.loads((VECTORS / "requirements.json").read_text("utf-8"))
PLANNING = [
    entry for entry in json.loads((VECTORS / "planning.json").read_text("utf-8")) if entry["function"] == "mermaid"
]


@pytest.mark.parametrize("entry", HIERARCHIES)
def test_flowchart_equals_the_vectors(entry: dict[str, object]) -> None:
    hierarchy = from_data(entry["hierarchy"])  # type: ignore[arg-type]
    assert flowchart(hierarchy) == entry["flowchart"]


@pytest.mark.parametrize("entry", PLANNING)
def test_flowchart_equals_the_planning_vector(entry: dict[str, object]) -> None:
    assert flowchart(from_data(entry["input"][0])) == entry["output"]  # type: ignore[index]


def test_components_without_a_latin_letter_stay_apart() -> None:
    layers = {"frontend": ("登录", "注册"), "backend": (), "middleware": (), "shared": ()}
    drawn = flowchart(Hierarchy((Requirement("REQ_000", "x", implementation=layers),)))
    ids = [line.split("((")[0].strip() for line in drawn.splitlines() if "((" in line]
    assert len(set(ids)) == 2
    assert all(id.startswith("FE_") and len(id) == 11 for id in ids)

"""The requirement tree to and from JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orchestrator.planning.requirements.tree import Hierarchy, Requirement, from_data

VECTORS = Path(__file__).parent.parent / "vectors"
HIERARCHIES = json.loads((VECTORS / "requirements.json").read_text("utf-8"))


@pytest.mark.parametrize("entry", HIERARCHIES)
def test_a_written_hierarchy_is_read_and_written_as_it_was(entry: dict[str, dict[str, object]]) -> None:
    written = from_data(entry["hierarchy"]).to_data()
    for node in _nodes(written["requirements"]):
        node["testable_properties"] = []
    assert written == entry["hierarchy"]


def test_testable_properties_follow_the_criteria() -> None:
    node = Requirement("REQ_000", "x", acceptance_criteria=("IDs are unique",))
    assert Hierarchy((node,)).to_data()["requirements"][0]["testable_properties"] == [
        {
            "criterion": "IDs are unique",
            "property_type": "invariant",
            "hypothesis_strategy": "st.text(min_size=1)",
        }
    ]


def test_ids_types_and_parents_that_were_left_out_are_filled_in() -> None:
    data = {
        "requirements": [
            {"description": "R1", "sub_processes": ["a", {"description": "b", "children": ["c"]}]},
            {"description": " R2\n over two lines "},
        ]
    }
    nodes = [(n.id, n.type, n.parent_id, n.description) for n in from_data(data).walk()]
    assert nodes == [
        ("REQ_000", "parent", None, "R1"),
        ("REQ_000.1", "sub_process", "REQ_000", "a"),
        ("REQ_000.2", "sub_process", "REQ_000", "b"),
        ("REQ_000.2.1", "implementation", "REQ_000.2", "c"),
        ("REQ_001", "parent", None, "R2 over two lines"),
    ]


def _nodes(items: list[dict[str, object]]) -> list[dict[str, object]]:
    return [node for item in items for node in [item, *_nodes(item["children"])]]  # type: ignore[arg-type]

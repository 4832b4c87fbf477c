"""What is wrong with a hierarchy, in sentences that an agent can act on."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.planning.requirements.rules import Limits, problems, schema
from orchestrator.planning.requirements.tree import TYPES, from_data


def leaf(**more: Any) -> dict[str, Any]:
    return {"description": "a step", "acceptance_criteria": ["an empty one is refused"], **more}


def tree(**more: Any) -> dict[str, Any]:
    return {"requirements": [{"description": "R", "children": [leaf(), leaf()], **more}]}


def test_a_sound_hierarchy_has_no_problems() -> None:
    assert problems(tree()) == []


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (None, ["The answer must be one JSON object with the key `requirements`."]),
        ({"requirements": []}, ["`requirements` must be a list of at least one requirement."]),
        (tree(description=" "), ["REQ_000 needs a description."]),
        (tree(id="R1"), ["The id 'R1' is not well-formed at its place; it should look like 'REQ_000'."]),
        (tree(type="task"), ["REQ_000 has the type 'task'; at its level it is 'parent'."]),
        (tree(children=[leaf()]), ["REQ_000 has 1 sub-processes; 2 to 5 are wanted."]),
        (tree(children=[leaf()] * 7), ["REQ_000 has 7 children; at most 5 are wanted."]),
        (tree(children="x"), ["The children of REQ_000 must be a list."]),
        (
            tree(children=[leaf(id="REQ_000.1"), leaf(id="REQ_000.1")]),
            ["The id REQ_000.1 stands twice: for 'a step' and for 'a step'."],
        ),
        (
            tree(children=[leaf(id="REQ_001.1"), leaf()]),
            ["The id 'REQ_001.1' is not well-formed at its place; it should look like 'REQ_000.1'."],
        ),
        (
            tree(children=[leaf(parent_id="REQ_009"), leaf()]),
            ["REQ_000.1 says that its parent is 'REQ_009', but it stands below 'REQ_000'."],
        ),
        (
            tree(children=[{"description": "x"}, leaf()]),
            ["REQ_000.1 needs at least one acceptance criterion that a test can check."],
        ),
        (
            tree(children=[leaf(acceptance_criteria=[""]), leaf()]),
            ["The acceptance criteria of REQ_000.1 must be a list of sentences, none of them empty."],
        ),
        (
            tree(children=[leaf(acceptance_criteria=["It works as expected."]), leaf()]),
            [
                "REQ_000.1: 'It works as expected.' says nothing that a test can check; "
                "say with what input and what must come out."
            ],
        ),
        (
            tree(children=[leaf(children=[leaf(children=[leaf()])]), leaf()]),
            ["REQ_000.1.1 is at the lowest of 3 levels and can't have children."],
        ),
        (
            tree(implementation={"database": ["x"]}),
            [
                "The implementation of REQ_000 must map frontend, backend, middleware, shared "
                "to lists of component names."
            ],
        ),
    ],
)
def test_each_fault_is_said_in_a_sentence(data: object, said: list[str]) -> None:
    assert problems(data) == said


def test_hundreds_of_requirements_are_too_many() -> None:
    data = {"requirements": tree()["requirements"] * 31}
    assert problems(data) == ["There are 31 requirements; merge them into at most 30 of more weight."]


nodes = st.recursive(
    st.fixed_dictionaries({"description": st.just("d"), "acceptance_criteria": st.just(["c"])}),
    lambda inner: st.fixed_dictionaries(
        {"description": st.just("d"), "children": st.lists(inner, min_size=1, max_size=6)},
        optional={"id": st.sampled_from(["REQ_000", "REQ_7", "REQ_001.1", "x"])},
    ),
    max_leaves=25,
)


@given(st.lists(nodes, min_size=1, max_size=4))
def test_what_passes_has_unique_well_formed_ids_of_three_levels_at_most(items: list[dict[str, Any]]) -> None:
    data = {"requirements": items}
    if problems(data, Limits(least_children=0)):
        return
    found = list(from_data(data).walk())
    assert len({node.id for node in found}) == len(found)
    for node in found:
        assert re.fullmatch(r"REQ_\d{3,}(\.[1-9]\d*){0,2}", node.id)
        assert node.type == TYPES[node.id.count(".")]
        assert node.parent_id == (node.id.rpartition(".")[0] or None)
        assert len(node.children) <= 5


def test_the_schema_asks_for_two_to_five_children_and_three_levels() -> None:
    top = schema()["properties"]["requirements"]["items"]
    process = top["properties"]["children"]
    assert (process["minItems"], process["maxItems"]) == (2, 5)
    detail = process["items"]["properties"]["children"]
    assert (detail["minItems"], detail["maxItems"]) == (0, 5)
    assert "children" not in detail["items"]["properties"]

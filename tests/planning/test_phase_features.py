"""Phases merged into feature_list.json."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.errors import OrchestratorError
from orchestrator.planning.backlog import new_ids
from orchestrator.planning.phases.entries import EMPTY, merge
from orchestrator.planning.phases.phase_file import Phase

FOLDER = "thoughts/shared/plans/2026-01-01-login"


def file(number: int, name: str = "x") -> str:
    return f"{FOLDER}/{number:02}-{name}.md"


def merged(data: bytes, *phases: tuple[str, Phase]) -> tuple[list[dict[str, Any]], tuple[str, ...], tuple[str, ...]]:
    result = merge(data, phases, FOLDER, "feature_list.json")
    return json.loads(result.data)["features"], result.added, result.updated


def test_phases_become_features_in_an_empty_list() -> None:
    first = Phase(1, "Store", "login-01", "Keep users.", (), ("a user is kept",))
    second = Phase(2, "Check", "login-02", "", ("login-01",), (), priority=50)
    assert merged(EMPTY, (file(1), first), (file(2), second)) == (
        [
            {
                "id": "login-01",
                "name": "Store",
                "description": "Keep users.",
                "priority": 1,
                "dependencies": [],
                "tests": ["a user is kept"],
                "inputs": [file(1)],
                "passes": False,
            },
            {
                "id": "login-02",
                "name": "Check",
                "description": "",
                "priority": 50,
                "dependencies": ["login-01"],
                "tests": [],
                "inputs": [file(2)],
                "passes": False,
            },
        ],
        ("login-01", "login-02"),
        (),
    )


LIST = b"""{
  "owner": "someone",
  "features": [
    {"id": "login-01", "name": "Old", "description": "", "priority": 7, "dependencies": [], "passes": true,
     "tests": [], "inputs": ["%(folder)s/01-old.md", "docs/spec.md"], "blocked": true, "note": "kept"},
    {"id": "F9", "name": "Other"}
  ]
}
""" % {b"folder": FOLDER.encode()}


def test_an_update_touches_the_definition_and_neither_status_nor_priority() -> None:
    result = merge(LIST, [(file(1, "new"), Phase(1, "New", "login-01", "", ("F9",)))], FOLDER, "feature_list.json")
    wanted = LIST.replace(b'"Old"', b'"New"').replace(b'"dependencies": []', b'"dependencies": ["F9"]')
    assert result.data == wanted.replace(b"01-old.md", b"01-new.md")
    assert (result.added, result.updated) == ((), ("login-01",))


def test_a_second_merge_changes_no_byte() -> None:
    phases = [(file(1), Phase(1, "A", "login-01", "d", (), ("t",))), (file(2), Phase(2, "B", "n-02"))]
    once = merge(LIST, phases, FOLDER, "feature_list.json")
    assert merge(once.data, phases, FOLDER, "feature_list.json") == type(once)(once.data)


def test_two_files_with_one_id_are_refused_by_name() -> None:
    with pytest.raises(OrchestratorError, match=r"two phase files have the id 'a' \(.*01-x.md, .*02-x.md\)"):
        merged(EMPTY, (file(1), Phase(1, "A", "a")), (file(2), Phase(2, "B", "a")))


def test_phases_that_wait_for_each_other_are_refused() -> None:
    with pytest.raises(OrchestratorError, match=r"a -> b -> a|b -> a -> b"):
        merged(EMPTY, (file(1), Phase(1, "A", "a", depends=("b",))), (file(2), Phase(2, "B", "b", depends=("a",))))


def test_new_ids_avoid_those_in_use_and_qa_ids() -> None:
    assert new_ids("login", [1, 2], {"login-02"}) == ["login-01", "login-02-2"]
    assert new_ids("qa-page", [1], ()) == ["plan-qa-page-01"]


names = st.text(alphabet='abé"\\', max_size=4)
phases = st.lists(
    st.builds(Phase, number=st.integers(1, 9), name=names, id=st.sampled_from("abcd"), description=names),
    unique_by=lambda phase: phase.id,
)


@given(phases, phases)
def test_whatever_is_merged_status_and_unknown_fields_survive(before: list[Phase], after: list[Phase]) -> None:
    data = merge(EMPTY, [(file(p.number), p) for p in before], FOLDER, "f").data
    flagged = json.loads(data)
    for feature in flagged["features"]:
        feature.update(passes=True, blocked=False, passes_from="history", extra={"x": [1]}, priority=40)
    result = merge(json.dumps(flagged).encode(), [(file(p.number), p) for p in after], FOLDER, "f")
    features = {item["id"]: item for item in json.loads(result.data)["features"]}
    assert set(features) == {p.id for p in before} | {p.id for p in after}
    for phase in before:
        found = features[phase.id]
        kept = {key: found[key] for key in ("passes", "blocked", "passes_from", "extra", "priority")}
        assert kept == {
            "passes": True,
            "blocked": False,
            "passes_from": "history",
            "extra": {"x": [1]},
            "priority": 40,
        }
    for phase in after:
        assert (features[phase.id]["name"], features[phase.id]["description"]) == (phase.name, phase.description)

"""Phases merged into feature_list.json, field by field."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.errors import OrchestratorError
from orchestrator.planning.backlog import new_ids
from orchestrator.planning.phases.checks import as_command
from orchestrator.planning.phases.entries import EMPTY, OUT, Merged, Wanted, merge
from orchestrator.planning.phases.phase_file import Phase

FOLDER = "thoughts/shared/plans/2026-01-01-login"
NOTHING: dict[str, dict[str, Any]] = {}


def file(number: int, name: str = "x") -> str:
    return f"{FOLDER}/{number:02}-{name}.md"


def wanted(*phases: Phase, verify: str = "", ticket: str = "") -> list[Wanted]:
    return [Wanted(file(phase.number), phase, verify, ticket) for phase in phases]


def merged(data: bytes | None, phases: list[Wanted], given: dict[str, dict[str, Any]] = NOTHING) -> Merged:
    return merge(data, phases, given, FOLDER, "feature_list.json")


def features(result: Merged) -> dict[str, dict[str, Any]]:
    data = json.loads(result.data)
    return {item["id"]: item for item in (data["features"] if isinstance(data, dict) else data)}


STORE = Phase(1, "Store", "login-01", "Keep users.", (), ("a user is kept",))
CHECK = Phase(2, "Check", "login-02", "", ("login-01",), (), priority=50, check="Try it.")


def test_phases_become_features_in_an_empty_list() -> None:
    result = merged(None, wanted(STORE, CHECK, ticket="T-1"))
    assert list(features(result).values()) == [
        {
            "id": "login-01",
            "name": "Store",
            "description": "Keep users.",
            "priority": 1,
            "dependencies": [],
            "tests": ["a user is kept"],
            "inputs": [file(1)],
            "ticket": "T-1",
            "passes": False,
        },
        {
            "id": "login-02",
            "name": "Check",
            "description": "",
            "priority": 50,
            "dependencies": ["login-01"],
            "tests": ["Try it."],
            "inputs": [file(2)],
            "ticket": "T-1",
            "passes": False,
        },
    ]
    assert (result.added, result.updated, result.said) == (["login-01", "login-02"], [], [])


def test_a_check_that_can_start_is_the_feature_s_own() -> None:
    result = merged(EMPTY, wanted(CHECK, verify="test -f x"))
    assert (features(result)["login-02"]["verify"], features(result)["login-02"]["tests"]) == ("test -f x", [])


LIST = b"""{
  "owner": "someone",
  "features": [
    {"id": "login-01", "name": "Old", "description": "", "priority": 7, "dependencies": [], "passes": true,
     "tests": [], "inputs": ["%(folder)s/01-old.md", "docs/spec.md"], "blocked": true, "note": "kept"},
    {"id": "F9", "name": "Other"}
  ]
}
""" % {b"folder": FOLDER.encode()}
GIVEN: dict[str, dict[str, Any]] = {
    "login-01": {"name": "Old", "description": "", "priority": 1, "dependencies": [], "inputs": [f"{FOLDER}/01-old.md"]}
}


def test_an_update_touches_what_the_phase_changed_and_nothing_else() -> None:
    phase = Wanted(file(1, "new"), Phase(1, "New", "login-01", "", ("F9",)))
    result = merged(LIST, [phase], GIVEN)
    new = LIST.replace(b'"Old"', b'"New"').replace(b'"dependencies": []', b'"dependencies": ["F9"]')
    assert result.data == new.replace(b"01-old.md", b"01-new.md")
    assert (result.added, result.updated, result.said) == ([], ["login-01"], [])


def test_a_second_merge_changes_no_byte() -> None:
    phases = wanted(Phase(1, "A", "login-01", "d", (), ("t",)), Phase(2, "B", "n-02"))
    once = merged(LIST, phases, GIVEN)
    again = merged(once.data, phases, once.given)
    assert (again.data, again.given, again.said) == (once.data, once.given, [])


def test_without_a_base_the_list_stands_and_what_differs_is_told() -> None:
    result = merged(LIST, wanted(Phase(1, "New", "login-01")))
    assert features(result)["login-01"]["name"] == "Old"
    assert result.said == ["login-01: name: not as in the phase; left as the list has it"]


def test_an_input_that_a_hand_took_out_stays_out() -> None:
    data = LIST.replace(f'"{FOLDER}/01-old.md", '.encode(), b"")
    assert features(merged(data, wanted(Phase(1, "Old", "login-01")), GIVEN))["login-01"]["inputs"] == ["docs/spec.md"]


def test_a_phase_that_is_gone_drops_its_feature_and_takes_it_up_again() -> None:
    once = merged(None, wanted(STORE, CHECK))
    out = merged(once.data, wanted(STORE), once.given)
    assert (out.dropped, features(out)["login-02"]["status"]) == (["login-02"], "removed")
    assert out.said == [f"login-02: {OUT}; dropped, it is not built"]
    assert merged(out.data, wanted(STORE), out.given).said == []
    back = merged(out.data, wanted(STORE, CHECK), out.given)
    assert (back.revived, back.data) == (["login-02"], once.data)


def test_a_feature_that_a_person_blocked_is_not_unblocked() -> None:
    once = merged(None, wanted(STORE))
    data = once.data.replace(b'"passes": false', b'"passes": false, "blocked": true, "blocked_reason": "waits"')
    assert features(merged(data, wanted(STORE), once.given))["login-01"]["blocked_reason"] == "waits"


def test_a_feature_that_a_person_dropped_keeps_their_word() -> None:
    once = merged(None, wanted(STORE, CHECK))
    data = once.data.replace(b'"passes": false', b'"passes": false, "status": "parked"')
    out = merged(data, wanted(STORE), once.given)
    assert (out.data, out.dropped) == (data, [])
    assert merged(out.data, wanted(STORE, CHECK), out.given).revived == []


def test_two_files_with_one_id_are_refused_by_name() -> None:
    with pytest.raises(OrchestratorError, match=r"two phase files have the id 'a' \(.*01-x.md, .*02-x.md\)"):
        merged(EMPTY, wanted(Phase(1, "A", "a"), Phase(2, "B", "a")))


def test_phases_that_wait_for_each_other_are_refused() -> None:
    with pytest.raises(OrchestratorError, match=r"a -> b -> a|b -> a -> b"):
        merged(EMPTY, wanted(Phase(1, "A", "a", depends=("b",)), Phase(2, "B", "b", depends=("a",))))


def test_new_ids_avoid_those_in_use_and_qa_ids() -> None:
    assert new_ids("login", [1, 2], {"login-02"}) == ["login-01", "login-02-2"]
    assert new_ids("qa-page", [1], ()) == ["plan-qa-page-01"]


STATUS_LIST = b"""[
  {"id": 1, "title": "A", "user_visible_behavior": "a", "depends_on": "", "acceptance_criteria": ["x"],
   "status": "Done"},
  {"id": 2, "title": "B", "user_visible_behavior": "b", "depends_on": 1, "acceptance_criteria": ["y"],
   "priority": "high", "status": "Not Started"},
  {"id": 3, "title": "C", "user_visible_behavior": "c", "priority": "low", "status": "Deferred"}
]
"""


def test_entries_are_written_in_the_list_s_own_words() -> None:
    once = merged(STATUS_LIST, wanted(STORE, CHECK))
    assert once.data.startswith(STATUS_LIST.rstrip()[:-2])
    assert features(once)["login-02"] == {
        "id": "login-02",
        "title": "Check",
        "user_visible_behavior": "",
        "depends_on": ["login-01"],
        "acceptance_criteria": ["Try it."],
        "inputs": [file(2)],
        "status": "Not Started",
    }
    again = merged(once.data, wanted(STORE, CHECK), once.given)
    assert (again.data, again.said) == (once.data, [])
    changed = Phase(2, "Check it", "login-02", "", ("login-01", "1"), (), priority=50, check="Try it.")
    assert features(merged(once.data, wanted(STORE, changed), once.given))["login-02"]["title"] == "Check it"
    out = merged(once.data, wanted(STORE), once.given)
    assert features(out)["login-02"]["status"] == "Deferred"
    assert merged(out.data, wanted(STORE, CHECK), out.given).data == once.data


def test_a_list_with_slugs_for_names_gets_titles() -> None:
    data = b'{"features": [{"id": "a", "name": "store-users", "title": "Store users", "done": false}]}'
    assert features(merged(data, wanted(STORE)))["login-01"] == {
        "id": "login-01",
        "name": "store",
        "title": "Store",
        "description": "Keep users.",
        "priority": 1,
        "dependencies": [],
        "tests": ["a user is kept"],
        "inputs": [file(1)],
        "done": False,
    }


words = st.sampled_from(["one", "two", "three"])
sides = st.tuples(words, words, words)  # as the phase gave it last, as the list has it, as the phase has it now


@given(name=sides, description=sides, test=sides)
def test_each_field_is_merged_three_ways(name: Any, description: Any, test: Any) -> None:
    was, here, there = (
        {"name": name[side], "description": description[side], "tests": [test[side]]} for side in range(3)
    )
    rest = {"dependencies": [], "inputs": [file(1)], "priority": 1}
    data = json.dumps({"features": [{"id": "a", **rest, **here, "passes": True, "x": 1}]}).encode()
    phase = Phase(1, there["name"], "a", there["description"], (), (test[2],))
    result = merged(data, wanted(phase), {"a": {**rest, **was}})
    clashes = []
    for key in was:
        versions = {str(was[key]), str(here[key]), str(there[key])}
        by_hand, by_phase = was[key] != here[key], was[key] != there[key]
        assert features(result)["a"][key] == (here[key] if by_hand else there[key])
        clashes += [key] if by_hand and by_phase and len(versions) == 3 else []
    assert [line.split(": ")[1] for line in result.said] == ([", ".join(clashes)] if clashes else [])
    assert {key: features(result)["a"][key] for key in ("passes", "x")} == {"passes": True, "x": 1}


@pytest.mark.parametrize(
    ("check", "starts"),
    [
        ("python3 -m pytest tests/test_login.py", True),
        ("test -f built && grep -q x built", True),
        ("PYTHONPATH=src python3 -c 'import app; print(app)'", True),
        ("./check.sh --all", True),
        ("sh missing/check.sh", True),
        ("./missing.sh", False),
        ("nosuchprogram --version", False),
        ("Run it.", False),
        ("make sure the page is shown", False),
        ("test that a wrong password is refused", False),
        ("python3 app.py and look at the output", False),
        ("echo 'unclosed", False),
        ("", False),
    ],
)
def test_a_check_is_a_command_where_it_can_start(check: str, starts: bool, tmp_path: Path) -> None:
    (tmp_path / "check.sh").write_text("exit 0\n")
    assert as_command(check, tmp_path) == (check if starts else "")

"""The lists of `tests/samples`, one of each dialect, and what each must read as (its `.expect.json`)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from orchestrator.errors import OrchestratorError
from orchestrator.features import document, marks
from orchestrator.features.dialects.tables import BUILT_IN, Rules
from orchestrator.features.document import REMOVE
from orchestrator.features.model import Feature, FeatureList, parse
from orchestrator.features.spans import NAME
from orchestrator.features.validation import Problem, validate
from orchestrator.staleness.forecast import forecast
from orchestrator.staleness.state import Facts, states

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
NAMES = sorted(path.name.removesuffix(".expect.json") for path in SAMPLES.glob("*.expect.json"))
EXPECTED: dict[str, dict[str, Any]] = {
    name: json.loads((SAMPLES / f"{name}.expect.json").read_text(encoding="utf-8")) for name in NAMES
}
READ = [name for name in NAMES if "states" in EXPECTED[name]]
REFUSED = [name for name in NAMES if EXPECTED[name].get("error")]
FIELDS = {
    "name": lambda f: f.name,
    "description": lambda f: f.description,
    "category": lambda f: f.category,
    "complexity": lambda f: f.complexity,
    "deps": lambda f: list(f.dependencies),
    "tests": lambda f: len(f.tests),
    "verify": lambda f: f.verify,
}


def data(name: str) -> bytes:
    return (SAMPLES / f"{name}.json").read_bytes()


def states_of(features: FeatureList) -> dict[str, str]:
    return {id: standing.state.value for id, standing in states(Facts(features)).items()}


def warnings(name: str) -> list[Problem]:
    return [problem for problem in validate(data(name)) if problem.severity == "warning"]


def test_there_is_a_sample_for_each_rule() -> None:
    assert len(READ) >= 11
    assert set(READ) | set(REFUSED) == set(NAMES)


@pytest.mark.parametrize("name", READ)
def test_each_feature_has_the_state_and_the_turn_that_its_author_means(name: str) -> None:
    features = parse(data(name))
    assert states_of(features) == EXPECTED[name]["states"]
    order = [step.feature.id for step in forecast(Facts(features))]
    assert order == EXPECTED[name].get("order", order)
    assert [problem for problem in validate(data(name)) if problem.severity == "error"] == []


@pytest.mark.parametrize("name", READ)
def test_each_field_is_read_by_whatever_name_it_has(name: str) -> None:
    by_id = parse(data(name)).by_id
    for field, read in FIELDS.items():
        wanted = EXPECTED[name].get(field, {})
        assert {id: read(by_id[id]) for id in wanted} == wanted, field  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("name", READ)
def test_warnings_are_as_many_and_about_what_they_are_to_be(name: str) -> None:
    found, expected = warnings(name), EXPECTED[name]
    assert len(found) == expected.get("warnings", len(found))
    said = " ".join(problem.message for problem in found)
    assert all(text in said for text in expected.get("warnings_hold", []))
    not_run = " ".join(problem.message for problem in found if "is not run" in problem.message)
    assert all(id in not_run for id in expected.get("verify_warned", []))


@pytest.mark.parametrize("name", REFUSED)
def test_an_error_names_what_it_is_about_and_says_what_to_type(name: str) -> None:
    with pytest.raises(OrchestratorError) as caught:
        parse(data(name))
    assert EXPECTED[name]["error"] in str(caught.value)
    assert EXPECTED[name].get("fix", "") in caught.value.fix
    assert caught.value.fix


@pytest.mark.parametrize("name", [name for name in NAMES if "with_setting" in EXPECTED[name]])
def test_the_settings_make_unknown_words_known(name: str) -> None:
    setting = EXPECTED[name]["with_setting"]
    rules = Rules(**{key: tuple(setting.get(key, ())) for key in Rules._fields})
    assert states_of(parse(data(name), NAME, rules)) == setting["states"]


def lines_changed(before: bytes, after: bytes) -> list[str]:
    """The keys of the lines that are others; no line has come or gone."""
    old, new = before.decode().split("\n"), after.decode().split("\n")
    return [one.split('"')[1] for one, other in zip(old, new, strict=True) if one != other]


@pytest.mark.parametrize("name", [name for name in NAMES if "after_completing" in EXPECTED[name]])
def test_completing_changes_what_decides_and_the_mark_and_nothing_else(name: str) -> None:
    wanted = EXPECTED[name]["after_completing"]
    after = marks.turn(data(name), {wanted["id"]: True})
    before, now = parse(data(name)).by_id, parse(after).by_id
    item = {**before[wanted["id"]].data, wanted["field"]: wanted["word"], "passes_from": "history"}
    item |= {"status": wanted["status"]} if "status" in wanted else {}
    assert now[wanted["id"]].data == item
    assert {id: f.data for id, f in now.items() if id != wanted["id"]} == {
        id: f.data for id, f in before.items() if id != wanted["id"]
    }
    assert now[wanted["id"]].passes


@pytest.mark.parametrize("name", [name for name in NAMES if "after_reopening" in EXPECTED[name]])
def test_reopening_writes_the_word_of_the_list(name: str) -> None:
    wanted = EXPECTED[name]["after_reopening"]
    feature = parse(marks.turn(data(name), {wanted["id"]: False})).by_id[wanted["id"]]
    assert (feature.data["status"], feature.passes) == (wanted["word"], False)


def can_be_turned(feature: Feature) -> bool:
    return not (feature.blocked or feature.dropped)


@pytest.mark.parametrize("name", READ)
def test_completing_and_reopening_is_read_back_and_touches_one_feature(name: str) -> None:
    before = data(name)
    for feature in filter(can_be_turned, parse(before).features):
        turned = marks.turn(before, {feature.id: not feature.passes})
        now = parse(turned).by_id
        assert now[feature.id].passes is not feature.passes
        for other in parse(before).features:
            assert other.id == feature.id or now[other.id] == other
        unmarked = document.edit(turned, {feature.id: {"passes_from": REMOVE}})
        assert lines_changed(document.edit(before, {feature.id: {"passes_from": REMOVE}}), unmarked) in (
            ["passes"],
            ["status"],
            ["state"],
            ["status", "passes"],
            ["state", "status"],
        )


@pytest.mark.parametrize("name", READ)
def test_unblocking_leaves_the_bytes_as_they_were_before_blocking(name: str) -> None:
    about = {"blocked_reason": "why not", "blocked_at": "2026-01-01T00:00:00+00:00"}
    before = data(name)
    for feature in parse(before).features:
        if feature.blocked or feature.dropped:
            continue
        blocked = marks.block(before, [feature.id], about)
        assert parse(blocked).by_id[feature.id].blocked
        assert marks.unblock(blocked, [feature.id]) == before


def test_a_script_that_reformats_a_list_changes_no_definition() -> None:
    from orchestrator.features.digest import definition_digest

    folder = SAMPLES / "reformatted-after-done"
    before, after = (parse((folder / f"{name}.json").read_bytes(), NAME, BUILT_IN) for name in ("before", "after"))
    assert [definition_digest(f) for f in before.features] == [definition_digest(f) for f in after.features]

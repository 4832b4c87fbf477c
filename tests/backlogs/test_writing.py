"""An entry in the words and under the names of the list that it comes into."""

from __future__ import annotations

import json
from typing import Any

import pytest

from orchestrator.backlogs import merging
from orchestrator.backlogs.protocol import Backlog, Entry
from orchestrator.features import model
from orchestrator.features.dialects.tables import Rules

ENTRIES = (
    Entry("o", name="o"),
    Entry("d", name="d", state="done"),
    Entry("b", name="b", state="blocked", reason="no key"),
    Entry("x", name="x", state="dropped", word="deferred"),
    Entry("y", name="y", state="dropped", word="left out there"),
)


def merged(document: object, *entries: Entry, rules: Rules = Rules()) -> dict[str, dict[str, Any]]:
    """The features after the import, which read as the entries say and change nothing a second time."""
    data = json.dumps(document, indent=2).encode()
    done = merging.merge(data, Backlog("ralph", "prd.json", entries), "feature_list.json", rules)
    again = merging.merge(done.data, Backlog("ralph", "prd.json", entries), "feature_list.json", rules)
    assert (again.data, dict(again.changed)) == (done.data, {})
    found = json.loads(done.data)
    return {str(item["id"]): item for item in (found if isinstance(found, list) else found["features"])}


def standing(items: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    fields = ("passes", "blocked", "blocked_reason", "status", "state", "done")
    return {id: {key: item[key] for key in fields if key in item} for id, item in items.items() if id in "odbxy"}


def read(items: dict[str, dict[str, Any]]) -> dict[str, tuple[bool, bool, bool]]:
    parsed = (model.feature(item) for id, item in items.items() if id in "odbxy")
    return {feature.id: (feature.passes, feature.blocked, bool(feature.dropped)) for feature in parsed}


SAID = {
    "o": (False, False, False),
    "d": (True, False, False),
    "b": (False, True, False),
    "x": (False, False, True),
    "y": (False, False, True),
}


def test_a_list_of_ours_gets_passes_and_a_word_only_for_what_is_dropped() -> None:
    items = merged({"features": [{"id": "F1", "name": "a", "passes": True}]}, *ENTRIES)
    assert standing(items) == {
        "o": {"passes": False},
        "d": {"passes": True},
        "b": {"passes": False, "blocked": True, "blocked_reason": "no key"},
        "x": {"status": "deferred"},
        "y": {"status": "cancelled"},
    }
    assert read(items) == SAID


def test_a_status_list_gets_the_words_that_it_uses_most_and_no_passes() -> None:
    listed = [
        {"id": 1, "title": "a", "status": "Passing"},
        {"id": 2, "title": "b", "status": "done"},
        {"id": 3, "title": "c", "status": "Passing"},
        {"id": 4, "title": "d", "status": "not_started"},
    ]
    items = merged({"features": listed}, *ENTRIES)
    assert standing(items) == {
        "o": {"status": "not_started"},
        "d": {"status": "Passing"},
        "b": {"status": "blocked", "blocked_reason": "no key"},
        "x": {"status": "deferred"},
        "y": {"status": "cancelled"},
    }
    assert read(items) == SAID


def test_an_empty_list_with_a_legend_gets_the_words_of_the_legend() -> None:
    items = merged({"rules": {"valid_status": ["open", "verified", "blocked"]}, "features": []}, *ENTRIES)
    assert [item["status"] for item in standing(items).values()] == [
        "open",
        "verified",
        "blocked",
        "deferred",
        "cancelled",
    ]
    assert read(items) == SAID


@pytest.mark.parametrize(("by", "open", "done"), [("state", "todo", "closed"), ("done", False, True)])
def test_the_field_that_says_it_in_the_list_says_it_for_new_features(by: str, open: object, done: object) -> None:
    items = merged([{"id": 1, "name": "a", by: done}, {"id": 2, "name": "b", by: open}], *ENTRIES)
    assert (items["o"][by], items["d"][by]) == (open, done)
    assert read(items) == SAID


def test_a_word_that_the_settings_know_as_dropped_comes_along() -> None:
    entry = Entry("x", name="x", state="dropped", word="Eingestellt")
    assert merged([], entry, rules=Rules(dropped=("eingestellt",)))["x"]["status"] == "Eingestellt"


def test_what_changes_is_written_under_the_names_of_the_feature() -> None:
    listed = {"id": 1, "title": "a", "summary": "s", "depends_on": "2", "steps": ["x"], "area": "ui", "status": "done"}
    entry = Entry(
        1, name="b", description="t", category="core", priority=2, dependencies=("3",), tests=("y",), complexity="low"
    )
    assert merged([listed], entry)["1"] == {
        **listed, "title": "b", "summary": "t", "depends_on": ["3"], "steps": ["y"], "area": "core", "priority": 2,
        "complexity": "low",
    }  # fmt: skip


def test_a_title_beside_a_slug_is_the_name() -> None:
    listed = {"id": 1, "name": "sign-in", "title": "Sign in", "passes": False}
    assert merged([listed], Entry(1, name="Sign in"))["1"] == listed
    assert merged([listed], Entry(1, name="Log in"))["1"] == {**listed, "title": "Log in"}


@pytest.mark.parametrize(
    ("listed", "entry"),
    [
        ({"priority": "high"}, Entry(1, priority=2)),
        ({"complexity": "Simple"}, Entry(1, complexity="low")),
        ({"depends_on": "2, 3"}, Entry(1, dependencies=(2, "3"))),
        ({"description": None, "tests": []}, Entry(1, description="", tests=())),
        ({"tests": ["a"], "verify": "look at it by hand"}, Entry(1, tests=("a",))),
        ({"description": "First. Second."}, Entry(1, name="First.", description="First. Second.")),
    ],
)
def test_what_says_the_same_otherwise_is_no_change(listed: dict[str, Any], entry: Entry) -> None:
    item = {"id": 1, "passes": True, **listed}
    assert merged([item], entry)["1"] == item

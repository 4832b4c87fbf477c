"""Entries come into a list: what is new, what changes, and what never does."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.lists import Text, texts

from orchestrator.backlogs import merging
from orchestrator.backlogs.protocol import Backlog, Entry, LeftOut, State, numbered, open_only
from orchestrator.errors import OrchestratorError
from orchestrator.features import model

WHERE = "feature_list.json"
STATUS = ("passes", "passes_from", "blocked", "blocked_reason", "needs_review", "status", "state")


def backlog(*entries: Entry) -> Backlog:
    return Backlog("ralph", "prd.json", entries)


def merge(data: bytes | list[dict[str, Any]], *entries: Entry) -> merging.Merged:
    before = data if isinstance(data, bytes) else json.dumps({"features": data}, indent=2).encode()
    return merging.merge(before, backlog(*entries), WHERE)


def features(merged: merging.Merged) -> dict[str, dict[str, Any]]:
    return {str(item["id"]): item for item in json.loads(merged.data.decode("utf-8-sig"))["features"]}


def made(*names: str) -> list[Entry]:
    ids = numbered("US-")
    return [Entry(next(ids), name=name, made=True) for name in names]


ids = st.sampled_from(["F1", "F2", "N1", "N2", 7, "ü"])
states: st.SearchStrategy[State] = st.sampled_from(["open", "done", "blocked"])
entries = st.fixed_dictionaries({
    "id": ids,
    "name": st.none() | st.text(max_size=5),
    "description": st.none() | st.text(max_size=5),
    "priority": st.none() | st.integers(0, 9),
    "tests": st.none() | st.lists(st.text(max_size=3), max_size=2).map(tuple),
    "complexity": st.sampled_from([None, "high", "low"]),
    "state": states,
}).map(lambda fields: Entry(**fields))  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(text=texts(), wanted=st.lists(entries, max_size=4, unique_by=lambda entry: str(entry.id)))
def test_no_status_of_what_exists_changes_and_a_second_run_changes_nothing(text: Text, wanted: list[Entry]) -> None:
    before = model.parse(text.data).by_id
    once = merge(text.data, *wanted)
    after = model.parse(once.data).by_id
    assert list(after)[: len(before)] == list(before)
    assert set(after) == set(before) | {str(entry.id) for entry in wanted}
    for id, feature in before.items():
        assert {key: feature.data.get(key) for key in STATUS} == {key: after[id].data.get(key) for key in STATUS}
        assert set(feature.data) <= set(after[id].data)
    for entry in wanted:
        now = after[str(entry.id)]
        assert entry.tests is None or now.tests == entry.tests
        assert entry.description is None or now.description.strip() == entry.description.strip()
        assert str(entry.id) in before or (now.passes, now.blocked) == (entry.state == "done", entry.state == "blocked")
    again = merge(once.data, *wanted)
    assert (again.data, again.added, dict(again.changed)) == (once.data, (), {})


def test_what_the_source_has_no_word_on_stays() -> None:
    listed = [{"id": "A", "name": "a", "description": "d", "verify": "make a", "priority": 4, "passes": True}]
    merged = merge(listed, Entry("A", name="b"))
    assert features(merged)["A"] == {**listed[0], "name": "b"}
    assert merged.changed == {"A": ("name",)}


def test_done_features_that_are_asked_for_otherwise_are_named() -> None:
    listed = [{"id": id, "name": "a", "passes": id != "C"} for id in ("A", "B", "C")]
    merged = merge(listed, Entry("A", name="b"), Entry("B", priority=2), Entry("C", name="b"))
    assert merged.warnings == ("1 done, and defined otherwise now: A; what a commit completed is built again",)


def test_a_text_of_digits_and_an_integer_are_one_id() -> None:
    listed = [{"id": 1, "name": "a", "passes": False}, {"id": "2", "name": "b", "dependencies": [1], "passes": False}]
    merged = merge(listed, Entry("1", name="a"), Entry(2, name="b", dependencies=("1",)))
    assert (merged.added, dict(merged.changed)) == ((), {})


def test_a_dependency_is_written_as_the_id_that_it_names() -> None:
    merged = merge([], Entry(1, name="a"), Entry(2, name="b", dependencies=("1", "9")))
    assert features(merged)["2"]["dependencies"] == [1, "9"]
    assert merged.warnings == ("2: depends on 9, which is neither there nor in the list; kept, and never met",)


def test_a_dependency_is_written_as_the_list_writes_the_id() -> None:
    merged = merge([{"id": 1, "name": "a", "passes": True}], Entry("1", name="a"), Entry("1.1", dependencies=("1",)))
    assert features(merged)["1.1"]["dependencies"] == [1]


def test_a_dependency_on_what_only_the_list_has_is_no_dependency_on_nothing() -> None:
    assert merge([{"id": "A", "name": "a", "passes": True}], Entry("B", dependencies=("A",))).warnings == ()


def test_new_features_are_written_in_the_style_of_the_list() -> None:
    data = b'\xef\xbb\xbf{\r\n\t"features": [\r\n\t\t{"id": "A", "name": "\xc3\xbc"}\r\n\t]\r\n}'
    assert merge(data, Entry("B", name="b", dependencies=("A",), state="done")).data == (
        b'\xef\xbb\xbf{\r\n\t"features": [\r\n\t\t{"id": "A", "name": "\xc3\xbc"},\r\n\t\t{"id": "B", "name": "b", '
        b'"description": "", "dependencies": ["A"], "tests": [], "passes": true}\r\n\t]\r\n}'
    )


def test_made_ids_stay_when_an_entry_is_put_between_and_another_is_reworded() -> None:
    first = merge([], *made("one", "two", "three"))
    assert list(features(first)) == ["US-001", "US-002", "US-003"]
    again = merge(first.data, *made("one", "new", "two", "three"))
    names = {id: item["name"] for id, item in features(again).items()}
    assert names == {"US-001": "one", "US-002": "two", "US-003": "three", "US-002-2": "new"}
    reworded = merge(first.data, *made("one", "two, better", "three"))
    assert {id: item["name"] for id, item in features(reworded).items()}["US-002"] == "two, better"
    assert reworded.added == ()


def test_a_made_id_never_takes_the_feature_of_somebody_else() -> None:
    merged = merge([{"id": "US-001", "name": "mine", "passes": True}], *made("theirs"))
    assert {id: item["name"] for id, item in features(merged).items()} == {"US-001": "mine", "US-001-2": "theirs"}
    assert merge(merged.data, *made("theirs")).data == merged.data


def test_dependencies_follow_an_id_that_had_to_change() -> None:
    listed = [{"id": "US-001", "name": "mine", "passes": True}]
    one, two = made("theirs", "after")
    merged = merge(listed, one, two._replace(dependencies=("US-001",)))
    assert features(merged)["US-002"]["dependencies"] == ["US-001-2"]


def test_an_id_that_comes_twice_is_an_error() -> None:
    with pytest.raises(OrchestratorError, match="'1' comes twice"):
        merge([], Entry(1), Entry("1"))


def test_an_id_that_can_be_none_is_an_error() -> None:
    with pytest.raises(OrchestratorError, match="control character"):
        merge([], Entry("a\nb"))


def test_a_circle_with_the_list_is_an_error_that_prints_it() -> None:
    listed = [{"id": "A", "name": "a", "dependencies": ["B"], "passes": False}]
    with pytest.raises(OrchestratorError, match="circle: A -> B -> A"):
        merge(listed, Entry("B", dependencies=("A",)))


def test_a_circle_that_only_what_is_done_closes_is_cut_there() -> None:
    entries = (Entry("A", dependencies=("B",)), Entry("B", dependencies=("A", "C"), state="done"), Entry("C"))
    merged = merge([], *entries)
    assert features(merged)["B"]["dependencies"] == ["C"]
    assert merged.warnings == ("B: is done, and its dependency on A makes a circle; left out",)
    assert (
        merge(merged.data, Entry("A", dependencies=("B",)), Entry("B", dependencies=("A", "C"), state="done")).changed
        == {}
    )


def test_only_open_leaves_out_what_is_done_and_what_nothing_open_depends_on() -> None:
    chosen = open_only(
        backlog(
            Entry("A", state="done"),
            Entry("B", dependencies=("A",), state="done"),
            Entry("C", dependencies=("B",)),
            Entry("D", dependencies=("C",), state="done"),
        )
    )
    assert [(entry.id, entry.dependencies) for entry in chosen.entries] == [("B", ()), ("C", ("B",))]
    assert chosen.left_out == (LeftOut("A", "done"), LeftOut("D", "done"))

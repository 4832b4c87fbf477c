"""Two versions of a list beside each other: what is the same in both, and how the one becomes the other."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.lists import Text, texts

from orchestrator.errors import OrchestratorError
from orchestrator.features import document
from orchestrator.features.document import REMOVE
from orchestrator.features.versions import MISSING, Version, anchors, keys_that_differ, read, same_key


def version(*features: object, **top: object) -> Version:
    return read(json.dumps({"features": features, **top}).encode(), "f")


@pytest.mark.parametrize(
    ("key", "one", "other", "same"),
    [
        ("passes", False, MISSING, True),
        ("blocked", MISSING, False, True),
        ("needs_review", MISSING, MISSING, True),
        ("passes", True, MISSING, False),
        ("name", "", MISSING, False),
        ("name", MISSING, MISSING, True),
        ("priority", 1, 1.0, False),
        ("priority", 1, True, False),
        ("x", {"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ("x", [1, 2], [2, 1], False),
    ],
)
def test_an_absent_flag_is_a_false_one_and_nothing_else_is_like_what_is_absent(
    key: str, one: Any, other: Any, same: bool
) -> None:
    assert same_key(key, one, other) is same_key(key, other, one) is same


def test_keys_that_differ_come_in_the_order_of_the_first_then_of_the_other() -> None:
    one = {"c": 1, "same": 0, "a": 1, "passes": False}
    assert keys_that_differ(one, {"new": 1, "a": 2, "same": 0}) == ["c", "a", "new"]


def test_a_feature_is_the_same_however_it_is_written_and_where_neither_has_it() -> None:
    one = read(b'[{"id": "A", "passes": false, "name": "n"}, {"id": "B"}]', "f")
    other = read(b'[{"name":"n","id":"A"}]', "f")
    assert [one.same_feature(id, other) for id in ("A", "B", "C")] == [True, False, True]


def test_values_are_objects_texts_are_what_the_file_holds() -> None:
    one = read(b'{"v": 1, "features": [{"id":  "A"}], "v": 2}', "f")
    assert (one.ids, one.value("A"), one.value("B") is MISSING, one.raw("A"), one.top) == (
        ["A"], {"id": "A"}, True, '{"id":  "A"}', {"v": 2},
    )  # fmt: skip


@given(texts(), texts())
def test_edits_give_another_version_the_keys_as_they_are_here(here: Text, there: Text) -> None:
    one, other = read(here.data, "f"), read(there.data, "f")
    common = [id for id in one.ids if id in other.by_id]
    changes = {}
    for id in common:
        keys = [key for key in {**one.value(id), **other.value(id)} if key != "id"]
        changes[id] = one.edits(id, keys)
    made = read(document.edit(there.data, changes), "f")
    for id in common:
        assert keys_that_differ({**made.value(id), "id": 0}, {**one.value(id), "id": 0}) == []


def test_edits_of_top_level_keys_remove_what_is_not_here_and_a_bare_list_has_none() -> None:
    edits = version(v=1).top_edits(["v", "w"])
    assert (getattr(edits["v"], "text", None), edits["w"]) == ("1", REMOVE)
    assert read(b"[]", "f").top_edits(["v"]) == {"v": REMOVE}


def test_nothing_at_all_may_stand_for_an_empty_list_only_where_it_is_asked_for() -> None:
    assert read(b" \n", "f", may_be_absent=True).ids == []
    with pytest.raises(OrchestratorError, match="the file is empty"):
        read(b"", "f")


def test_words_that_nobody_knows_are_no_reason_to_refuse_a_version() -> None:
    assert version({"id": "A", "status": "zzz"}).ids == ["A"]
    with pytest.raises(OrchestratorError):
        version({"id": "A", "passes": 3})


@given(st.permutations("abcdef"), st.sets(st.sampled_from("abcdef")), st.sets(st.sampled_from("abcdef")))
def test_an_anchor_is_the_nearest_id_before_it_that_both_have(
    order: list[str], present: set[str], wanted: set[str]
) -> None:
    kept = present - wanted
    expected = {}
    for id in wanted:
        before = [other for other in order[: order.index(id)] if other in kept]
        expected[id] = before[-1] if before else None
    assert anchors(order, present, wanted) == expected

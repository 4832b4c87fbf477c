from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.sides import IDS, bases, by_id, changed, plain, top, written

from orchestrator.features.dialects.tables import Rules
from orchestrator.features.guard import Guarded, guard
from orchestrator.features.spans import decode, scan

BEFORE = b"""{
  "project": "p",
  "features": [
    {"id": "F1", "name": "one",   "passes": false},
    {"id": "F2", "description": "two", "passes": false}
  ]
}
"""


def allowed(before: bytes, after: bytes, own: str) -> dict[str, Any]:
    """What the features are to be, written down from the contract's words."""
    old, new = by_id(before), by_id(after)
    wanted = dict(old)
    if own in old and own in new:
        claim = {key: new[own][key] for key in ("passes", "passes_from") if key in new[own]}
        wanted[own] = {key: value for key, value in old[own].items() if key not in ("passes", "passes_from")} | claim
    for id in new.keys() - old.keys():
        wanted[id] = {key: value for key, value in new[id].items() if key != "passes_from"}
        wanted[id].update(passes=False, blocked=False)
    return wanted


def raws(data: bytes) -> dict[str, str]:
    layout = scan(decode(data))
    return {id: layout.raw(element) for id, element in layout.by_id().items()}


@given(st.data())
def test_only_the_own_claim_and_new_features_get_through(data: st.DataObject) -> None:
    base = data.draw(bases())
    before, after = data.draw(written(base)), data.draw(written(data.draw(changed(base))))
    own = data.draw(st.sampled_from(IDS))
    result = guard(before, after, own)
    assert by_id(result.data) == allowed(before, after, own)
    assert {key: value for key, value in top(result.data).items() if key in top(before)} == top(before)
    assert top(result.data).keys() == top(before).keys() | top(after).keys()
    again = guard(before, result.data, own)
    assert again == Guarded(result.data, [])
    if not result.undone:
        assert result.data == after
    elif any("restored" in said for said in result.undone):
        old, new = raws(before), raws(result.data)
        assert {id: new[id] for id in old if id != own} == {id: old[id] for id in old if id != own}


@given(st.data())
def test_everything_that_is_undone_is_told(data: st.DataObject) -> None:
    base = data.draw(bases())
    after = data.draw(changed(base))
    result = guard(json.dumps(base).encode(), json.dumps(after).encode(), "A")
    told = {said.split(":")[0] for said in result.undone if not said.startswith("the top-level")}
    was, is_ = ({item["id"]: plain(item) for item in side["features"]} for side in (base, after))
    wanted = allowed(json.dumps(base).encode(), json.dumps(after).encode(), "A")
    assert told == {id for id in wanted if is_.get(id) != wanted[id]}
    assert was.keys() <= wanted.keys()


def test_a_claim_and_a_reformatted_list_stay_as_the_agent_left_them() -> None:
    after = json.dumps(json.loads(BEFORE), indent=4).replace('"passes": false', '"passes": true', 1).encode()
    assert guard(BEFORE, after, "F1") == Guarded(after, [])


def test_what_is_undone_is_undone_to_the_byte_and_told() -> None:
    after = (
        BEFORE.replace(b"two", b"2")
        .replace(b'"one",   "passes": false', b'"one",   "passes": true')
        .replace(b"    {", b'    {"id": "F3", "passes": true},\n    {', 1)
        .replace(b'"p"', b'"q", "extra": 1')
    )
    result = guard(BEFORE, after, "F1")
    assert result.data == (
        BEFORE.replace(b'"one",   "passes": false', b'"one",   "passes": true')
        .replace(b"    {", b'    {"id": "F3", "passes": false},\n    {', 1)
        .replace(b"\n  ]\n", b'\n  ],\n  "extra": 1\n')
    )
    assert result.undone == [
        "F2: description was changed; restored",
        'the top-level "project" was changed; restored',
        "F3: came in with passes set; cleared",
    ]


def test_deleted_features_come_back_and_several_keys_are_named() -> None:
    after = b'{"project": "p", "features": [{"id": "F1", "name": "1", "blocked": true, "passes": true}]}'
    result = guard(BEFORE, after, "F2")
    assert result == Guarded(BEFORE, [
        "F1: name, passes and blocked were changed; restored", "F2: was deleted; restored",
    ])  # fmt: skip


def test_a_list_that_was_left_invalid_is_restored_whole() -> None:
    twice = BEFORE.replace(b"F2", b"F1")
    circle = BEFORE.replace(b'"id": "F1"', b'"id": "F1", "dependencies": ["F1"]')
    for after, why in (
        (b"", 'not valid JSON: the file is empty (feature_list.json:1:1). Write {"features": []} into it'),
        (b'{"features": [', "not valid JSON: Expecting value (feature_list.json:1:15)"),
        (twice, "the id 'F1' comes twice (first in line 4) (feature_list.json:5:6). Give one of the two another id"),
        (
            circle,
            "the dependencies go in a circle: F1 -> F1 (feature_list.json:4:18). Remove one of these dependencies",
        ),
    ):
        said = f"the feature list was left invalid, {why}; it was restored whole"
        assert guard(BEFORE, after, "F1") == Guarded(BEFORE, [said])


def test_additions_that_make_a_circle_with_what_is_restored_are_dropped() -> None:
    before = b'[{"id": "A", "dependencies": ["N"]}]'
    after = b'[{"id": "A", "dependencies": []}, {"id": "N", "dependencies": ["A"]}]'
    result = guard(before, after, "A")
    assert result.data == before
    assert result.undone[0] == "A: dependencies was changed; restored"
    assert "A -> N -> A" in result.undone[1]


def test_a_first_list_comes_in_with_nothing_done() -> None:
    assert guard(b"", b'[{"id": "A", "passes": true}]', "init") == Guarded(
        b'[{"id": "A", "passes": false}]', ["A: came in with passes set; cleared"]
    )


STATUS = (
    b'{"features": [\n  {"id": 1, "title": "one", "status": "open", "evidence": []},\n'
    b'  {"id": 2, "title": "two", "status": "Done"},\n  {"id": 3, "title": "three", "status": "open"}\n]}\n'
)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"open", "evidence": []', b'"in_progress", "evidence": ["seen"]'),
        (b'"open", "evidence": []', b'"Done", "evidence": [], "completed_at": "today", "test_notes": "x"'),
        (b'"open", "evidence": []', b'"open", "evidence": [], "attempts": 3, "passes": true'),
    ],
)
def test_a_session_keeps_its_own_books(old: bytes, new: bytes) -> None:
    after = STATUS.replace(old, new)
    assert guard(STATUS, after, "1") == Guarded(after, [])
    result = guard(STATUS, after, "2")
    assert result.data == STATUS
    assert result.undone[0].startswith("1: ")


@pytest.mark.parametrize("word", ["blocked", "cancelled", "skipped", "nobody knows"])
def test_a_status_may_not_set_the_feature_aside(word: str) -> None:
    after = STATUS.replace(b'"open", "evidence": []', b'"%s", "evidence": ["seen"]' % word.encode())
    assert guard(STATUS, after, "1") == Guarded(
        STATUS.replace(b'"evidence": []', b'"evidence": ["seen"]'), ["1: status was changed; restored"]
    )


@pytest.mark.parametrize(
    "key", ["priority", "complexity", "needs_review", "blocked_by", "_own", "suggested_fix", "blocked"]
)
def test_what_is_ours_is_no_sessions_bookkeeping(key: str) -> None:
    after = STATUS.replace(b'"evidence": []', b'"evidence": [], "%s": true' % key.encode())
    if key in ("priority", "complexity"):
        after = after.replace(b": true", b": 1")
    assert guard(STATUS, after, "1") == Guarded(STATUS, [f"1: {key} was changed; restored"])


def test_bookkeeping_of_the_settings_is_a_sessions_too() -> None:
    after = STATUS.replace(b'"evidence": []', b'"evidence": [], "effort": 3')
    assert guard(STATUS, after, "1").data == STATUS
    assert guard(STATUS, after, "1", Rules(bookkeeping=("effort",))) == Guarded(after, [])


def test_a_new_feature_of_a_status_list_comes_in_as_not_done() -> None:
    after = STATUS.replace(b"\n]}", b',\n  {"id": 4, "status": "Done", "done": true}, {"id": 5, "status": "odd"}\n]}')
    result = guard(STATUS, after, "1")
    assert result.undone == ["4: came in with status and done set; cleared", "5: came in with status set; cleared"]
    assert [f["status"] for f in json.loads(result.data)["features"]] == ["open", "Done", "open", "open", "open"]
    assert json.loads(result.data)["features"][3]["done"] is False

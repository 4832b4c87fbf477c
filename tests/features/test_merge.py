from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.sides import bases, by_id, changed, plain, top, written

from orchestrator.errors import OrchestratorError
from orchestrator.features.merge import Merged, merge

CLASH = "clash"
_DEFINITION = ("name", "tests")


def three_way(base: dict[str, Any], one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """By key; CLASH where both went different ways."""
    found: dict[str, Any] = {}
    for key in {*base, *one, *other}:
        ways = [side.get(key, "absent") for side in (base, one, other)]
        if ways[1] == ways[2]:
            found[key] = ways[1]
        elif ways[0] in ways[1:]:
            found[key] = ways[2] if ways[0] == ways[1] else ways[1]
        else:
            found[key] = CLASH
    return {key: value for key, value in found.items() if value != "absent"}


def expected(base: bytes, ours: bytes, theirs: bytes) -> dict[str, Any]:
    """Feature by id; CLASH for those in conflict."""
    lists = [by_id(side) if side else {} for side in (base, ours, theirs)]
    found: dict[str, Any] = {}
    for id in {id for side in lists for id in side}:
        was, one, other = (side.get(id) for side in lists)
        if one == other or was in (one, other):
            found[id] = other if was == one else one
        elif one is None or other is None:
            found[id] = CLASH
        else:
            nothing = plain({"id": id})
            found[id] = three_way(was or nothing, one, other)
            differs = was is None and any(one.get(key) != other.get(key) for key in _DEFINITION)
            if differs or CLASH in found[id].values():
                found[id] = CLASH
    return {id: value for id, value in found.items() if value is not None}


def resolved(data: bytes, side: str) -> bytes:
    """The file after someone chose this side of every conflict."""
    keep = {"ours": r"\1", "theirs": r"\2"}[side]
    block = r"(?ms)^<<<<<<< ours\r?\n(.*?)^=======\r?\n(.*?)^>>>>>>> theirs\r?\n"
    text = re.sub(block, keep, data.decode())
    # Neighbouring conflicts with deletions can leave a comma too many for the person to take out.
    return re.sub(r",(\s*[\]}])", r"\1", re.sub(r"([\[{]\s*),", r"\1", text)).encode()


@given(st.data())
@settings(max_examples=300)
def test_nothing_that_one_side_did_is_lost_and_nothing_else_happens(data: st.DataObject) -> None:
    base = data.draw(bases())
    sides = [data.draw(written(side)) for side in (base, data.draw(changed(base)), data.draw(changed(base)))]
    result = merge(*sides)
    wanted = expected(*sides)
    tops = three_way(*(top(side) for side in sides))
    clashing = {id for id, value in wanted.items() if value == CLASH}
    clashing_tops = {key for key, value in tops.items() if value == CLASH}
    said = {said.split(":")[0] for said in result.conflicts}
    assert said == clashing | {f'top-level "{key}"' for key in clashing_tops}
    for side in ("ours", "theirs"):
        chosen = resolved(result.data, side)
        found, original = by_id(chosen), by_id(sides[1 if side == "ours" else 2])
        for id in clashing & original.keys():
            was, one, other = (by_id(data).get(id) or plain({"id": id}) for data in sides)
            for key, value in three_way(was, one, other).items():
                if value == CLASH:
                    assert found[id].get(key) == original[id].get(key)
        assert found.keys() == {id for id in wanted if id not in clashing or id in original}
        assert {id: found[id] for id in wanted if id not in clashing} == {
            id: value for id, value in wanted.items() if value != CLASH
        }
        assert {key: value for key, value in top(chosen).items() if key not in clashing_tops} == {
            key: value for key, value in tops.items() if value != CLASH
        }


@given(st.data())
def test_it_does_not_matter_whose_side_is_ours(data: st.DataObject) -> None:
    base = data.draw(bases())
    sides = [data.draw(written(side)) for side in (base, data.draw(changed(base)), data.draw(changed(base)))]
    one, other = merge(*sides), merge(sides[0], sides[2], sides[1])
    assert {said.split(":")[0] for said in one.conflicts} == {said.split(":")[0] for said in other.conflicts}
    if not one.conflicts:
        assert by_id(one.data) == by_id(other.data)
        assert top(one.data) == top(other.data)


@given(st.data())
def test_a_side_that_changed_nothing_gives_the_other_side_to_the_byte(data: st.DataObject) -> None:
    base = data.draw(bases())
    was, now = data.draw(written(base)), data.draw(written(data.draw(changed(base))))
    assert merge(was, now, was) == merge(was, was, now) == merge(was, now, now) == Merged(now, [])


LIST = b"""{
  "features": [
    {"id": "F1", "name":   "one", "passes": false},
    {"id": "F2", "name": "two", "passes": false},
    {"id": "F3", "passes": false}
  ]
}
"""


def flipped(data: bytes, id: bytes) -> bytes:
    return re.sub(rb'("id": "%s".*)false' % id, rb"\1true", data)


def test_flips_of_neighbours_on_both_sides_merge() -> None:
    result = merge(LIST, flipped(LIST, b"F1"), flipped(flipped(LIST, b"F2"), b"F3"))
    assert result == Merged(LIST.replace(b"false", b"true"), [])


def test_additions_at_the_end_of_both_sides_follow_each_other() -> None:
    def added(id: bytes) -> bytes:
        return LIST.replace(b"\n  ]", b',\n    {"id": "%s"}\n  ]' % id)

    result = merge(LIST, added(b"N1"), added(b"N2"))
    assert result == Merged(LIST.replace(b"\n  ]", b',\n    {"id": "N1"},\n    {"id": "N2"}\n  ]'), [])


def test_an_addition_stands_behind_what_it_stood_behind() -> None:
    theirs = LIST.replace(b'    {"id": "F2"', b'    {"id": "N"},\n    {"id": "F2"').replace(
        b"[\n", b'[\n    {"id": "M"},\n'
    )
    ours = LIST.replace(b'    {"id": "F1", "name":   "one", "passes": false},\n', b"")
    result = merge(LIST, ours, theirs)
    assert [item["id"] for item in json.loads(result.data)["features"]] == ["M", "N", "F2", "F3"]


def test_an_order_that_only_they_changed_is_taken() -> None:
    ours = flipped(LIST, b"F1")
    theirs = b'[{"id": "F3", "passes": false}, {"id": "F1", "name": "one", "passes": false}, {"id": "F2", "name": "2"}]'
    theirs = b'{"features": %s}' % theirs
    result = merge(LIST, ours, theirs)
    assert result == Merged(theirs.replace(b'"one", "passes": false', b'"one", "passes": true'), [])


def test_a_conflict_has_markers_around_its_feature_only_and_the_rest_is_merged() -> None:
    ours = flipped(LIST, b"F1").replace(b'"two"', b'"2"')
    theirs = flipped(flipped(LIST, b"F2"), b"F3").replace(b'"two"', b'"zwei"')
    result = merge(LIST, ours, theirs)
    assert result.conflicts == ["F2: name: changed on both sides"]
    assert result.data.decode() == (
        '{\n  "features": [\n    {"id": "F1", "name":   "one", "passes": true},\n'
        '<<<<<<< ours\n    {"id": "F2", "name": "2", "passes": true},\n'
        '=======\n    {"id": "F2", "name": "zwei", "passes": true},\n>>>>>>> theirs\n'
        '    {"id": "F3", "passes": true}\n  ]\n}\n'
    )


def test_deleting_against_changing_is_a_conflict_on_whichever_side() -> None:
    gone = LIST.replace(b',\n    {"id": "F3", "passes": false}', b"")
    new = LIST.replace(b'"F3"', b'"F3", "name": "3"')
    kept = ',\n    {"id": "F3", "name": "3", "passes": false}\n'
    for sides, texts, names in (
        ((gone, new), ("", kept), ("ours", "theirs")),
        ((new, gone), (kept, ""), ("theirs", "ours")),
    ):
        result = merge(LIST, *sides)
        assert result.conflicts == [f"F3: deleted in {names[0]}, changed in {names[1]}"]
        block = f"<<<<<<< ours\n{texts[0]}=======\n{texts[1]}>>>>>>> theirs\n"
        start = LIST.decode().partition(',\n    {"id": "F3"')[0]
        assert result.data.decode() == f"{start}\n{block}  ]\n}}\n"


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize(("count", "at"), [(1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (3, 2)])
@pytest.mark.parametrize("deleted_by", ["ours", "theirs"])
def test_either_side_of_a_deletion_leaves_valid_json(indent: int | None, count: int, at: int, deleted_by: str) -> None:
    def listed(items: list[dict[str, Any]]) -> bytes:
        return json.dumps({"features": items}, indent=indent).encode()

    items: list[dict[str, Any]] = [{"id": f"F{n}"} for n in range(count)]
    gone = [item for n, item in enumerate(items) if n != at]
    new = [{**item, "name": "new"} if n == at else item for n, item in enumerate(items)]
    sides = {deleted_by: gone, ("theirs" if deleted_by == "ours" else "ours"): new}
    result = merge(listed(items), listed(sides["ours"]), listed(sides["theirs"]))
    for side, left in sides.items():
        block = r"(?ms)^<<<<<<< ours\n(?P<ours>.*?)^=======\n(?P<theirs>.*?)^>>>>>>> theirs\n"
        assert json.loads(re.sub(block, rf"\g<{side}>", result.data.decode())) == {"features": left}


def test_two_new_features_under_one_id_are_not_mixed() -> None:
    ours, theirs = b'[{"id": "N", "name": "a", "passes": true}]', b'[{"id": "N", "description": "b"}]'
    result = merge(b"", ours, theirs)
    assert result.conflicts == ["N: name, description: added on both sides, and differs"]
    assert resolved(result.data, "ours").replace(b"\n", b"") == ours
    assert resolved(result.data, "theirs").replace(b"\n", b"") == b'[{"id": "N", "passes": true, "description": "b"}]'


def test_two_lists_without_a_common_ancestor_are_joined() -> None:
    ours, theirs = b'[{"id": "A"}, {"id": "B"}]', b'[{"id": "A", "passes": true}, {"id": "C"}]'
    assert merge(b"", ours, theirs) == Merged(b'[{"id": "A", "passes": true}, {"id": "B"}, {"id": "C"}]', [])


def test_texts_keep_their_escapes_and_take_the_line_ends_of_the_file() -> None:
    base = b'[\n  {"id": "A", "x": 1.0}\n]\n'
    theirs = b'[\r\n  {"id": "A", "x": [\r\n"\\u00fc", 1.50]},\r\n  {\r\n"id": "N"}\r\n]\r\n'
    ours = base.replace(b'"x"', b'"passes": true, "x"')
    assert merge(base, ours, theirs).data == (
        b'[\n  {"id": "A", "passes": true, "x": [\n"\\u00fc", 1.50]},\n  {\n"id": "N"}\n]\n'
    )


def test_two_sides_that_make_a_circle_together_are_a_conflict() -> None:
    base = b'[{"id": "A"}, {"id": "B"}]'
    ours = b'[{"id": "A", "dependencies": ["B"]}, {"id": "B"}]'
    theirs = b'[{"id": "A"}, {"id": "B", "dependencies": ["A"]}]'
    result = merge(base, ours, theirs)
    assert result.conflicts == ["the two sides do not fit together: the dependencies go in a circle: A -> B -> A"]
    assert by_id(b'{"features": %s}' % result.data).keys() == {"A", "B"}


@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_side_that_cannot_be_read_is_refused_by_name(at: int) -> None:
    sides = [LIST, flipped(LIST, b"F1"), flipped(LIST, b"F2")]
    sides[at] = sides[at][:-5]
    with pytest.raises(OrchestratorError, match=["common ancestor", "ours", "theirs"][at]):
        merge(*sides)


def test_git_itself_would_have_seen_a_conflict(tmp_path: Path) -> None:
    names = {"ours": flipped(LIST, b"F1"), "base": LIST, "theirs": flipped(LIST, b"F2")}
    for name, content in names.items():
        (tmp_path / name).write_bytes(content)
    merged = subprocess.run(["git", "merge-file", "-p", *names], cwd=tmp_path, capture_output=True)
    assert merged.returncode == 1
    assert merge(*(names[name] for name in ("base", "ours", "theirs"))).conflicts == []


def status_list(word: str, more: str = "") -> bytes:
    return f'[{{"id": 1, "status": "{word}"{more}}},\n {{"id": 2, "status": "open"}}]\n'.encode()


@pytest.mark.parametrize(
    ("ours", "theirs", "merged"),
    [
        ("done", "in_progress", "done"),
        ("review", "Done", "Done"),
        ("done", "Complete", "done"),
        ("cancelled", "started", "cancelled"),
    ],
)
def test_words_of_a_status_are_merged_by_what_they_mean(ours: str, theirs: str, merged: str) -> None:
    for one, other, word in ((ours, theirs, merged), (theirs, ours, {"done": "Complete"}.get(merged, merged))):
        if {ours, theirs} != {"done", "Complete"}:
            word = merged
        mark = ', "passes_from": "history"'
        assert merge(status_list("open"), status_list(one), status_list(other)).data == status_list(word)
        both = merge(status_list("open"), status_list(one, mark), status_list(other))
        assert both == Merged(status_list(word, mark), [])


@pytest.mark.parametrize(("ours", "theirs"), [("in_progress", "review"), ("done", "blocked"), ("done", "odd")])
def test_words_that_can_not_both_hold_are_a_conflict(ours: str, theirs: str) -> None:
    assert merge(status_list("open"), status_list(ours), status_list(theirs)).conflicts == [
        "1: status: changed on both sides"
    ]


def test_lists_with_words_that_nobody_knows_are_merged_all_the_same() -> None:
    base, theirs = status_list("odd"), status_list("odd").replace(b"open", b"done")
    assert merge(base, status_list("odder"), theirs) == Merged(status_list("odder").replace(b"open", b"done"), [])

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.lists import Pairs, Text, extra_keys, pairs, texts, values

from orchestrator.errors import OrchestratorError
from orchestrator.features import document
from orchestrator.features.document import REMOVE, Raw, append, edit, edit_top, insert, locate, remove

PLAIN = b"""{
  "features": [
    {
      "id": "F1",
      "passes": false
    },
    {
      "id": "F2"
    }
  ]
}
"""


def id_of(item: Pairs) -> str:
    return str(dict(item)["id"])


def edited(item: Pairs, change: dict[str, Any]) -> Pairs:
    """What an edit means, on pairs."""
    found = Pairs(item)
    for key, value in change.items():
        at = [index for index, (name, _) in enumerate(found) if name == key]
        if value is REMOVE:
            found = Pairs(pair for pair in found if pair[0] != key)
        elif at:
            found[at[-1]] = (key, value)
    for key, value in change.items():
        if value is not REMOVE and key not in dict(item):
            found.insert(place([name for name, _ in found], key), (key, value))
    return found


def place(names: list[str], key: str) -> int:
    """Where a new key goes among these."""
    if key == "passes_from" and "passes" in names:
        return max(at for at, name in enumerate(names) if name == "passes") + 1
    if key in ("passes", "passes_from", "needs_review") and len(names) > 3 and all(a <= b for a, b in pairwise(names)):
        return sum(name <= key for name in names)
    return len(names)


def as_pairs(value: Any) -> Any:
    """Plain objects as what `pairs` reads."""
    if isinstance(value, Pairs):
        return Pairs((key, as_pairs(inner)) for key, inner in value)
    if isinstance(value, dict):
        return Pairs((key, as_pairs(inner)) for key, inner in value.items())
    return [as_pairs(inner) for inner in value] if isinstance(value, list) else value


def with_list(text: Text, listed: list[Any]) -> Any:
    if not isinstance(text.document, Pairs):
        return as_pairs(listed)
    return as_pairs(Pairs((key, listed if key == "features" else value) for key, value in text.document))


def exactly(value: Any) -> str:
    """Unlike ==, tells 1 from true and from 1.0, and pairs from lists."""
    return repr(value)


KEYS = ["passes", "passes_from", "needs_review", "name", "new"]
changes_ = st.dictionaries(
    extra_keys | st.sampled_from(KEYS),
    values | st.just(REMOVE),
    min_size=1,
    max_size=3,
)


@given(texts(), st.data())
def test_an_edit_sets_adds_and_removes_what_it_says_and_leaves_all_else(text: Text, data: st.DataObject) -> None:
    ids = [id_of(item) for item in text.listed]
    changes = data.draw(st.dictionaries(st.sampled_from(ids), changes_)) if ids else {}
    expected = [edited(item, changes.get(id_of(item), {})) for item in text.listed]
    assert exactly(pairs(edit(text.data, changes))) == exactly(with_list(text, expected))


@given(texts(), st.data())
def test_setting_what_is_there_changes_the_bytes_of_these_values_only(text: Text, data: st.DataObject) -> None:
    written = {path for path, _ in text.parts}  # without containers, which are written in many parts
    changes: dict[str, dict[str, int]] = {}
    new: dict[tuple[Any, ...], str] = {}
    for index, item in enumerate(text.listed):
        last = {key: (*text.root, index, at) for at, (key, _) in enumerate(item) if key != "id"}
        names = [key for key, path in last.items() if path in written]
        for key in data.draw(st.sets(st.sampled_from(names))) if names else ():
            changes.setdefault(id_of(item), {})[key] = 10**40 + index  # no value is this by chance
            new[last[key]] = str(10**40 + index)
    assert edit(text.data, changes) == text.with_values(new)


@given(texts(), st.data())
def test_an_edit_of_one_feature_leaves_the_bytes_around_it(text: Text, data: st.DataObject) -> None:
    if not text.listed:
        return
    item = data.draw(st.sampled_from(text.listed))
    result = edit(text.data, {id_of(item): data.draw(changes_)})
    line, column = locate(text.data, id_of(item))
    whole = text.data.decode()
    start = sum(len(part) + 1 for part in whole.split("\n")[: line - 1]) + column - 1
    start += line == 1 and whole.startswith("\ufeff")
    end = json.JSONDecoder().raw_decode(whole, start)[1]
    assert result.decode().startswith(whole[:start])
    assert result.decode().endswith(whole[end:])


@given(texts(), st.data())
def test_an_edit_back_gives_the_same_values_and_no_edit_the_same_bytes(text: Text, data: st.DataObject) -> None:
    same = {id_of(item): {k: v for k, v in item if not isinstance(v, Pairs) and k != "id"} for item in text.listed}
    assert edit(text.data, same) == text.data
    assert edit(text.data, {}) == text.data


@given(texts(), st.lists(st.dictionaries(st.text(), values, max_size=3), max_size=3))
def test_appended_features_stand_at_the_end(text: Text, items: list[dict[str, Any]]) -> None:
    result = append(text.data, items)
    assert exactly(pairs(result)) == exactly(with_list(text, [*text.listed, *items]))


@given(texts(), st.data())
def test_removed_features_are_gone_and_the_others_are_as_they_were(text: Text, data: st.DataObject) -> None:
    ids = [id_of(item) for item in text.listed]
    gone = data.draw(st.sets(st.sampled_from(ids))) if ids else set()
    expected = [item for item in text.listed if id_of(item) not in gone]
    assert exactly(pairs(remove(text.data, gone))) == exactly(with_list(text, expected))


@given(texts(), st.data())
def test_inserted_features_follow_the_one_named(text: Text, data: st.DataObject) -> None:
    places = [None, *(id_of(item) for item in text.listed)]
    chosen = data.draw(st.lists(st.sampled_from(places), max_size=4))
    expected: list[Any] = []
    for place in places:
        expected += [item for item in text.listed if id_of(item) == place]
        expected += [{"id": number} for number, after in enumerate(chosen, 100) if after == place]
    objects = [(after, f'{{"id": {number}}}') for number, after in enumerate(chosen, 100)]
    assert exactly(pairs(insert(text.data, objects))) == exactly(with_list(text, expected))


def test_a_flag_is_flipped_in_place() -> None:
    assert edit(PLAIN, {"F1": {"passes": True}}) == PLAIN.replace(b"false", b"true")


def test_a_new_key_takes_the_style_of_its_object() -> None:
    data = b'\xef\xbb\xbf[\r\n\t{"id":1, "passes" : false},\r\n\t{\r\n\t\t"id":"B",\r\n\t\t"tests":[]\r\n\t}\r\n]'
    result = edit(data, {"1": {"note": ["ü"]}, "B": {"tests": ["a"], "passes": True}})
    assert result.decode() == (
        '\ufeff[\r\n\t{"id":1, "passes" : false, "note" : ["ü"]},\r\n\t{\r\n\t\t"id":"B",\r\n'
        '\t\t"tests":[\r\n\t\t\t"a"\r\n\t\t],\r\n\t\t"passes":true\r\n\t}\r\n]'
    )


def test_commas_at_line_starts_stay_there() -> None:
    data = b'[\n  { "id": "A"\n  , "x": 1\n  }\n, { "id": "B"\n  }\n]\n'
    assert edit(data, {"A": {"y": 2}}) == data.replace(b'"x": 1', b'"x": 1\n  , "y": 2')
    assert edit(data, {"A": {"x": REMOVE}}) == b'[\n  { "id": "A"\n  }\n, { "id": "B"\n  }\n]\n'
    assert remove(data, ["A"]) == b'[\n  { "id": "B"\n  }\n]\n'


def test_blank_lines_between_neighbours_are_not_repeated() -> None:
    data = b'[\n  {"id": "A"},\n\n\n  {"id": "B"}\n]\n'
    assert append(data, [{"id": "C"}]) == data.replace(b'"B"}', b'"B"},\n  {"id": "C"}')


def test_a_removed_key_takes_its_line_with_it() -> None:
    with_mark = edit(PLAIN, {"F1": {"passes_from": "history"}})
    assert with_mark == PLAIN.replace(b"false", b'false,\n      "passes_from": "history"')
    assert edit(with_mark, {"F1": {"passes_from": REMOVE}}) == PLAIN


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"id": "A", "passes": false, "x": []', '"id": "A", "passes": true, "passes_from": "history", "x": []'),
        ('"passes": false, "id": "A"', '"passes": true, "passes_from": "history", "id": "A"'),
        ('"a":1, "id": "A", "m":2, "z":3', '"a":1, "id": "A", "m":2, "passes":true, "passes_from":"history", "z":3'),
        ('"id": "A", "z": []', '"id": "A", "z": [], "passes": true, "passes_from": "history"'),
        ('"m":1, "id": "A", "x":1, "z":2', '"m":1, "id": "A", "x":1, "z":2, "passes":true, "passes_from":"history"'),
    ],
)  # fmt: skip
def test_the_mark_goes_behind_its_flag_and_sorted_keys_stay_sorted(before: str, after: str) -> None:
    change = {"A": {"passes": True, "passes_from": "history"}}
    assert edit(f"[{{{before}}}]".encode(), change).decode() == f"[{{{after}}}]"


def test_new_text_is_escaped_where_the_file_escapes() -> None:
    assert edit(b'[{"id": "\\u00fc"}]', {"ü": {"x": "é"}}) == b'[{"id": "\\u00fc", "x": "\\u00e9"}]'
    assert edit(b'[{"id": "a"}]', {"a": {"x": "é"}}) == '[{"id": "a", "x": "é"}]'.encode()
    assert edit(b'[{"id": "a"}]', {"a": {"x": "\ud800é"}}) == '[{"id": "a", "x": "\\ud800é"}]'.encode()


def test_a_value_that_is_equal_but_of_another_type_is_written() -> None:
    assert edit(b'[{"id":"a","x":1}]', {"a": {"x": True}}) == b'[{"id":"a","x":true}]'
    assert edit(b'[{"id":"a","x":1.50}]', {"a": {"x": 1.5}}) == b'[{"id":"a","x":1.50}]'


def test_raw_text_is_written_as_it_is() -> None:
    assert edit(b'[{"id":"a","x":1}]', {"a": {"x": Raw("1.00"), "y": Raw('"\\u0041"')}}) == (
        b'[{"id":"a","x":1.00,"y":"\\u0041"}]'
    )


@pytest.mark.parametrize(
    ("empty", "filled"),
    [
        (b'{"features":[]}', b'{"features":[{"id":"A","tests":["x"]}]}'),
        (
            b'{"features": []}\n',
            b'{"features": [\n  {\n    "id": "A",\n    "tests": [\n      "x"\n    ]\n  }\n]}\n',
        ),
        (
            b'{\r\n\t"features": [\r\n\t]\r\n}',
            b'{\r\n\t"features": [\r\n\t\t{\r\n\t\t\t"id": "A",\r\n\t\t\t"tests": ['
            b'\r\n\t\t\t\t"x"\r\n\t\t\t]\r\n\t\t}\r\n\t]\r\n}',
        ),
        (b"[]", b'[\n  {\n    "id": "A",\n    "tests": [\n      "x"\n    ]\n  }\n]'),
    ],
)
def test_an_empty_list_is_filled_in_the_style_of_the_file(empty: bytes, filled: bytes) -> None:
    assert append(empty, [{"id": "A", "tests": ["x"]}]) == filled


def test_appending_looks_as_if_a_serialiser_had_written_it_all() -> None:
    items = [{"id": f"F{n}", "tests": ["a", "b"], "x": {"y": [1]}} for n in range(3)]
    for indent in (None, 1, 2, 4, "\t"):
        for separators in ((",", ": "), (",", ":")) if indent else ((", ", ": "), (",", ":")):
            one, all_ = (
                json.dumps({"features": some}, indent=indent, separators=separators) for some in (items[:1], items)
            )
            assert append(one.encode(), items[1:]).decode() == all_


def test_only_the_last_of_several_lists_counts() -> None:
    data = b'{"features": [{"id": "A"}], "features": [{"id": "A", "x": 1}]}'
    assert edit(data, {"A": {"x": 2}}) == data.replace(b"1", b"2")


def test_top_level_keys_are_edited_but_not_those_of_an_array() -> None:
    assert edit_top(b'{"a": 1, "features": []}', {"a": REMOVE, "b": 2}) == b'{"features": [], "b": 2}'
    assert edit_top(b"[]", {"a": 1}) == b"[]"


def test_a_place_is_counted_from_one_in_characters() -> None:
    data = '\ufeff{"ü": 1, "features": [{"id": "A"},\n  {"x": 0, "id": 12, "x": 1}]}'.encode()
    assert locate(data, "A") == (1, 23)
    assert locate(data, "12") == (2, 3)
    assert locate(data, "12", "x") == (2, 22)
    assert locate(data, "12", "absent") == (2, 3)


@pytest.mark.parametrize(
    "call", [lambda d: edit(d, {"F3": {}}), lambda d: remove(d, ["F3"]), lambda d: locate(d, "F3")]
)
def test_an_unknown_id_is_refused_with_the_nearest_one(call: Any) -> None:
    with pytest.raises(OrchestratorError, match=r"^no feature has the id 'F3' \(.*\)\. Did you mean F[12]\?$"):
        call(PLAIN)


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b'{"features": [}', b'{"features": 1}', b'[{"id": "F1"},]', b'[{"id"; 1}]', b"[] []", b"\xff"],
)
def test_what_is_no_feature_list_is_not_edited(data: bytes) -> None:
    with pytest.raises(OrchestratorError):
        document.edit(data, {"F1": {"passes": True}})


def test_an_id_is_not_removed_and_not_guessed_among_twins() -> None:
    with pytest.raises(OrchestratorError, match="an id can't be removed"):
        edit(PLAIN, {"F1": {"id": REMOVE}})
    with pytest.raises(OrchestratorError, match="comes twice"):
        edit(b'[{"id": 1}, {"id": "1"}]', {"1": {"passes": True}})

"""Where things stand in a list's text: each span cut out of it is what Python's own reader finds there."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.lists import Pairs, Text, texts

from orchestrator.errors import OrchestratorError
from orchestrator.features.spans import Layout, apply, decode, line_column, members, place, scan


def whole(text: Text) -> str:
    return text.data.decode()


def read(text: str) -> str:
    """What the text says, exactly: 1 is not true, an empty object no empty list."""
    return exactly(json.loads(text, object_pairs_hook=Pairs))


def exactly(value: Any) -> str:
    if isinstance(value, (Pairs, dict)):
        members = value.items() if isinstance(value, dict) else value
        return "{" + ", ".join(f"{key!r}: {exactly(inner)}" for key, inner in members) + "}"
    return f"[{', '.join(map(exactly, value))}]" if isinstance(value, list) else repr(value)


def refusal(text: str) -> OrchestratorError:
    with pytest.raises(OrchestratorError) as caught:
        scan(text, "f")
    return caught.value


@given(texts())
def test_every_entry_cut_out_of_the_text_is_the_entry(text: Text) -> None:
    layout = scan(whole(text))
    assert [read(layout.raw(element)) for element in layout.elements] == [exactly(item) for item in text.listed]
    assert read(layout.text[layout.array.start : layout.array.end]) == exactly(text.listed)
    assert read(layout.text[layout.root.start : layout.root.end]) == exactly(text.document)
    assert layout.bare is not isinstance(text.document, Pairs)


@given(texts())
def test_every_key_and_value_of_the_file_and_of_its_features_is_where_its_span_says(text: Text) -> None:
    layout = scan(whole(text))
    told = [(layout.members, [] if layout.bare else text.document)]
    told += [(members(layout.text, e.start), item) for e, item in zip(layout.elements, text.listed, strict=True)]
    for found, item in told:
        keys = [read(layout.text[m.start : m.key_end]) for m in found]
        values = [read(layout.text[m.value : m.end]) for m in found]
        assert list(zip(keys, values, strict=True)) == [(repr(key), exactly(value)) for key, value in item]
        assert [repr(m.key) for m in found] == keys
        cut = [layout.text[start:end] for m in found for start, end in ((m.start, m.key_end), (m.value, m.end))]
        assert cut == [part.strip() for part in cut]


@given(st.text(alphabet="ab\n\r\ufeff", max_size=30), st.data())
def test_line_and_column_count_what_an_editor_counts(text: str, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(text)))
    before = text[:position].split("\n")
    own = before[-1]
    mark = len(before) == 1 and own.startswith("\ufeff")
    assert line_column(text, position) == (len(before), len(own) - mark + 1)


def test_a_place_is_a_file_a_line_and_a_column() -> None:
    assert place("a\nbc", 3, "x.json") == "x.json:2:2"


def test_of_a_features_that_comes_twice_the_last_counts() -> None:
    layout = scan('{"features": [{"id": "A"}], "features": [{"id": "B"}]}')
    assert [element.value["id"] for element in layout.elements] == ["B"]
    assert layout.text[layout.array.start : layout.array.end] == '[{"id": "B"}]'


def test_by_id_names_the_place_of_an_entry_without_an_id_and_of_the_second_of_two() -> None:
    assert list(scan('[{"id": 7}, {"id": "A"}]').by_id()) == ["7", "A"]
    for text, what in (
        ('[{"id": "A"},\n {"name": "x"}]', "a feature without an id"),
        ('[{"id": 7},\n {"id": "7"}]', "the id '7' comes twice"),
        ('[{"id": "A"},\n 5]', "a feature without an id"),
    ):
        with pytest.raises(OrchestratorError) as caught:
            scan(text).by_id("f")
        assert (caught.value.what, caught.value.where) == (what, "f:2:2")


@pytest.mark.parametrize(
    ("text", "what", "where"),
    [
        ("", "not valid JSON: the file is empty", "f:1:1"),
        ("\ufeff \n", "not valid JSON: the file is empty", "f:1:1"),
        ("[1,]", "not valid JSON: Illegal trailing comma before end of array|not valid JSON: Expecting value", "f:1:"),
        ("[] x", "not valid JSON: Extra data", "f:1:4"),
        ('[{"a": 1}\n{"b": 2}]', "not valid JSON: Expecting ',' delimiter", "f:2:1"),
        ("{1: 2}", "not valid JSON: Expecting property name enclosed in double quotes", "f:1:2"),
        ('[{"priority": NaN}]', "not valid JSON: NaN is not JSON", "f:1:15"),
        ('["NaN", -Infinity]', "not valid JSON: -Infinity is not JSON", "f:1:9"),
        ("[\n<<<<<<< ours\n]", "an unresolved merge conflict", "f:2:1"),
        ("[" * 100_000, "not usable: nested too deeply", "f"),
    ],
)
def test_text_that_is_no_json_is_refused_with_its_place(text: str, what: str, where: str) -> None:
    error = refusal(text)
    assert error.what in what.split("|")
    assert (error.where or "").startswith(where)


@pytest.mark.parametrize(
    ("data", "fix"),
    [
        ("[]".encode("utf-16"), "iconv -f UTF-16 "),
        ("[]".encode("utf-16-le"), "iconv -f UTF-16LE "),
        ("[]".encode("utf-16-be"), "iconv -f UTF-16BE "),
    ],
)
def test_utf_16_is_named_with_the_command_that_mends_it(data: bytes, fix: str) -> None:
    with pytest.raises(OrchestratorError) as caught:
        decode(data, "list.json")
    assert (caught.value.what, caught.value.where) == ("the file is UTF-16, not UTF-8", "list.json:1:1")
    assert fix in caught.value.fix


def test_the_place_of_a_byte_that_is_no_utf_8_counts_characters() -> None:
    with pytest.raises(OrchestratorError) as caught:
        decode('[\n"é'.encode() + b"\xff", "f")
    assert (caught.value.what, caught.value.where) == ("not valid UTF-8", "f:2:3")


@given(st.text(max_size=20), st.data())
def test_patches_are_put_in_whatever_their_order(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)))
    spans = list(zip(cuts[::2], cuts[1::2], strict=False))
    patches = [(start, end, data.draw(st.text(max_size=3))) for start, end in spans]
    expected = text
    for start, end, new in reversed(patches):
        expected = expected[:start] + new + expected[end:]
    assert apply(text, data.draw(st.permutations(patches))) == expected


def test_a_layout_knows_an_empty_list() -> None:
    layout: Layout = scan(" [ ] ")
    assert (layout.elements, layout.array, layout.bare) == ((), (1, 4), True)

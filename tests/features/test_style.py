"""New text is written as the file is: files that json.dumps wrote are extended as json.dumps would have."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.features.spans import members, scan
from orchestrator.features.style import Raw, escapes, of_array, of_object, raw_object

NEW = {"id": "N", "name": "ü", "tests": ["a", "b"], "more": {"k": [], "e": {}}}


def dumped(features: list[Any], *, indent: int | str | None, escape: bool, top: bool) -> str:
    return json.dumps({"features": features} if top else features, indent=indent, ensure_ascii=escape)


def extended(text: str, item: dict[str, Any]) -> str:
    """The text with one more feature at its end, in the style of the list."""
    layout = scan(text)
    style = of_array(layout)
    end = layout.elements[-1].end
    return text[:end] + style.separator + style.entry.object(item) + text[end:]


@given(
    st.lists(st.fixed_dictionaries({"id": st.sampled_from("AB"), "x": st.just("é"), "l": st.just([1])}), min_size=1),
    st.sampled_from([None, 1, 2, 4, "\t"]),
    st.booleans(),
    st.booleans(),
)
def test_a_file_of_json_dumps_goes_on_as_json_dumps_writes(
    features: list[Any], indent: int | str | None, escape: bool, top: bool
) -> None:
    text = dumped(features, indent=indent, escape=escape, top=top)
    assert extended(text, NEW) == dumped([*features, NEW], indent=indent, escape=escape, top=top)


@pytest.mark.parametrize("indent", [2, 4, "\t"])
def test_line_ends_of_windows_stay(indent: int | str) -> None:
    text = dumped([{"id": "A"}, {"id": "B", "t": [1]}], indent=indent, escape=False, top=True).replace("\n", "\r\n")
    expected = dumped([{"id": "A"}, {"id": "B", "t": [1]}, NEW], indent=indent, escape=False, top=True)
    assert extended(text, NEW) == expected.replace("\n", "\r\n")


def test_a_feature_a_line_stays_a_feature_a_line() -> None:
    text = '[\n  {"id": "A", "t": [1, 2]},\n  {"id": "B"}\n]'
    expected = '{"id": "N", "t": ["a", "b"]}'
    assert extended(text, {"id": "N", "t": ["a", "b"]}) == text[:-2] + ",\n  " + expected + "\n]"


def test_lists_in_one_line_stay_so_in_an_object_of_many_lines() -> None:
    text = '[{\n  "id": "A",\n  "t": [1, 2]\n}]'
    style = of_array(scan(text)).entry
    assert style.member("t", ["a", "b"]) == '"t": ["a", "b"]'
    assert style.member("t", Raw("[1,\n 2]")) == '"t": [1,\n 2]'


@pytest.mark.parametrize(
    ("text", "added"),
    [
        ("[]", '[\n  {\n    "id": "A"\n  }\n]'),
        ('{"features":[]}', '{"features":[{"id":"A"}]}'),
        ('{\n  "features": []\n}', '{\n  "features": [\n    {\n      "id": "A"\n    }\n  ]\n}'),
        ('{\n\t"features": []\n}', '{\n\t"features": [\n\t\t{\n\t\t\t"id": "A"\n\t\t}\n\t]\n}'),
        ('{\r\n  "features": []\r\n}', '{\r\n  "features": [\r\n    {\r\n      "id": "A"\r\n    }\r\n  ]\r\n}'),
    ],
)
def test_an_empty_list_takes_the_style_of_what_is_around_it(text: str, added: str) -> None:
    layout = scan(text)
    style = of_array(layout)
    inside = style.opening + style.entry.object({"id": "A"}) + style.closing
    made = text[: layout.array.start + 1] + inside + text[layout.array.end - 1 :]
    assert made == added


def test_blank_lines_between_members_are_not_repeated() -> None:
    text = '{"a": 1,\n\n\n  "b": 2}'
    assert of_object(text, 0, members(text, 0), False).separator == ",\n  "


@pytest.mark.parametrize(
    ("text", "answer"), [('["\\u00e9"]', True), ('["é\\u00e9"]', False), ('["e"]', False), ('\ufeff["\\u00e9"]', True)]
)
def test_a_file_escapes_where_it_does_and_has_no_letter_beyond_ascii(text: str, answer: bool) -> None:
    assert escapes(text) is answer


def test_half_a_surrogate_pair_is_always_escaped() -> None:
    assert of_array(scan('[{"id": "é"}]')).entry.quote("\ud800é") == '"\\ud800é"'


def test_an_object_from_another_file_gets_the_line_ends_of_this_one() -> None:
    assert raw_object(scan("[]\r\n"), '{\n"a": 1}') == '{\r\n"a": 1}'
    assert raw_object(scan("[]\n"), '{\r\n"a": 1}') == '{\n"a": 1}'

"""Ids for features without one: in file order, as the first field, and no other byte."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.lists import Layouter

from orchestrator.features import checks
from orchestrator.features.numbering import with_ids

SAMPLES = Path(__file__).resolve().parents[1] / "samples"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param('[{"description":"a"}]', '[{"id":"F001","description":"a"}]', id="minified"),
        pytest.param(
            '{"features": [{"description": "a", "passes": false}, {"description": "b"}]}',
            '{"features": [{"id": "F001", "description": "a", "passes": false}, {"id": "F002", "description": "b"}]}',
            id="on one line",
        ),
        pytest.param('[{ "a": 1, "title": "x" }]', '[{ "id": "F001", "a": 1, "title": "x" }]', id="blanks inside"),
        pytest.param(
            '[\r\n\t{\r\n\t\t"title" : "x"\r\n\t}\r\n]\r\n',
            '[\r\n\t{\r\n\t\t"id" : "F001",\r\n\t\t"title" : "x"\r\n\t}\r\n]\r\n',
            id="CRLF and tabs",
        ),
        pytest.param('\ufeff[{"title": "x"}]', '\ufeff[{"id": "F001", "title": "x"}]', id="byte order mark"),
        pytest.param('[{"title": "x", "id": null}]', '[{"title": "x", "id": "F001"}]', id="null"),
        pytest.param('{"features": [{}]}', '{"features": [{"id": "F001"}]}', id="an empty object"),
        pytest.param(
            '[{"title": "a"}, {"id": "f001", "title": "b"}, {"id": 2, "title": "c"}, {"title": "d"}]',
            '[{"id": "F002", "title": "a"}, {"id": "f001", "title": "b"}, {"id": 2, "title": "c"}, '
            '{"id": "F003", "title": "d"}]',
            id="taken ones are passed over",
        ),
        pytest.param('[{"title": "\\u00e9 ü"}]', '[{"id": "F001", "title": "\\u00e9 ü"}]', id="escapes stay"),
    ],
)
def test_the_id_is_laid_out_as_the_first_field_is(before: str, after: str) -> None:
    assert with_ids(before.encode()).data == after.encode()


def test_ids_that_others_have_taken_are_passed_over() -> None:
    assert with_ids(b'[{"title": "a"}, {"title": "b"}]', {"F001", "f003"}).ids == ("F002", "F004")


def test_a_thousand_features_are_counted_on() -> None:
    assert with_ids(json.dumps([{"title": "x"}] * 1001).encode()).ids[-1] == "F1001"


@pytest.mark.parametrize(
    "text",
    [
        '{"features": {"ui": [{"description": "a", "passes": true}]}}',
        '[{"name": "ui", "features": [{"description": "a", "passes": true}]}]',
        "[false, true]",
        "{",
        '[{"id": "a"}]',
        "[]",
    ],
)
def test_what_is_no_list_or_lacks_no_id_stays_as_it_is(text: str) -> None:
    assert with_ids(text.encode()) == (text.encode(), ())


def test_an_entry_that_is_no_object_is_left_to_the_check_of_the_list() -> None:
    found = with_ids(b'{"features": [1, {"title": "a"}]}')

    assert found.ids == ("F001",)
    assert [problem.message for problem in checks.errors(found.data, "x")] == ["a feature must be an object"]


def test_the_sample_reads_as_it_should() -> None:
    data = (SAMPLES / "no-ids.json").read_bytes()
    expected = json.loads((SAMPLES / "no-ids.expect.json").read_text())

    found = with_ids(data)

    assert list(found.ids) == expected["after_init"]["ids"]
    assert re.sub(rb'"id": "F\d+",\n +', b"", found.data) == data


entries = st.dictionaries(st.sampled_from(["title", "passes", "é", "x y"]), st.text(max_size=3) | st.booleans())


@settings(max_examples=60, deadline=None)
@given(st.lists(entries, min_size=1, max_size=4), st.integers(), st.booleans(), st.sampled_from(["\n", "\r\n"]),
       st.sampled_from([None, "  ", "\t"]), st.booleans())  # fmt: skip
def test_without_the_ids_the_list_says_what_it_said(
    listed: list[dict[str, Any]], seed: int, wild: bool, eol: str, unit: str | None, spaced: bool
) -> None:
    layouter = Layouter(seed, wild, eol, unit, spaced, escape=False)
    layouter.write({"features": listed})
    before = "".join(text for _, text in layouter.parts).encode()

    found = with_ids(before)

    after = json.loads(found.data)["features"]
    assert [next(iter(item.items())) for item in after] == [("id", id) for id in found.ids]
    assert [{key: value for key, value in item.items() if key != "id"} for item in after] == listed
    assert len(found.ids) == len(listed)
    kept = iter(found.data)
    assert all(byte in kept for byte in before), "no byte of the list is gone, and they are in their order"

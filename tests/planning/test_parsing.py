"""Paths, questions and JSON found in agents' words, equal to the original's where it was right."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.planning.asking import parsing

VECTORS = Path(__file__).parent.parent / "vectors"
BETTER = {
    "[thoughts/shared/research/a.md](thoughts/shared/research/a.md)": "thoughts/shared/research/a.md",
    "thoughts/a/research/x.md,thoughts/b/research/y.md": "thoughts/a/research/x.md",
}
"""Where the original joined two paths into one that no file has."""


def vectors(*functions: str) -> list[tuple[str, list[object], object]]:
    entries = json.loads((VECTORS / "planning.json").read_text("utf-8"))
    entries += json.loads((VECTORS / "parsing.json").read_text("utf-8"))
    found = []
    for entry in entries:
        if entry["function"] in functions:
            given = entry["input"]
            values = list(given.values()) if isinstance(given, dict) else given
            found.append((entry["function"], values, entry["output"]))
    assert found
    return found


@pytest.mark.parametrize(("function", "given", "output"), vectors("extract_file_path"))
def test_a_written_path_is_found_as_the_original_found_it(function: str, given: list[str], output: str) -> None:
    assert parsing.extract_file_path(given[0], given[1]) == BETTER.get(given[0], output)


@pytest.mark.parametrize(("function", "given", "output"), vectors("extract_open_questions"))
def test_questions_equal_the_vectors(function: str, given: list[str], output: list[str]) -> None:
    assert getattr(parsing, function)(given[0]) == output


def test_a_research_file_about_planning_is_no_plan() -> None:
    text = "Read thoughts/shared/research/2026-01-01-plan.md, wrote thoughts/shared/plans/2026-01-02-x/plan.md"
    assert parsing.extract_file_path(text, "plan") == "thoughts/shared/plans/2026-01-02-x/plan.md"


def test_another_plan_root_is_looked_for_by_its_name() -> None:
    assert parsing.extract_file_path("wrote docs/plans/x.md", "plan", "docs/") == "docs/plans/x.md"
    assert parsing.extract_file_path("wrote docs/plans/x.md", "plan") is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('text {"requirements": []} tail', {"requirements": []}),
        ("no braces", None),
        ('{"a":1} and {"b":2}', {"b": 2}),
        ('First {"old": 1}\n```json\n{"new": {"deep": [1, 2]}}\n```\nDone [1].', {"new": {"deep": [1, 2]}}),
        ('use {x} and {"a": "}"}', {"a": "}"}),
        ('[{"a": 1}, {"a": 2}]', [{"a": 1}, {"a": 2}]),
        ('```json\n{"requirements": [{"id": "REQ_000"}, {"id":\n```', None),
        ('{"phases": [{"name": "a"}, {"name": "b', None),
        ("[" * 100_000, None),
        ("see [1] and [2, 3]", None),
    ],
)
def test_the_last_whole_json_block_is_the_answer(text: str, found: object) -> None:
    assert parsing.last_json(text) == found


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(st.text(), values, max_size=4),
    st.text(alphabet=st.characters(exclude_characters='[]{}"')),
    st.sampled_from([None, 2]),
)
def test_any_object_survives_prose_around_it(value: dict[str, object], prose: str, indent: int | None) -> None:
    text = f"{prose}\n{json.dumps({'before': 1})}\n{prose}{json.dumps(value, indent=indent)}{prose}"
    assert parsing.last_json(text) == value


@given(st.dictionaries(st.text(min_size=1), values, min_size=1, max_size=4), st.data())
def test_an_answer_cut_off_is_no_answer(value: dict[str, object], data: st.DataObject) -> None:
    whole = json.dumps(value)
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    assert parsing.last_json(cut) is None

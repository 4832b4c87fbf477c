from __future__ import annotations

import pytest
from hypothesis import given
from support.lists import Text, texts

from orchestrator.features.validation import Problem, validate

SOUND = '"name": "n", "description": "d"'


def warnings(data: str) -> list[tuple[str, str]]:
    found = validate(data.encode(), "f")
    assert all(problem.severity == "warning" for problem in found)
    return [(problem.where, problem.message) for problem in found]


def test_a_sound_list_has_no_problems() -> None:
    data = f'\ufeff[{{"id": 1, {SOUND}, "complexity": "LOW", "passes_from": "history", "x": 1, "x": 2}}]'
    assert warnings(data) == []
    assert warnings('{"features": []}') == []


def test_all_errors_are_told_and_the_warnings_of_sound_features() -> None:
    data = b"""{"features": [
 {"id": "A", "passes": 1, "name": 2},
 {"id": "B"},
 {"id": "B", "tests": [null]},
 5
]}"""
    assert [str(problem) for problem in validate(data, "f.json")] == [
        'f.json:2:14: error: A: "passes" must be true or false, not 1. Write true or false',
        'f.json:2:27: error: A: "name" must be a string, not 2. Write it in quotes',
        'f.json:4:14: error: B: "tests" must be a list of strings, not of null. Write each as a string',
        "f.json:4:3: error: the id 'B' comes twice (first in line 3). Give one of the two another id",
        'f.json:5:2: error: a feature must be an object. Write an object, such as {"id": "F001", "description": "..."}',
        "f.json:3:2: warning: B: no name",
        "f.json:3:2: warning: B: no description",
    ]


def test_text_that_is_no_json_is_one_error() -> None:
    assert validate(b"[1,", "f") == [Problem("error", "not valid JSON: Expecting value", "f:1:4")]


def test_a_circle_is_an_error_and_warnings_still_come() -> None:
    circle = f'{{"id": "A", {SOUND}, "dependencies": ["A"]}}'
    data = f'[{circle},\n {{"id": "B", {SOUND}, "category": "", "complexity": "?"}}]'
    fix = "Remove one of these dependencies"
    assert validate(data.encode(), "f") == [
        Problem("error", "the dependencies go in a circle: A -> A", "f:1:47", fix),
        Problem("warning", 'B: complexity is high, medium or low, not "?"; it is estimated', "f:2:63"),
    ]


@pytest.mark.parametrize(
    ("fields", "warning"),
    [
        ('"name": "n"', "F1: no description"),
        ('"name": " "', "F1: an empty name | F1: no description"),
        ('"name": "n", "description": " "', "F1: an empty description"),
        (f'{SOUND}, "dependencies": ["F2", "x"]', "F1: depends on x, which is not in the list"),
        (f'{SOUND}, "dependencies": ["f2"]', "F1: depends on f2, which is not in the list. Did you mean F2?"),
        (f'{SOUND}, "passes_from": 1', 'F1: passes_from is "history" or absent; anything else says nothing'),
        (f'{SOUND}, "passes": true, "passes": false', 'F1: "passes" comes more than once; the last one counts'),
    ],
)
def test_what_is_odd_is_a_warning(fields: str, warning: str) -> None:
    data = f'[{{"id": "F1", {fields}}}, {{"id": "F2", {SOUND}}}]'
    assert " | ".join(message for _, message in warnings(data)) == warning


def test_ids_that_some_file_systems_mix_up_are_a_warning() -> None:
    data = f'[{{"id": "a/B", {SOUND}}}, {{"id": "A/b", {SOUND}}}]'
    assert warnings(data) == [("f:1:51", "A/b: differs from a/B in letter case only; some file systems mix them up")]


def test_a_list_that_comes_twice_is_a_warning() -> None:
    assert warnings('{"features": [], "features": []}') == [
        ("f:1:18", '"features" comes more than once; the last one counts')
    ]


@given(texts())
def test_lists_that_can_be_read_have_no_errors(text: Text) -> None:
    assert {problem.severity for problem in validate(text.data)} <= {"warning"}

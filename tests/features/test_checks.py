"""The errors of a list: one message for each cause, with the place of the first."""

from __future__ import annotations

import json

import pytest

from orchestrator.features.checks import Finding, Problem, errors, key_place, told, unknown_words
from orchestrator.features.dialects.tables import BUILT_IN, Rules
from orchestrator.features.spans import scan


def lines(*items: object) -> str:
    """A bare list with a feature a line, the first in line 2."""
    return "[\n" + ",\n".join(json.dumps(item) for item in items) + "\n]"


def found(text: str, rules: Rules = BUILT_IN, *, lenient: bool = False) -> list[str]:
    return [str(problem) for problem in errors(text.encode(), "f", rules, lenient=lenient)]


def test_a_problem_is_a_line_with_its_place_and_what_to_type() -> None:
    assert str(Problem("error", "no id", "f:1:2", "Write one")) == "f:1:2: error: no id. Write one"
    assert str(Problem("warning", "odd", "f")) == "f: warning: odd"


def test_the_same_fault_of_many_features_is_one_message_with_five_of_them() -> None:
    items = [{"id": f"F{number}", "passes": 1} for number in range(1, 8)]
    assert found(lines(*items)) == [
        'f:2:14: error: "passes" must be true or false, not 1 (F1, F2, F3, F4, F5: line 2 and 6 more). '
        "Write true or false"
    ]


def test_faults_of_different_causes_are_told_apart_in_the_order_of_the_file() -> None:
    text = lines({"id": "A", "name": 1}, {"id": "B", "passes": 2}, {"id": "C", "name": 3})
    assert [line.split(": ")[2] for line in found(text)] == ['"name" must be a string, not 1 (A, C', "B"]


def test_words_of_the_findings_of_one_cause_are_put_together() -> None:
    layout = scan(lines({"id": "A"}, {"id": "B"}, {"id": "C"}))
    findings = [
        Finding("warning", "cause", "odd words: {}", "", e.value["id"], e.start, word)
        for e, word in zip(layout.elements, ("x", "y", "x"), strict=True)
    ]
    assert [str(problem) for problem in told(layout, "f", findings)] == [
        "f:2:1: warning: odd words: x, y (A, B, C: line 2 and 2 more)"
    ]


def test_a_finding_of_one_feature_names_it() -> None:
    layout = scan(lines({"id": "A"}))
    assert [p.message for p in told(layout, "f", [Finding("error", 1, "wrong {}", "", "A", 2, "so")])] == [
        "A: wrong so"
    ]


def test_more_than_eight_words_are_counted() -> None:
    items = [{"id": f"F{number}", "status": f"zz{number}"} for number in range(10)]
    (message,) = found(lines(*items))
    assert '"zz7" (line 9) and 2 more' in message
    assert '"zz8"' not in message


def test_one_unknown_word_of_a_status_is_told_with_the_setting_that_explains_it() -> None:
    text = lines({"id": "A", "status": "zzz"}, {"id": "B", "status": "zzz"}, {"id": "C", "status": "done"})
    message = (
        'f:2:13: error: nobody knows what the status "zzz" (line 2 and 1 more) means. Say in orchestrator.toml under '
        '[features] what it means: done = ["zzz"], or not_done = [...], or dropped = [...]'
    )
    assert found(text) == [message]
    assert [str(problem) for problem in unknown_words(text.encode(), "f", BUILT_IN)] == [message]
    assert found(text, Rules(done=("zzz",))) == []
    assert found(text, lenient=True) == []


def test_a_circle_is_only_looked_for_where_all_else_is_right() -> None:
    circle = [{"id": "A", "dependencies": ["B"]}, {"id": "B", "dependencies": ["A"]}]
    assert found(lines(*circle)) == [
        "f:2:13: error: the dependencies go in a circle: A -> B -> A. Remove one of these dependencies"
    ]
    assert all("circle" not in line for line in found(lines(*circle, {"id": "C", "passes": 1})))


def test_a_long_circle_is_shown_without_its_middle() -> None:
    items = [{"id": f"F{n}", "dependencies": [f"F{(n + 1) % 30}"]} for n in range(30)]
    (message,) = found(lines(*items))
    circle = message.partition("circle: ")[2].partition(". Remove")[0]
    ids = circle.split(" -> ")
    assert (len(ids), ids[0], ids[9], ids[10], ids[11], ids[-1]) == (20, "F0", "F9", "(12 more)", "F22", "F0")


def test_the_second_of_two_equal_ids_names_the_line_of_the_first() -> None:
    assert found(lines({"id": 1}, {"id": "x"}, {"id": "1"})) == [
        "f:4:2: error: the id '1' comes twice (first in line 2). Give one of the two another id"
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[", "not valid JSON: Expecting value"),
        ("5", "this is no feature list: it is neither an object nor an array"),
        ('{"x": 1}', 'this is no feature list: it has no list "features"'),
        ('{"features": 5}', '"features" must be a list'),
        ("[[1]]", "this is no feature list: its entries are no features"),
        (
            '[{"features": [{"id": "A", "passes": false}]}]',
            "the features are nested in a way that is not read as it is",
        ),
    ],
)
def test_a_document_that_is_no_list_is_one_error(text: str, message: str) -> None:
    assert [problem.message for problem in errors(text.encode(), "f")] == [message]


def test_of_a_key_that_comes_twice_the_last_place_is_told() -> None:
    layout = scan('[{"id": "A", "name": 1,\n "name": 2}]')
    (element,) = layout.elements
    assert key_place(layout, element, "name", "f") == "f:2:2"
    assert key_place(layout, element, "absent", "f") == "f:1:2"

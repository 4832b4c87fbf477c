"""Conflict markers around one item: whichever side is chosen, what is left is JSON."""

from __future__ import annotations

import json
import re

import pytest

from orchestrator.features.conflict_markers import Block, Look, patch
from orchestrator.features.spans import Span, apply, scan

LINES = '{"features": [\n  {"id": "A"},\n  {"id": "B"},\n  {"id": "C"}\n]}\n'


def marked(text: str, at: int, theirs: str | None, look: Look = Look(), *, was: str | None = None) -> str:
    """The list with the entry at that place in conflict; None where they deleted it."""
    elements = scan(text).elements
    span = Span(elements[at].start, elements[at].end)
    before = elements[at - 1].end if at else None
    ours = text[span.start : span.end]
    return apply(text, [patch(text, Block(span, ours, theirs, was, before, at == len(elements) - 1), look)])


def chosen(text: str, side: str) -> object:
    keep = {"ours": r"\1", "theirs": r"\2"}[side]
    return json.loads(re.sub(r"(?ms)^<<<<<<< ours\r?\n(.*?)^=======\r?\n(.*?)^>>>>>>> theirs\r?\n", keep, text))


def ids(*wanted: str) -> dict[str, object]:
    return {"features": [{"id": id} for id in wanted]}


def test_both_sides_stand_on_lines_of_their_own_with_the_comma_that_they_need() -> None:
    assert marked(LINES, 1, '{"id": "X"}') == (
        '{"features": [\n  {"id": "A"},\n<<<<<<< ours\n  {"id": "B"},\n=======\n  {"id": "X"},\n>>>>>>> theirs\n'
        '  {"id": "C"}\n]}\n'
    )


@pytest.mark.parametrize("at", [0, 1, 2])
@pytest.mark.parametrize(
    "text", [LINES, LINES.replace("\n", "\r\n"), '{"features": [{"id": "A"}, {"id": "B"}, {"id": "C"}]}']
)
def test_either_choice_leaves_a_sound_list(text: str, at: int) -> None:
    other = ["A", "B", "C"]
    other[at] = "X"
    conflict = marked(text, at, '{"id": "X"}')
    assert (chosen(conflict, "ours"), chosen(conflict, "theirs")) == (ids("A", "B", "C"), ids(*other))
    assert ("\r\n" in conflict) is ("\r\n" in text)
    assert re.search(r"[^\r]\n", conflict) is None or "\r\n" not in text


@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_deletion_takes_the_comma_along(at: int) -> None:
    rest = [id for place, id in enumerate("ABC") if place != at]
    conflict = marked(LINES, at, None)
    assert (chosen(conflict, "ours"), chosen(conflict, "theirs")) == (ids("A", "B", "C"), ids(*rest))


def test_markers_are_as_long_as_git_asks_and_show_the_ancestor_where_it_does() -> None:
    conflict = marked(LINES, 1, '{"id": "X"}', Look(9, ancestor=True), was='{"id": "W"}')
    assert [line for line in conflict.splitlines() if re.match(r"([<|=>])\1{6}", line)] == [
        "<<<<<<<<< ours", "||||||||| base", "=========", ">>>>>>>>> theirs",
    ]  # fmt: skip
    assert '||||||||| base\n  {"id": "W"},\n=========\n' in conflict


@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_deletion_takes_a_comma_of_the_next_line_along(at: int) -> None:
    text = '{"features": [\n {"id": "A"}\n ,{"id": "B"}\n ,{"id": "C"}\n]}\n'
    rest = [id for place, id in enumerate("ABC") if place != at]
    conflict = marked(text, at, None)
    assert (chosen(conflict, "ours"), chosen(conflict, "theirs")) == (ids("A", "B", "C"), ids(*rest))

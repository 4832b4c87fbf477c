"""The lines of Markdown that say something."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.backlogs.markdown import Line, document


def said(text: str) -> list[tuple[int, str]]:
    return [(line.number, line.text) for line in document(text).lines if line.text]


@given(st.lists(st.text(alphabet="ab .*1", max_size=5), max_size=6), st.sampled_from(["\n", "\r\n", "\r"]))
def test_plain_lines_come_with_their_numbers_and_indents(lines: list[str], eol: str) -> None:
    expected = [Line(at, len(raw) - len(raw.lstrip(" ")), raw.strip(" ")) for at, raw in enumerate(lines or [""], 1)]
    assert document(eol.join(lines)).lines == tuple(expected)


def test_tabs_go_to_the_next_column_of_four() -> None:
    assert [line.indent for line in document("\ta\n  \tb\n\t\tc\n \u3000d").lines] == [4, 4, 8, 2]


@pytest.mark.parametrize(
    ("text", "level", "words"),
    [
        ("# a", 1, "a"), ("###### a ##", 6, "a"), ("   ## a", 2, "a"), ("####### a", 0, "####### a"), ("#a", 0, "#a"),
        ("    # a", 0, "# a"),
    ],
)  # fmt: skip
def test_headings_have_a_level(text: str, level: int, words: str) -> None:
    (line,) = document(text).lines
    assert (line.level, line.text) == (level, words)


@pytest.mark.parametrize("end", ["---", "..."])
def test_front_matter_is_left_out_and_lines_keep_their_numbers(end: str) -> None:
    assert said(f"\ufeff---\nid: 1\n{end}\ntext") == [(4, "text")]
    assert said("text\n---\nmore\n---") == [(1, "text"), (2, "---"), (3, "more"), (4, "---")]


def test_front_matter_that_nothing_ends_is_none() -> None:
    assert said("---\na") == [(1, "---"), (2, "a")]


def test_comments_are_left_out_of_one_line_or_of_many() -> None:
    assert said("a\n<!-- x -->\nb\n<!-- y\nz\n--> w\nc") == [(1, "a"), (2, "<!-- x -->"), (3, "b"), (7, "c")]


@pytest.mark.parametrize(
    ("fence", "end"), [("```", "```"), ("```sh", "`````"), ("~~~", "~~~  "), ("````", "````"), ("~~~ `x`", "~~~")]
)
def test_what_stands_in_a_fence_is_code(fence: str, end: str) -> None:
    found = document(f"{fence}\n- [ ] no task\n``\n{end}\n- [ ] task")
    assert [line.code for line in found.lines] == [False, True, True, True, False]
    assert found.open == 0


def test_a_shorter_or_another_fence_ends_none_and_one_with_ticks_behind_it_begins_none() -> None:
    assert document("````\n```\n~~~~\n```` x").open == 1
    assert [line.code for line in document("``` `x`\na").lines] == [False, False]


def test_what_nothing_ends_goes_to_the_end_and_its_line_is_told() -> None:
    assert document("a\n```\nb\nc").open == 2
    assert (document("a\n<!-- b\nc").open, said("a\n<!-- b\nc")) == (2, [(1, "a")])

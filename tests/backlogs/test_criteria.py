"""Acceptance criteria as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.backlogs.criteria import lines, plain

TEXTS = [
    ("", ()),
    ("one", ("one",)),
    ("- one\n- two", ("one", "two")),
    ("* [ ] one\n* [x] two\n+ [X] three", ("one", "two", "three")),
    ("1. one\n2) two", ("one", "two")),
    ("- one\n  goes on\n- two", ("one goes on", "two")),
    ("- one\ngoes on\n- two", ("one goes on", "two")),
    ("one\ntwo", ("one", "two")),
    ("one\n  goes on\ntwo", ("one goes on", "two")),
    ("one\n\ntwo", ("one", "two")),
    ("- one\n\n  two", ("one", "two")),
    ("## Acceptance criteria\n\n- one\n\n# More\n- two", ("one", "two")),
    ("- one\n  - half of it\n- two", ("one", "half of it", "two")),
    ("- run\n  ```sh\n  make\n\n  test\n  ```\n- two", ("run make test", "two")),
    ("- one\n## More\ntwo", ("one", "two")),
    ("- one\n#12 is closed", ("one #12 is closed",)),
    ("All of:\n- one", ("All of:", "one")),
    ("- one\r\n- two\r\n", ("one", "two")),
    ("-one\n- [link](x)", ("-one", "[link](x)")),
    ("- \n- one", ("one",)),
    ("\x1b[1m-\x1b[0m one\n\x1b[32m- two\x1b[0m", ("one", "two")),
]


@pytest.mark.parametrize(("text", "wanted"), TEXTS)
def test_each_criterion_is_a_line_with_what_goes_on_below_it(text: str, wanted: tuple[str, ...]) -> None:
    assert lines(text) == wanted


def test_colours_of_a_terminal_leave_a_text() -> None:
    assert plain("\x1b[3m\x1b[32m# A\x1b[0m\tb\x07\r\nc ") == "# A\tb\r\nc"
    assert plain(None) == plain(3) == ""


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab -*\n`#1.\t", max_size=60))
def test_no_word_is_lost_but_headings_and_none_is_made_up(text: str) -> None:
    words = [word for line in lines(text) for word in line.split()]
    given_words = iter(text.split())
    assert all(word in given_words for word in words)  # in order, each from a place of its own


@settings(max_examples=100, deadline=None)
@given(st.lists(st.from_regex(r"[a-z]{1,8}( [a-z]{1,8}){0,3}", fullmatch=True), max_size=6))
def test_a_list_of_bullets_is_read_back(wanted: list[str]) -> None:
    assert lines("\n".join(f"- {line}" for line in wanted)) == tuple(wanted)

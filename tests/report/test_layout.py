"""Text in a width."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.report import layout


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("abcdef", None, "abcdef"), ("abcdef", 6, "abcdef"), ("abcdef", 5, "ab..."), ("ab cdef", 6, "ab..."),
        ("日本語", 5, "日..."), ("日本語", 6, "日本語"), ("abcdef", 2, ".."), ("abcdef", 0, ""),
    ],
)  # fmt: skip
def test_what_is_too_wide_ends_in_an_ellipsis(text: str, width: int | None, expected: str) -> None:
    assert layout.fit(text, width) == expected


@given(st.text(max_size=30), st.integers(0, 40))
def test_what_was_made_to_fit_fits(text: str, width: int) -> None:
    assert layout.cells(layout.fit(text, width)) <= width


@given(st.lists(st.text("ab", max_size=60)), st.lists(st.text("ab", max_size=60)), st.integers(10, 100))
def test_two_columns_share_the_width(first: list[str], second: list[str], width: int) -> None:
    own, rest = layout.share(first, second, width)
    assert rest is not None
    assert own + 2 + rest <= width
    wide, wanted = max(map(len, first), default=0), max(map(len, second), default=0)
    if wide + 2 + wanted <= width:
        assert (own, rest >= wanted) == (wide, True)


def test_what_may_not_be_shortened_is_broken_and_indented() -> None:
    assert layout.wrapped("one two three four five six", 20, "  ") == ["  one two three four", "    five six"]
    assert layout.wrapped("one two three four five six", None, "  ") == ["  one two three four five six"]

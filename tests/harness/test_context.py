"""The compiled context: never over its budget, and what matters least goes first."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.harness.context import Piece, compiled, fitting, tokens

TITLES = ["Now", "Constraints", "Failures", "Progress"]
WORDS = st.integers(0, 60)


def pieces(sizes: list[list[int]]) -> list[Piece]:
    """A piece of so many words each, in the order of the sections; each word tells whose it is."""
    return [
        Piece(title, "\n".join(f"{title[0]}{place}.{word}" for word in range(size)) or "-")
        for title, own in zip(TITLES, sizes, strict=True)
        for place, size in enumerate(own)
    ]


def shown(text: str) -> dict[str, int]:
    """How many words of each piece are in the text."""
    found: dict[str, int] = {}
    for name in re.findall(r"^([A-Z]\d+)\.\d+$", text, re.MULTILINE):
        found[name] = found.get(name, 0) + 1
    return found


SIZES = st.lists(st.lists(WORDS, max_size=6), min_size=4, max_size=4)


def wanted(sizes: list[list[int]]) -> dict[str, int]:
    """The words of each piece that has any, in order."""
    named = [
        (f"{title[0]}{place}", size) for title, own in zip(TITLES, sizes, strict=True) for place, size in enumerate(own)
    ]
    return {name: size for name, size in named if size}


@settings(max_examples=150)
@given(SIZES, st.integers(0, 300))
def test_it_is_within_its_budget_and_nothing_is_kept_before_what_matters_more(
    sizes: list[list[int]], limit: int
) -> None:
    text = compiled("Context of x", pieces(sizes), limit, frozenset(["Progress"]))
    assert len(text.split()) * 13 <= limit * 10
    found, all = shown(text), wanted(sizes)
    assert set(found) == set(list(all)[: len(found)])
    whole = [found[name] == all[name] for name in all if name in found]
    assert whole in ([True] * len(whole), [True] * (len(whole) - 1) + [False])
    assert (False in whole) == ("(cut: too long)" in text)


@settings(max_examples=80)
@given(SIZES, st.integers(30, 300))
def test_what_is_left_out_would_not_have_had_room(sizes: list[list[int]], limit: int) -> None:
    text = compiled("Context of x", pieces(sizes), limit)
    missing = [size for name, size in wanted(sizes).items() if name not in shown(text)]
    if missing:
        assert len(text.split()) + min(missing[0], 14) + 40 >= limit / 1.3


@settings(max_examples=80)
@given(SIZES)
def test_with_room_for_all_of_it_all_is_there_and_nothing_is_said_to_be_left_out(sizes: list[list[int]]) -> None:
    given = pieces(sizes)
    text = compiled("Context of x", given, 10_000)
    assert shown(text) == wanted(sizes)
    assert [words for words in ("Left out", "(cut") if words in text] == []


def test_sections_stand_in_their_order_and_a_log_the_right_way_round() -> None:
    given = [
        Piece("Constraints", "### a\n\nx"),
        Piece("Constraints", "### b\n\ny"),
        Piece("Log", "new"),
        Piece("Log", "old"),
    ]
    assert compiled("T", given, 100, frozenset(["Log"])) == (
        "# T\n\n## Constraints\n\n### a\n\nx\n\n### b\n\ny\n\n## Log\n\nold\nnew\n"
    )


def test_what_was_left_out_is_counted_by_section() -> None:
    given = [Piece("A", "a " * 10), Piece("B", "b " * 10), *[Piece("Log", "c " * 10)] * 3, Piece("Z", "z")]
    assert compiled("T", given, 60).endswith(f"{'b ' * 10}\n\nLeft out for want of room: 3 of Log, 1 of Z.\n")


def test_the_piece_that_no_longer_fits_is_cut_and_its_code_block_closed() -> None:
    given = [Piece("A", "a"), Piece("B", "text\n\n````json\n```\n" + "one two\n" * 1000 + "````"), Piece("C", "c")]
    text = compiled("T", given, 100)
    assert "one two\n````\n(cut: too long)\n\nLeft out for want of room: 1 of C.\n" in text.replace(
        "one\n", "one two\n"
    )
    long_line = compiled("T", [Piece("A", "word " * 1000)], 100)
    assert long_line.count("word") > 50


def test_tokens_are_words_times_1_3_rounded_up() -> None:
    assert [tokens("x " * words) for words in (0, 1, 3, 10)] == [0, 2, 4, 13]
    assert len(fitting([Piece("", "a b c")] * 5, 8)) == 2

"""What counts as an id."""

from __future__ import annotations

import pytest

from orchestrator.features.ids import fault, id_text, unknown


@pytest.mark.parametrize(
    ("raw", "text"),
    [("F1", "F1"), ("", ""), (7, "7"), (-1, "-1"), (0, "0"), (True, None), (1.0, None), (None, None), (["F1"], None)],
)
def test_texts_and_integers_are_ids(raw: object, text: str | None) -> None:
    assert id_text(raw) == text


@pytest.mark.parametrize("id", ["F1", "a b", "ü", "日本", "../x", "-", "\u00a0x", "\U0001fae8", "a\u200db"])
def test_whatever_can_stand_in_one_line_can_be_an_id(id: str) -> None:
    assert fault(id) == ""


@pytest.mark.parametrize("id", ["a\nb", "\x1b[31m", "a\u2028", "\u2029x", "\ud800", "a\x7f", "tab\there"])
def test_what_breaks_a_line_or_a_terminal_can_not(id: str) -> None:
    assert fault(id) == f"the id {id!a} holds a control character"


@pytest.mark.parametrize("id", ["", " ", "\u3000", "\u2028"])
def test_an_empty_id_is_none(id: str) -> None:
    assert fault(id) == "an id must not be empty"


def test_the_nearest_known_id_is_offered_and_only_a_near_one() -> None:
    near, far = unknown("F01", ["F001", "G7"], "f"), unknown("login", ["F001"])
    assert (near.what, near.where, near.fix) == ("no feature has the id 'F01'", "f", "Did you mean F001?")
    assert far.fix == ""

"""Criteria that no test could check are told from those that name something."""

from __future__ import annotations

import pytest

from orchestrator.planning.criteria import vague


@pytest.mark.parametrize(
    "criterion",
    [
        "It works.", "works", "Works well!", "The feature works as expected", "Everything is done", "The app is fast",
        "the new system looks good", "it is very user-friendly", "The login runs smoothly",
        "the search function behaves correctly", "Good performance", "clean code",
        "is production ready",
    ],
)  # fmt: skip
def test_a_sentence_that_would_be_as_true_of_anything_is_vague(criterion: str) -> None:
    assert vague(criterion)


@pytest.mark.parametrize(
    "criterion",
    [
        "A wrong password shows an error", "`tally --json` prints one object", "The list is empty after `clear`",
        "Two users can work at once", "Works without a network", "It works offline", "GET /users answers 200", "",
        "Exit code 2 for an unknown word",
    ],
)  # fmt: skip
def test_a_sentence_that_names_what_is_seen_is_not(criterion: str) -> None:
    assert not vague(criterion)

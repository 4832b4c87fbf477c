"""What becomes of a session's claim of a feature that is not its own."""

from __future__ import annotations

import itertools

import pytest

from orchestrator.building.claims import Answer, answer
from orchestrator.features.model import parse
from orchestrator.staleness.state import Standing, State

BUILDABLE = {(State.TODO, True), (State.CHANGED, True), (State.STALE, True), (State.STALE, False)}


def standing(state: State, ready: bool = True, id: str = "F2") -> Standing:
    feature = parse(b'{"features": [{"id": "%s", "name": "n", "description": "d"}]}' % id.encode()).by_id[id]
    return Standing(feature, state, "why", passes=False, ready=ready)


@pytest.mark.parametrize(("state", "ready"), list(itertools.product(State, (True, False))))
def test_only_what_could_have_been_built_is_checked_and_only_what_was_done_stands(state: State, ready: bool) -> None:
    expected = Answer.REOPEN
    if state is State.DONE:
        expected = Answer.STANDS
    elif (state, ready) in BUILDABLE:
        expected = Answer.VERIFY
    assert answer(standing(state, ready), "make test", "verify") is expected


@pytest.mark.parametrize("state", [State.TODO, State.CHANGED, State.STALE])
def test_what_nothing_can_check_never_stands(state: State) -> None:
    assert answer(standing(state), "", "verify") is Answer.REOPEN
    assert answer(standing(state), "make test", "reopen") is Answer.REOPEN
    assert answer(standing(state, id="qa-1"), "make test", "verify") is Answer.REOPEN


def test_a_feature_that_the_session_itself_brought_is_not_its_to_complete() -> None:
    assert answer(None, "make test", "verify") is Answer.REOPEN

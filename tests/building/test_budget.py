"""What a run may spend."""

from __future__ import annotations

import pytest

from orchestrator.building.budget import Budget, Stopped
from orchestrator.config.settings import BuildSettings


class Clock:
    """Seconds, as a test sets them."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_sessions_are_counted_up_to_their_limit() -> None:
    budget = Budget(BuildSettings(max_sessions=2))
    for _ in range(2):
        assert budget.before_session() == 0.0
        budget.after_session(None, tells_cost=False)
    with pytest.raises(Stopped, match="stopped after 2 sessions") as stopped:
        budget.before_session()
    assert (stopped.value.where, stopped.value.exit_code) == ("[build] max_sessions", 1)


def test_no_session_starts_once_the_minutes_are_over() -> None:
    clock = Clock()
    budget = Budget(BuildSettings(max_minutes=2), clock=clock)
    clock.now += 119
    assert budget.before_session() == 0.0
    clock.now += 1
    with pytest.raises(Stopped, match="stopped after 2 minutes") as stopped:
        budget.before_session()
    assert stopped.value.where == "[build] max_minutes"


def test_a_session_gets_the_dollars_that_are_left() -> None:
    budget = Budget(BuildSettings(max_cost_usd=1.0))
    assert budget.before_session() == 1.0
    budget.after_session(0.75, tells_cost=True)
    assert budget.before_session() == 0.25
    budget.after_session(None, tells_cost=True)
    budget.after_session(0.25, tells_cost=True)
    with pytest.raises(Stopped, match=r"stopped after 1\.00 USD"):
        budget.before_session()


def test_a_cost_limit_that_nobody_can_watch_stops_the_run() -> None:
    budget = Budget(BuildSettings(max_cost_usd=1.0))
    with pytest.raises(Stopped, match="does not say what its sessions cost"):
        budget.after_session(None, tells_cost=False)
    Budget(BuildSettings()).after_session(None, tells_cost=False)


def test_features_without_progress_stop_the_run_unless_one_got_on_in_between() -> None:
    budget = Budget(BuildSettings(max_consecutive_failures=2))
    budget.failed()
    budget.progressed()
    budget.failed()
    with pytest.raises(Stopped, match="2 features in a row made no progress"):
        budget.failed()


def test_a_person_who_says_go_on_is_asked_again_after_as_many() -> None:
    asked: list[str] = []

    def answer(question: str) -> bool:
        asked.append(question)
        return len(asked) == 1

    budget = Budget(BuildSettings(max_consecutive_failures=2), ask=answer)
    for _ in range(3):
        budget.failed()
    with pytest.raises(Stopped):
        budget.failed()
    assert asked == ["2 features in a row made no progress. Go on?"] * 2


def test_zero_is_no_limit() -> None:
    clock = Clock()
    limits = BuildSettings(max_sessions=0, max_minutes=0, max_cost_usd=0, max_consecutive_failures=0)
    budget = Budget(limits, clock=clock)
    clock.now += 1e6
    for _ in range(200):
        budget.after_session(5.0, tells_cost=True)
        budget.failed()
    assert budget.before_session() == 0.0

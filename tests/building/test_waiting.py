"""How long a limit is waited for."""

from __future__ import annotations

import pytest

from orchestrator.agents.protocol import Outcome, SessionResult
from orchestrator.building import waiting


def waits(outcome: Outcome, count: int, delay: float = 5.0) -> list[float]:
    return [waiting.seconds(SessionResult(outcome), n, delay, 0.0) for n in range(count)]


def test_each_wait_is_twice_as_long_up_to_three_quarters_of_an_hour() -> None:
    assert waits(Outcome.OVERLOADED, 4) == [5, 10, 20, 40]
    assert waits(Outcome.RATE_LIMITED, 7) == [60, 120, 240, 480, 960, 1920, 2700]
    assert waits(Outcome.OVERLOADED, 2000)[-1] == 2700


def test_a_reset_time_is_waited_for_and_a_little_longer() -> None:
    result = SessionResult(Outcome.RATE_LIMITED, reset_at=5000.0)
    found = [waiting.seconds(result, 3, 5.0, 4000.0) for _ in range(50)]
    assert all(1001 <= seconds <= 1061 for seconds in found)
    assert len(set(found)) > 1


def test_a_reset_time_that_is_past_is_not_waited_for() -> None:
    result = SessionResult(Outcome.RATE_LIMITED, reset_at=10.0)
    assert waiting.seconds(result, 0, 5.0, 4000.0) == 1.0


@pytest.mark.parametrize("outcome", Outcome)
def test_only_limits_are_waited_for(outcome: Outcome) -> None:
    assert waiting.is_wait(SessionResult(outcome)) is (outcome in (Outcome.RATE_LIMITED, Outcome.OVERLOADED))


def test_the_reason_is_the_first_line_of_what_the_agent_said() -> None:
    assert waiting.reason(SessionResult(Outcome.OVERLOADED, error="529\nmore")) == "overloaded: 529"
    assert waiting.reason(SessionResult(Outcome.OVERLOADED)) == "overloaded: overloaded"


def test_a_sleep_asks_in_between_so_that_a_budget_can_end_it() -> None:
    class Ended(Exception):
        pass

    def end() -> None:
        raise Ended

    with pytest.raises(Ended):
        waiting.sleep(0.01, end)
    waiting.sleep(0.0, end)

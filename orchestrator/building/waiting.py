"""Waiting for a usage limit to end, or for an overloaded service."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from orchestrator.agents.protocol import Outcome, SessionResult

_LONGEST = 45 * 60.0
_FIRST = {Outcome.RATE_LIMITED: 12, Outcome.OVERLOADED: 1}  # in retry delays
_STEP = 5.0


def is_wait(result: SessionResult) -> bool:
    """Whether the session met a limit, so that the same session may go well later."""
    return result.outcome in _FIRST


def reason(result: SessionResult) -> str:
    """What is waited for, on one line."""
    said = result.error.splitlines()[0] if result.error else result.outcome.value
    return f"{result.outcome.value}: {said}"


def seconds(result: SessionResult, waits: int, retry_delay: float, now: float) -> float:
    """How long to wait: until the limit resets where that is known, else longer each time; `waits` counts those
    before this one, `now` is in seconds since the epoch.
    """
    if result.reset_at is None:
        return min(retry_delay * _FIRST[result.outcome] * 2.0 ** min(waits, 32), _LONGEST)
    left = max(0.0, result.reset_at - now)
    return left + random.uniform(1, 1 + min(60.0, left / 10))  # so that not everyone comes back at once


def sleep(duration: float, between: Callable[[], object]) -> None:
    """Sleep in steps, calling `between` after each, so that Ctrl+C and the time budget are obeyed."""
    end = time.monotonic() + duration
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(left, _STEP))
        between()

"""How a session of Claude Code ended, decided from what it told in structured form and nothing else.

Exit code 0 is no success (an interrupted run ends so, without a result), and `subtype: success` is none either
(every failure of the API says so). Words count only in a result that calls itself an error, or in the error
stream of a run that printed no events: never in what the agent merely read or wrote.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from orchestrator.agents.claude.events import Stream, number
from orchestrator.agents.protocol import Outcome
from orchestrator.agents.resets import reset_time
from orchestrator.processes.running import Stop

_LIMIT_WORDS = re.compile(r"usage limit reached|you['’]ve (?:hit|reached) your .{0,40}limit", re.IGNORECASE)
_LOGIN_WORDS = re.compile(r"not logged in|please run /login|credit balance is too low|invalid api key", re.IGNORECASE)
_OVERLOAD_WORDS = re.compile(
    r"unable to connect|request timed out|empty or malformed response|overloaded", re.IGNORECASE
)
STOPS = {
    Stop.TIMEOUT: (Outcome.TIMEOUT, "its time was up"),
    Stop.IDLE: (Outcome.TIMEOUT, "it printed nothing for too long"),
    Stop.INTERRUPTED: (Outcome.INTERRUPTED, "interrupted"),
    Stop.REFUSED: (Outcome.NOT_LOGGED_IN, "the key or log-in is refused"),
    Stop.REPEATING: (Outcome.FAILED, "it made the same tool call over and over"),
}


@dataclass(frozen=True)
class Verdict:
    """The outcome, why (one sentence, "" when ok), and when a limit ends (seconds since the epoch)."""

    outcome: Outcome
    error: str = ""
    reset_at: float | None = None


def classify(
    stream: Stream,
    returncode: int | None,
    stop: Stop | None,
    stderr: str,
    now: float,
    *,
    wants_structure: bool = False,
) -> Verdict:
    """The first rule that fits: what we did to it, then success, then the kinds of failure.

    `now` is needed to read a time of day out of the sentence about a limit.
    """
    if stop is Stop.FINISHED:
        returncode = 0  # of its end by itself, which we did not wait for
    elif stop:
        return Verdict(*STOPS[stop])
    result = stream.result
    if result is None:
        return _without_result(stream, returncode, stderr)
    if returncode == 0 and not result.get("is_error") and result.get("subtype") == "success":
        if wants_structure and result.get("structured_output") is None:
            return Verdict(Outcome.FAILED, "it gave no structured output, which was asked for")
        return Verdict(Outcome.OK)
    if not result.get("is_error"):
        return Verdict(Outcome.FAILED, f"it said success but {exit_words(returncode)}")
    return _failure(stream, _words(result), now)


def _failure(stream: Stream, words: str, now: float) -> Verdict:
    result = stream.result or {}
    status = result.get("api_error_status")
    status = status if isinstance(status, int) else 0
    last = stream.errors[-1] if stream.errors else ""
    limit = stream.limit if stream.limit and stream.limit.get("status") == "rejected" else {}
    subtype = result.get("subtype")
    if subtype in ("error_max_turns", "error_max_budget_usd"):
        return Verdict(Outcome.OUT_OF_BUDGET, words)
    if limit or status == 429 or last == "rate_limit" or _LIMIT_WORDS.search(words):
        told = number(limit.get("resetsAt"))
        return Verdict(Outcome.RATE_LIMITED, words, reset_time(words, now) if told is None else told)
    refused = status in (401, 402, 403) or last in ("authentication_failed", "billing_error")
    if refused or _LOGIN_WORDS.search(words):
        return Verdict(Outcome.NOT_LOGGED_IN, words)
    if status >= 500 or status in (408, 409) or last == "server_error" or _OVERLOAD_WORDS.search(words):
        return Verdict(Outcome.OVERLOADED, words)
    return Verdict(Outcome.FAILED, words)


def _without_result(stream: Stream, returncode: int | None, stderr: str) -> Verdict:
    said = stderr.strip()
    if not stream.session_id and _LOGIN_WORDS.search(said):
        return Verdict(Outcome.NOT_LOGGED_IN, said)
    if not stream.session_id and said:
        return Verdict(Outcome.FAILED, said)
    return Verdict(Outcome.FAILED, f"it ended without a result, {exit_words(returncode)}")


def _words(result: object) -> str:
    """What the result says went wrong: its text, or the list of errors."""
    assert isinstance(result, dict)
    text = result.get("result")
    errors = result.get("errors")
    listed = "; ".join(str(error) for error in errors) if isinstance(errors, list) else ""
    return (text if isinstance(text, str) and text else "") or listed or str(result.get("subtype") or "error")


def exit_words(returncode: int | None) -> str:
    """The exit code as an explanation; 128 + n and -n both are signal n."""
    if returncode is None:
        return "it did not end"
    number = -returncode if returncode < 0 else returncode - 128
    if not 0 < number < 65:
        return f"it ended with exit code {returncode}"
    import signal

    try:
        return f"it was ended by {signal.Signals(number).name}"
    except ValueError:
        return f"it ended with exit code {returncode}"

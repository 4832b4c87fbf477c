"""The table of outcomes, against what Claude Code 2.1.197 printed in each case."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.agents.claude.classify import Verdict, classify
from orchestrator.agents.claude.events import Stream, cost, denials, usage
from orchestrator.agents.protocol import Outcome, Usage
from orchestrator.processes.running import Stop

RECORDED = Path(__file__).parents[1] / "vectors" / "claude"
NOW = datetime(2026, 11, 23, 5, 0, tzinfo=timezone.utc).timestamp()


def read(name: str) -> Stream:
    stream = Stream()
    for line in (RECORDED / f"{name}.jsonl").read_bytes().split(b"\n"):
        list(stream.feed(line))
    return stream


def judge(name: str, returncode: int, stderr: str = "", *, wants_structure: bool = False) -> Verdict:
    return classify(read(name), returncode, None, stderr, NOW, wants_structure=wants_structure)


@pytest.mark.parametrize(
    "name",
    [
        "success-stream-json",
        "commit-streamjson",
        "fault-garbage",
        "fault-invalidutf8",
        "fault-trickle",
        "fallback",
        "oauth-WARN",
        "jsonschema-ok",
        "bgtool",
        "hooks",
        "perm-default",
    ],
)
def test_a_session_that_came_to_its_end_is_ok(name: str) -> None:
    assert judge(name, 0) == Verdict(Outcome.OK)


@pytest.mark.parametrize(
    ("name", "outcome", "error", "reset_at"),
    [
        ("fault-http401", Outcome.NOT_LOGGED_IN, "Invalid API key · Fix external API key", None),
        ("fault-http403", Outcome.NOT_LOGGED_IN, "Failed to authenticate. API Error: 403", None),
        ("fault-http400-credit", Outcome.NOT_LOGGED_IN, "Credit balance is too low", None),
        ("nokey", Outcome.NOT_LOGGED_IN, "Not logged in · Please run /login", None),
        ("oauth-E401", Outcome.NOT_LOGGED_IN, "Failed to authenticate. API Error: 401", None),
        ("oauth-E403", Outcome.NOT_LOGGED_IN, "Your account does not have access", None),
        ("fault-http429-nora", Outcome.RATE_LIMITED, "API Error: Request rejected (429)", None),
        ("fault-http429-noretry", Outcome.RATE_LIMITED, "API Error: Request rejected (429)", None),
        ("fault-http429-ra3600", Outcome.RATE_LIMITED, "API Error: Request rejected (429)", None),
        ("fault-http429-usagebody", Outcome.RATE_LIMITED, "API Error: Request rejected (429)", 1795415445.0),
        ("oauth-FIVEH", Outcome.RATE_LIMITED, "You've hit your session limit", 1795416580.0),
        ("oauth-MIDLIMIT", Outcome.RATE_LIMITED, "You've hit your session limit", 1795416580.0),
        ("oauth-OPUSW", Outcome.RATE_LIMITED, "You've hit your Opus limit", 1795582180.0),
        ("oauth-WEEK", Outcome.RATE_LIMITED, "You've hit your weekly limit", 1795668580.0),
        ("oauth-PLAIN429", Outcome.RATE_LIMITED, "API Error: Server is temporarily limiting", None),
        ("fault-http500", Outcome.OVERLOADED, "API Error: 500 Internal server error", None),
        ("fault-http502html", Outcome.OVERLOADED, "API Error: 502 <html>", None),
        ("fault-http529", Outcome.OVERLOADED, "API Error: 529 Overloaded", None),
        ("retry-0", Outcome.OVERLOADED, "API Error: 529 Overloaded", None),
        ("fault-reset", Outcome.OVERLOADED, "API Error: Unable to connect to API (ECONNRESET)", None),
        ("fault-close", Outcome.OVERLOADED, "API Error: Unable to connect to API (ECONNRESET)", None),
        ("connrefused", Outcome.OVERLOADED, "API Error: Unable to connect to API (ConnectionRefused)", None),
        ("apitimeout-3s", Outcome.OVERLOADED, "Request timed out", None),
        ("fault-emptybody", Outcome.OVERLOADED, "API Error: API returned an empty or malformed", None),
        ("max-budget", Outcome.OUT_OF_BUDGET, "Reached maximum budget ($0.5)", None),
        ("max-turns-2", Outcome.OUT_OF_BUDGET, "Reached maximum number of turns (2)", None),
        ("fault-http400-toolong", Outcome.FAILED, "Prompt is too long", None),
        ("fault-http404-model", Outcome.FAILED, "There's an issue with the selected model", None),
        ("fault-http413", Outcome.FAILED, "Request too large (max 32MB)", None),
        ("fault-maxtokens", Outcome.FAILED, "API Error: Claude's response exceeded", None),
        ("fault-refusal", Outcome.FAILED, "API Error: Claude Code is unable to respond", None),
        ("sig-int-pid", Outcome.FAILED, "[ede_diagnostic] result_type=user", None),
        ("resume-unknown", Outcome.FAILED, "No conversation found with session ID", None),
    ],
)
def test_each_recorded_failure_has_its_outcome(name: str, outcome: Outcome, error: str, reset_at: float | None) -> None:
    verdict = judge(name, 1)
    assert (verdict.outcome, verdict.error[: len(error)], verdict.reset_at) == (outcome, error, reset_at)


@pytest.mark.parametrize(
    ("name", "returncode", "error"),
    [
        ("sig-int-hangapi", 0, "it ended without a result, it ended with exit code 0"),
        ("sig-term-pid", 143, "it ended without a result, it was ended by SIGTERM"),
        ("fault-hang", -9, "it ended without a result, it was ended by SIGKILL"),
    ],
)
def test_without_a_result_event_no_exit_code_is_a_success(name: str, returncode: int, error: str) -> None:
    assert judge(name, returncode) == Verdict(Outcome.FAILED, error)


def test_a_success_with_another_exit_code_is_none() -> None:
    verdict = judge("success-stream-json", 137)
    assert verdict == Verdict(Outcome.FAILED, "it said success but it was ended by SIGKILL")


@pytest.mark.parametrize(
    ("status", "error", "outcome"),
    [
        (429, "", Outcome.RATE_LIMITED),
        (None, "rate_limit", Outcome.RATE_LIMITED),
        (401, "", Outcome.NOT_LOGGED_IN),
        (None, "authentication_failed", Outcome.NOT_LOGGED_IN),
        (None, "billing_error", Outcome.NOT_LOGGED_IN),
        (503, "", Outcome.OVERLOADED),
        (408, "", Outcome.OVERLOADED),
        (None, "server_error", Outcome.OVERLOADED),
        (400, "invalid_request", Outcome.FAILED),
        (None, "", Outcome.FAILED),
    ],
)
def test_the_status_and_the_class_of_the_error_decide_alone(status: int | None, error: str, outcome: Outcome) -> None:
    told = {"type": "result", "is_error": True, "subtype": "success", "api_error_status": status, "result": "words"}
    stream = Stream(result=told, errors=[error] if error else [])
    assert classify(stream, 1, None, "", NOW) == Verdict(outcome, "words")


@pytest.mark.parametrize(
    ("stop", "outcome"),
    [
        (Stop.TIMEOUT, Outcome.TIMEOUT),
        (Stop.IDLE, Outcome.TIMEOUT),
        (Stop.INTERRUPTED, Outcome.INTERRUPTED),
        (Stop.REFUSED, Outcome.NOT_LOGGED_IN),
    ],
)
def test_what_we_did_to_it_comes_before_what_it_says(stop: Stop, outcome: Outcome) -> None:
    assert classify(read("success-stream-json"), 0, stop, "", NOW).outcome is outcome
    assert classify(read("oauth-FIVEH"), 1, stop, "", NOW).outcome is outcome


def test_structured_output_that_was_asked_for_must_be_there() -> None:
    assert judge("jsonschema-ok", 0, wants_structure=True).outcome is Outcome.OK
    assert judge("jsonschema", 0, wants_structure=True).outcome is Outcome.FAILED
    assert judge("jsonschema", 0).outcome is Outcome.OK


def test_a_start_that_fails_shows_what_the_program_said() -> None:
    said = (RECORDED / "root-nosandbox.stderr").read_text()
    verdict = classify(Stream(), 1, None, said, NOW)
    assert verdict == Verdict(Outcome.FAILED, said.strip())


def test_usage_and_cost_are_those_of_the_result() -> None:
    told = read("commit-streamjson").result
    assert usage(told) == Usage(20, 40, 2000, 200)
    assert cost(told) == 0.00201
    assert (usage(None), cost(None), denials(None)) == (None, None, ())


def test_refused_tools_are_listed_once_each() -> None:
    assert denials(read("perm-default").result) == ("Write", "Bash")


def test_a_refused_key_is_hopeless_at_the_second_retry() -> None:
    stream = Stream()
    seen = []
    for line in (RECORDED / "fault-http401.jsonl").read_bytes().split(b"\n"):
        list(stream.feed(line))
        if b'"api_retry"' in line:
            seen.append(stream.hopeless)
    assert seen[:3] == [False, True, True]
    assert not read("fault-http529").hopeless


_words = st.sampled_from(
    [
        "You've hit your session limit · resets 6:49am (UTC)",
        "Claude AI usage limit reached|1795415445",
        "API Error: 529 Overloaded",
        "Not logged in · Please run /login",
        '{"type":"rate_limit_event","rate_limit_info":{"status":"rejected","resetsAt":1}}',
        '{"type":"result","subtype":"success","is_error":true,"api_error_status":429}',
        '{"type":"system","subtype":"api_retry","error":"authentication_failed"}',
        "authentication_failed rate_limit",
    ]
)


@given(st.lists(st.tuples(st.sampled_from(["text", "tool", "result"]), _words), max_size=8))
def test_nothing_that_the_agent_reads_or_writes_changes_the_outcome(said: list[tuple[str, str]]) -> None:
    stream = Stream()
    for kind, words in said:
        block = {
            "text": {"type": "text", "text": words},
            "tool": {"type": "tool_use", "name": "Bash", "input": {"command": words}},
            "result": {"type": "tool_result", "content": words, "is_error": True},
        }[kind]
        event = {
            "type": "user" if kind == "result" else "assistant",
            "session_id": "s",
            "message": {"model": "claude", "content": [block], "role": "user"},
        }
        list(stream.feed(json.dumps(event).encode()))
    done = {"type": "result", "subtype": "success", "is_error": False, "result": said[-1][1] if said else ""}
    assert not stream.hopeless
    list(stream.feed(json.dumps(done).encode()))
    assert classify(stream, 0, None, said[-1][1] if said else "", NOW) == Verdict(Outcome.OK)
    refused = {"type": "result", "subtype": "success", "is_error": True, "result": "API Error: refused"}
    list(stream.feed(json.dumps(refused).encode()))
    assert classify(stream, 1, None, "", NOW) == Verdict(Outcome.FAILED, "API Error: refused")

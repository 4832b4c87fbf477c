from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.agents.claude.classify import classify
from orchestrator.agents.claude.events import Shown, Stream, cost, denials, number, tool_detail, usage

RECORDED = Path(__file__).parents[1] / "vectors" / "claude"


def shown(*events: dict[str, object]) -> list[Shown]:
    stream = Stream()
    return [item for event in events for item in stream.feed(json.dumps(event).encode())]


def test_words_and_tool_calls_are_shown_in_order() -> None:
    content = [
        {"type": "text", "text": "First."},
        {"type": "tool_use", "name": "Bash", "input": {"command": "ls\n  -l"}},
        {"type": "thinking", "thinking": "hm"},
    ]
    event = {"type": "assistant", "message": {"content": content}}
    assert shown(event) == [
        Shown("text", "First."),
        Shown("tool", "ls -l", "Bash", '["Bash", {"command": "ls\\n  -l"}]'),
    ]


def test_retries_and_a_nearly_spent_limit_are_noted() -> None:
    retry = {"type": "system", "subtype": "api_retry", "attempt": 1, "max_retries": 2, "error_status": None}
    limit = {"type": "rate_limit_event", "rate_limit_info": {"status": "allowed_warning", "utilization": 0.92}}
    assert shown(retry, limit) == [
        Shown("note", "retry 1 of 2: unknown"),
        Shown("note", "92% of the usage limit is spent"),
    ]


def test_a_recorded_session_is_read_whole() -> None:
    stream = Stream()
    lines = (RECORDED / "commit-streamjson.jsonl").read_bytes().split(b"\n")
    items = [item for line in lines for item in stream.feed(line)]
    assert [(item.kind, item.name) for item in items] == [("text", ""), ("tool", "Bash"), ("text", "")]
    assert stream.model == "claude-sonnet-5"
    assert len(stream.session_id) == 36
    assert stream.result is not None
    assert stream.result["result"] == "All done: made.txt"


def test_the_last_result_wins() -> None:
    stream = Stream()
    for text in ("first", "second"):
        list(stream.feed(json.dumps({"type": "result", "result": text}).encode()))
    assert stream.result == {"type": "result", "result": "second"}


def test_lines_that_are_no_objects_are_passed_over() -> None:
    stream = Stream()
    for line in (b"", b"  ", b"not json", b"[1]", b'"text"', b"\xff\xfe", b"{" * 100_000, b"null"):
        assert list(stream.feed(line)) == []


@pytest.mark.parametrize(
    ("arguments", "detail"),
    [
        ({"command": "make\n test"}, "make test"),
        ({"file_path": "/a/b", "content": "long"}, "/a/b"),
        ({"pattern": "x", "path": ""}, "x"),
        ({"command": 3}, ""),
        ({}, ""),
    ],
)
def test_a_tool_call_is_told_by_what_matters(arguments: dict[str, object], detail: str) -> None:
    assert tool_detail(arguments) == detail


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_NAMES = """
    type subtype message content model error session_id usage total_cost_usd permission_denials is_error result
    errors rate_limit_info status resetsAt utilization api_error_status attempt tool_name structured_output
"""
_keys = st.sampled_from(_NAMES.split())
_kinds = st.sampled_from(["assistant", "system", "result", "rate_limit_event", "user", "new"])
_event = st.builds(lambda kind, rest: {**rest, "type": kind}, _kinds, st.dictionaries(_keys, _json, max_size=6))


@given(st.lists(_event, max_size=5), st.sampled_from([0, 1, 143, -9, None]))
def test_no_shape_of_an_event_breaks_the_reading(events: list[dict[str, object]], returncode: int | None) -> None:
    stream = Stream()
    for event in events:
        for item in stream.feed(json.dumps(event).encode()):
            assert isinstance(item.text, str)
            assert isinstance(item.name, str)
    usage(stream.result)
    cost(stream.result)
    denials(stream.result)
    classify(stream, returncode, None, "", 0.0)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1, 1.0), (0.5, 0.5), (True, None), ("1", None), (10**400, None), (float("nan"), None), (float("inf"), None)],
)
def test_only_finite_numbers_count(value: object, expected: float | None) -> None:
    assert number(value) == expected

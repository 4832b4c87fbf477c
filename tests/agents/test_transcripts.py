"""Kept raw output is read back, whichever agent wrote it."""

from __future__ import annotations

import json

from orchestrator.agents import transcripts
from orchestrator.agents.claude.events import Shown


def stream(*events: object) -> bytes:
    return b"".join(json.dumps(event).encode() + b"\n" for event in events)


def said(output: bytes) -> list[tuple[str, str, str]]:
    return [(one.kind, one.name, one.text) for one in transcripts.read(output)]


def claude(*blocks: dict[str, object]) -> dict[str, object]:
    return {"type": "assistant", "message": {"model": "m", "content": list(blocks)}}


TOOL = {"type": "tool_use", "name": "Bash", "input": {"command": "make test"}}


def test_claude_code_tells_texts_and_tool_calls_in_their_order() -> None:
    output = stream(
        {"type": "system", "subtype": "init"}, claude({"type": "text", "text": "a"}, TOOL), {"type": "result"}
    )
    assert said(output) == [("text", "", "a"), ("tool", "Bash", "make test")]


def test_other_agents_are_told_by_their_own_words() -> None:
    codex = stream({"type": "item.completed", "item": {"type": "agent_message", "text": "hi"}})
    opencode = stream({"type": "text", "part": {"text": "hi"}})
    pieces = [{"type": "message", "role": "assistant", "content": text, "delta": True} for text in ("h", "i")]
    assert [said(codex), said(opencode), said(stream(*pieces))] == [[("text", "", "hi")]] * 3


def test_plain_output_is_one_text_with_its_lines() -> None:
    assert said(b"one\n\n  two {\ntrue\n") == [("text", "", "one\n\n  two {\ntrue")]


def test_what_was_left_out_of_a_long_stream_is_said() -> None:
    calls = stream(claude(TOOL)) * 2
    output = calls + b'{"type": "assis\n[... 70 bytes left out ...]\nt"}\n' + calls
    call = ("tool", "Bash", "make test")
    assert said(output) == [call, call, ("note", "", "70 bytes were not kept"), call, call]


def test_nothing_and_rubbish_are_no_error() -> None:
    assert transcripts.read(b"") == []
    assert transcripts.read(stream({"type": "unknown"}, {"n": [1]})) == []
    assert transcripts.read(b"\xff\xfe\n") == [Shown("text", "\ufffd\ufffd")]

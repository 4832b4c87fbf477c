"""`orchestrator log`: the sessions as a table, and each as a person reads it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from support.projects import BIN, Made, make
from support.scripted_builds import COMMITS, feature, project

from orchestrator.harness import sessions
from orchestrator.harness.sessions import SessionRecord

LONG = "a sentence that does not end soon, " * 12
FAILED = SessionRecord(
    session=1, timestamp="2026-11-23T04:44:47.367+01:00", feature="F1", success=False, elapsed_seconds=182.0,
    error=f"the check exited with 1: make\n{LONG}", attempt=1, kind="implement", outcome="ok", model="opus",
    cost_usd=0.25, usage={"input_tokens": 10, "output_tokens": 0},
    verify={"command": "make", "exit_code": 1, "output_tail": LONG, "note": ""},
    guard=[f"F2: was deleted; restored. {LONG}"], notes=["tests/a.py: 3 lines of tests fewer"],
)  # fmt: skip
DONE = SessionRecord(2, "2026-11-23T04:50:00.000+01:00", "F1", True, 9.0, attempt=2, kind="repair", commit="c" * 40)
OTHER = SessionRecord(3, "2026-11-23T05:50:00.000+01:00", "2", False, 4.0, outcome="rate_limited", attempt=1)


@pytest.fixture
def made(tmp_path: Path) -> Made:
    made = make(tmp_path / "project", [feature("F1"), feature(2), feature("F3")])
    for record in (FAILED, DONE, OTHER):
        sessions.write(made.root, record)
    return made


def keep(made: Made, suffix: str, text: str, number: int = 1) -> None:
    sessions.raw(made.root, number, suffix).write_text(text, encoding="utf-8")


def test_the_table_has_a_line_a_session_and_the_sum(made: Made) -> None:
    header, *lines, last = made.run("orchestrator", "log").splitlines()
    assert header.split() == ["session", "when", "feature", "kind", "attempt", "outcome", "time", "cost"]
    assert [line.split() for line in lines[1:]] == [
        ["2", "2026-11-23", "04:50", "F1", "repair", "2", "done", "9", "s", "-", "c" * 10],
        ["3", "2026-11-23", "05:50", "2", "-", "1", "rate", "limited", "4", "s", "-"],
    ]
    assert lines[0].split()[:12] == [
        "1", "2026-11-23", "04:44", "F1", "implement", "1", "failed", "3", "min", "2", "s", "0.25",
    ]  # fmt: skip
    assert lines[0].endswith("the check exited with 1: make")
    assert last == "3 sessions, 3 min 15 s, 0.25 USD as far as is known (of 1)"


def test_without_a_session_the_table_says_so(tmp_path: Path) -> None:
    made = make(tmp_path / "project", [feature("F1")])
    assert made.run("orchestrator", "log") == "no session has been run yet\n"
    assert made.json("log") == []


def test_a_session_is_shown_whole(made: Made) -> None:
    keep(made, ".prompt", "Do F1.\n")
    call = {"type": "tool_use", "name": "Bash", "input": {"command": f"echo {LONG}"}}
    blocks = [{"type": "text", "text": "I look\nfirst"}, call]
    keep(made, ".stdout", json.dumps({"type": "assistant", "message": {"content": blocks}}) + "\n")
    assert made.run("orchestrator", "log", "1").splitlines() == [
        "session 1: F1",
        "  2026-11-23 04:44:47 +0100, 3 min 2 s",
        "  implement, attempt 1, opus, 0.25 USD",
        "  10 input tokens",
        "  failed",
        "  the check exited with 1: make",
        "prompt",
        "  Do F1.",
        "session",
        "  | I look",
        "  | first",
        f"  > Bash echo {LONG}".rstrip(),
        "check: make (exited with 1)",
        f"    {LONG}".rstrip(),
        "what was undone",
        f"  F2: was deleted; restored. {LONG}".rstrip(),
        "notes",
        "  tests/a.py: 3 lines of tests fewer",
    ]


def test_what_is_no_longer_kept_is_said_and_is_null_in_json(made: Made) -> None:
    output = made.run("orchestrator", "log", "session-002")
    assert "done, commit cccccccccc" in output
    assert "what it said is not kept" in output
    [found] = made.json("log", "2")
    assert (found["session"], found["prompt"], found["transcript"]) == (3, None, None)


def test_where_a_planning_session_keeps_what_it_said_is_told(made: Made) -> None:
    sessions.write(made.root, SessionRecord(4, DONE.timestamp, "plan-research", True, 1.0, kind="plan"))
    assert "is in .agent/sessions/plan-research-*.stdout" in made.run("orchestrator", "log", "4")


def test_an_id_names_all_sessions_of_the_feature_and_goes_before_a_number(made: Made) -> None:
    assert [found["session"] for found in made.json("log", "F1")] == [1, 2]
    assert [found["session"] for found in made.json("log", "2")] == [3]
    assert [found["session"] for found in made.json("log", "session-2")] == [2]
    assert [record["session"] for record in made.json("log")] == [1, 2, 3]


@pytest.mark.parametrize(
    ("which", "said"),
    [("F3", "no session of F3"), ("F33", "Did you mean F3?"), ("7", "there is no session 7"), ("", "no feature has")],
)
def test_what_is_not_there_is_one_line_that_says_so(made: Made, which: str, said: str) -> None:
    output = made.run("orchestrator", "log", which, code=2)
    assert said in output
    assert output.startswith("orchestrator: error: ")
    assert output.count("\n") == 1


def test_secrets_and_codes_for_the_terminal_are_not_shown(made: Made) -> None:
    token = "sk-ant-" + "a" * 20
    hostile = f"\x1b]0;title\x07red \x1b[31m {token} \u202eback"
    sessions.write(made.root, SessionRecord(4, "x\x1b[2J", "F3", False, 1.0, error=hostile, guard=[hostile]))
    keep(made, ".prompt", hostile, 4)
    keep(
        made,
        ".stdout",
        json.dumps({"type": "assistant", "message": {"content": [{"type": "text", "text": hostile}]}}),
        4,
    )
    for words in (["log"], ["log", "F3"], ["log", "F3", "--json"], ["log", "--json"]):
        output = made.run("orchestrator", *words)
        assert [code for code in ("\x1b", "\\u001b", "\u202e", token) if code in output] == []
        assert "[redacted]" in output


def test_a_build_keeps_what_the_agent_was_asked_without_secrets(tmp_path: Path) -> None:
    made = project(tmp_path, [feature("F1", note="the word is hunter2hunter2")], f"echo I do $1\n{COMMITS}")
    made.run("orchestrator", "build", env={"MY_PASSWORD": "hunter2hunter2"})
    [found] = made.json("log", "F1")
    assert found["prompt"].startswith("Feature: F1\n")
    assert "the word is [redacted]" in found["prompt"]
    assert found["transcript"][0]["text"].startswith("I do F1")
    assert found["commit"] == made.git("rev-parse", "HEAD")
    if os.name != "nt":
        assert sessions.raw(made.root, 1, ".prompt").stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX terminal")
def test_the_table_fits_an_80_column_terminal(made: Made) -> None:
    import pexpect

    child = pexpect.spawn(
        str(BIN / "orchestrator"), ["log"], cwd=str(made.root), encoding="utf-8", timeout=60, dimensions=(24, 80),
        env={**os.environ, "TERM": "xterm"},
    )  # fmt: skip
    lines = child.read().splitlines()
    assert len(lines) == 5
    assert max(map(len, lines)) <= 80

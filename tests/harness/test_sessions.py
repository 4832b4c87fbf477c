"""Session logs: their files, their numbers, and the progress file."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from orchestrator.errors import OrchestratorError
from orchestrator.harness import sessions
from orchestrator.harness.sessions import SessionRecord

RECORD = SessionRecord(1, "2026-11-23T04:44:47.367+01:00", "f1", True, 0.149)
FULL = SessionRecord(
    session=2,
    timestamp="2026-11-23T04:45:00.000+00:00",
    feature="Größe 漢字",
    success=False,
    elapsed_seconds=12.25,
    error="the check exited with 1: make\nE  assert\t1",
    attempt=2,
    kind="repair",
    outcome="ok",
    model="opus",
    cost_usd=0.25,
    usage={"input_tokens": 10},
    agent_session_id="abc",
    commit="0" * 40,
    digest="d" * 40,
    verify={"command": "make", "exit_code": 1, "output_tail": "E"},
    guard=["F2: was deleted; restored"],
    notes=["tests/a.py: 3 lines of tests fewer"],
)

WRITE = """
import sys
from pathlib import Path
from orchestrator.harness import sessions
record = sessions.SessionRecord(1, "t", sys.argv[2], True, 1.0)
sessions.write(Path(sys.argv[1]), record)
"""


def log(root: Path, name: str, content: str | bytes) -> None:
    path = root / ".agent" / "sessions" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def test_a_log_is_a_json_file_with_a_three_digit_number(tmp_path: Path) -> None:
    path = sessions.write(tmp_path, FULL)

    assert path == tmp_path / ".agent" / "sessions" / "session-002.json"
    text = path.read_bytes().decode()
    assert json.loads(text) == {
        "session": 2,
        "timestamp": "2026-11-23T04:45:00.000+00:00",
        "feature": "Größe 漢字",
        "success": False,
        "elapsed_seconds": 12.25,
        "error": "the check exited with 1: make\nE  assert\t1",
        "attempt": 2,
        "kind": "repair",
        "outcome": "ok",
        "model": "opus",
        "cost_usd": 0.25,
        "usage": {"input_tokens": 10},
        "agent_session_id": "abc",
        "commit": "0" * 40,
        "digest": "d" * 40,
        "verify": {"command": "make", "exit_code": 1, "output_tail": "E"},
        "guard": ["F2: was deleted; restored"],
        "notes": ["tests/a.py: 3 lines of tests fewer"],
    }
    assert text.startswith('{\n  "session": 2,\n')
    assert "Größe 漢字" in text
    assert text.endswith("}\n")


def test_the_progress_file_gets_a_block_a_session(tmp_path: Path) -> None:
    sessions.write(tmp_path, RECORD)
    sessions.write(tmp_path, replace(RECORD, session=2, feature=None, success=False, elapsed_seconds=61.0))
    sessions.write(tmp_path, replace(FULL, session=3))

    assert (tmp_path / "agent-progress.txt").read_bytes().decode() == (
        "\n---\nSession: 1\nTimestamp: 2026-11-23T04:44:47.367+01:00\nFeature: f1\nSuccess: True\nDuration: 0.1s\n"
        "\n---\nSession: 2\nTimestamp: 2026-11-23T04:44:47.367+01:00\nFeature: None\nSuccess: False\n"
        "Duration: 61.0s\n"
        "\n---\nSession: 3\nTimestamp: 2026-11-23T04:45:00.000+00:00\nFeature: Größe 漢字\nSuccess: False\n"
        "Duration: 12.2s\nError: the check exited with 1: make E assert 1\n"
    )


def test_what_the_progress_file_held_before_stays(tmp_path: Path) -> None:
    (tmp_path / "agent-progress.txt").write_bytes(b"notes\r\nmore")

    sessions.write(tmp_path, RECORD)

    assert (tmp_path / "agent-progress.txt").read_bytes().startswith(b"notes\r\nmore\n---\nSession: 1\n")


def test_text_that_is_no_unicode_is_kept_readable(tmp_path: Path) -> None:
    sessions.write(tmp_path, replace(RECORD, error="bad \udc80 byte"))

    assert [record.error for record in sessions.read_all(tmp_path)] == ["bad \udc80 byte"]
    assert (tmp_path / "agent-progress.txt").read_text(encoding="utf-8").endswith("Error: bad \\udc80 byte\n")


@pytest.mark.parametrize(
    ("names", "number"),
    [
        ([], 1),
        (["session-001.json"], 2),
        (["session-001.json", "session-007.json", "session-003.json"], 8),
        (["session-999.json"], 1000),
        (["session-1000.json", "session-999.json"], 1001),
        (["session-005.jsonl", "session-x.json", "xsession-009.json", "session-008.json.tmp"], 1),
    ],
)
def test_numbers_go_on_from_the_highest_whatever_gaps(tmp_path: Path, names: list[str], number: int) -> None:
    for name in names:
        log(tmp_path, name, "")

    assert sessions.next_number(tmp_path) == number


def test_a_number_that_is_taken_is_never_overwritten(tmp_path: Path) -> None:
    log(tmp_path, "session-001.json", "someone else's")
    log(tmp_path, "session-004.json", "")

    path = sessions.write(tmp_path, RECORD)

    assert path.name == "session-005.json"
    assert sessions.read_all(tmp_path) == [replace(RECORD, session=5)]
    assert (tmp_path / ".agent" / "sessions" / "session-001.json").read_text() == "someone else's"


def test_processes_that_write_at_once_never_share_a_number(tmp_path: Path) -> None:
    names = [f"F{n}" for n in range(12)]

    running = [subprocess.Popen([sys.executable, "-c", WRITE, tmp_path, name]) for name in names]

    assert [process.wait(120) for process in running] == [0] * 12
    records = sessions.read_all(tmp_path)
    assert [record.session for record in records] == [*range(1, 13)]
    assert sorted(str(record.feature) for record in records) == sorted(names)
    assert (tmp_path / "agent-progress.txt").read_text().count("\n---\nSession: ") == 12


def test_what_was_written_is_read_again_in_the_order_of_numbers(tmp_path: Path) -> None:
    late, later = replace(RECORD, session=999), replace(RECORD, session=1000)
    for record in (FULL, later, late, RECORD):
        sessions.write(tmp_path, record)

    assert sessions.read_all(tmp_path) == [RECORD, FULL, late, later]


def test_a_log_of_the_original_program_is_read(tmp_path: Path) -> None:
    data = {"session": 3, "timestamp": "2026-11-23T04:44:47.367764", "feature": None, "success": True,
            "elapsed_seconds": 0.1, "error": ""}  # fmt: skip
    log(tmp_path, "session-003.json", json.dumps(data))

    assert sessions.read_all(tmp_path) == [SessionRecord(3, "2026-11-23T04:44:47.367764", None, True, 0.1)]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        b"\xff\xfe",
        "[" * 100_000,
        '{"session": 1}',
        '{"session": "1", "timestamp": "t", "feature": "f", "success": true, "elapsed_seconds": 1}',
        '{"session": 1, "timestamp": "t", "feature": "f", "success": true, "elapsed_seconds": 1, "cost_usd": "2"}',
    ],
)
def test_a_log_that_cannot_be_read_is_passed_over(tmp_path: Path, content: str | bytes) -> None:
    log(tmp_path, "session-001.json", content)
    sessions.write(tmp_path, FULL)

    assert sessions.read_all(tmp_path) == [FULL]


def test_fields_of_a_later_version_are_passed_over(tmp_path: Path) -> None:
    path = sessions.write(tmp_path, RECORD)
    path.write_text(json.dumps({**json.loads(path.read_bytes()), "mood": "good"}))

    assert sessions.read_all(tmp_path) == [RECORD]


def test_without_a_folder_there_are_no_records(tmp_path: Path) -> None:
    assert sessions.read_all(tmp_path) == []


def test_the_average_cost_is_over_those_that_are_known() -> None:
    costs = [None, 0.5, 1.0, None, 0]

    assert sessions.average_cost(replace(RECORD, cost_usd=cost) for cost in costs) == 0.5
    assert sessions.average_cost([RECORD]) is None
    assert sessions.average_cost([]) is None


def test_a_log_that_cannot_be_written_is_a_one_line_error(tmp_path: Path) -> None:
    (tmp_path / ".agent").write_bytes(b"")

    with pytest.raises(OrchestratorError, match=r"^cannot write the session's log: "):
        sessions.write(tmp_path, RECORD)


def test_a_progress_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "agent-progress.txt").mkdir()

    with pytest.raises(OrchestratorError) as caught:
        sessions.write(tmp_path, RECORD)

    assert caught.value.where == str(tmp_path / "agent-progress.txt")

"""The memory's files: one a note, without secrets, whatever else lies there; and what a prompt gets of them."""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from support.repos import git

from orchestrator.errors import OrchestratorError
from orchestrator.harness import memory
from orchestrator.harness.own_files import is_own

NOW = datetime(2026, 11, 25, 23, 45, 51, tzinfo=timezone(timedelta(hours=1)))


def later(seconds: int) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_a_note_is_a_file_of_its_own_named_by_time_and_feature(tmp_path: Path) -> None:
    path = memory.record(tmp_path, "failure", "../a b", "it broke", NOW)
    again = memory.record(tmp_path, "failure", "../a b", "it broke", NOW)
    assert path.parent == again.parent == tmp_path / ".agent" / "memory" / "failures"
    assert path.name.startswith("20261125-224551-%2E.%2Fa%20b-")
    assert path != again
    assert path.read_text() == (
        '---\nfeature: "../a b"\noutcome: failure\ncreated: 2026-11-25T22:45:51.000+00:00\n---\n\nit broke\n'
    )


def test_successes_are_strategies_and_nothing_is_no_note(tmp_path: Path) -> None:
    assert memory.record(tmp_path, "success", "F1", "it works", NOW).parent.name == "strategies"
    with pytest.raises(OrchestratorError, match="nothing to record"):
        memory.record(tmp_path, "success", "F1", " \x1b[31m\n", NOW)


def test_no_secret_and_no_code_for_the_terminal_is_written_or_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_SECRET", "hunter2hunter2")
    path = memory.record(tmp_path, "failure", "F1", "\x1b[31mred hunter2hunter2", NOW)
    assert path.read_text().endswith("\n\nred [redacted]\n")
    (path.parent / "own.md").write_text("\x1b]0;x\x07hunter2hunter2")
    assert {note.text for note in memory.read(tmp_path, "failures")} == {"red [redacted]", "[redacted]"}


def test_the_newest_is_read_first_and_what_is_no_note_is_passed_over(tmp_path: Path) -> None:
    for second, text in ((2, "b"), (3, "c"), (1, "a")):
        memory.record(tmp_path, "failure", "F1", text, later(second))
    folder = tmp_path / ".agent" / "memory" / "failures"
    (folder / ".gitkeep").touch()
    (folder / "picture.png").write_bytes(b"\x89")
    (folder / "deeper").mkdir()
    (folder / "deeper" / "20261125-224555-x.txt").write_bytes(b"d \xff")
    if os.name != "nt":
        (folder / "link.md").symlink_to(tmp_path / "secret")
    assert [note.text for note in memory.read(tmp_path, "failures")] == ["d \ufffd", "c", "b", "a"]
    assert memory.read(tmp_path, "strategies") == []


def test_notes_of_two_branches_merge_by_themselves(repo: Path) -> None:
    git(repo, "commit", "-q", "--allow-empty", "-m", "base")
    for branch in ("one", "two"):
        git(repo, "switch", "-q", "-c", branch, "main")
        memory.record(repo, "failure", "F1", f"by {branch}", NOW)
        git(repo, "add", "-A")
        git(repo, "commit", "-q", "-m", branch)
    git(repo, "merge", "-q", "-m", "both", "one")
    assert {note.text for note in memory.read(repo, "failures")} == {"by one", "by two"}


def test_attempts_are_our_own_files_and_the_oldest_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_ATTEMPTS", 3)
    memory.record(tmp_path, "failure", "F1", "a person's", NOW)
    for second in range(5):
        memory.record_attempt(tmp_path, "F1", second, second, "it failed", later(second))
    found = memory.read(tmp_path, "failures")
    assert [note.text for note in found] == [
        *(f"Attempt {n} (session {n}) failed: it failed" for n in (4, 3, 2)), "a person's",
    ]  # fmt: skip
    assert [is_own(f".agent/memory/{note.path}") for note in found] == [True, True, True, False]


def test_a_prompt_gets_what_concerns_its_feature(tmp_path: Path) -> None:
    (tmp_path / ".agent" / "memory" / "constraints").mkdir(parents=True)
    (tmp_path / ".agent" / "memory" / "constraints" / "a.md").write_text("always")
    for second, (outcome, feature) in enumerate(
        [("failure", "F1"), ("failure", "F2"), ("success", "F0"), ("success", "F9"), ("success", "F1")]
    ):
        memory.record(tmp_path, outcome, feature, f"{outcome} of {feature}", later(second))
    found = [note.text for note in memory.relevant(tmp_path, "F1", ["F0"], "")]
    assert found == ["always", "failure of F1", "success of F1", "success of F0"]


@pytest.mark.parametrize("reason", ["it did nothing", "the check exited with 1: make\n" + "E  assert\n" * 900])
def test_the_failure_that_the_prompt_tells_anyway_is_told_once(tmp_path: Path, reason: str) -> None:
    memory.record_attempt(tmp_path, "F1", 1, 1, "another\none", NOW)
    memory.record_attempt(tmp_path, "F1", 2, 2, reason, later(1))
    assert [note.text[:9] for note in memory.relevant(tmp_path, "F1", [], reason)] == ["Attempt 1"]
    assert [note.text[:9] for note in memory.relevant(tmp_path, "F1", [], "")] == ["Attempt 2", "Attempt 1"]


def test_a_prompt_gets_no_more_than_fits(tmp_path: Path) -> None:
    for second in range(3):
        memory.record(tmp_path, "failure", "F1", "word " * 700, later(second))
    assert len(memory.relevant(tmp_path, "F1", [], "")) == 2

"""A build's lines on the terminal."""

from __future__ import annotations

import pytest

from orchestrator.building.verification import Verdict
from orchestrator.features.model import feature
from orchestrator.report.console import Console

F1 = feature({"id": "F1", "name": "one\n line", "description": "d" * 50})


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.4, "0 s"), (59.4, "59 s"), (60, "1 min 0 s"), (90, "1 min 30 s"), (3599.6, "1 h 0 min"),
        (3600 + 25 * 60, "1 h 25 min"), (26 * 3600 + 59 * 60, "26 h 59 min"),
    ],
)  # fmt: skip
def test_a_wait_is_told_in_hours_minutes_and_seconds(
    seconds: float, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Console().waiting("rate limited", seconds)
    assert capsys.readouterr().out == f"  waiting {words}: rate limited\n"


def test_a_session_is_told_with_its_texts_and_tools_unless_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    for quiet in (False, True):
        console = Console(quiet=quiet)
        console.session_started(F1, 3, 1, 3, "implement")
        console.text("hello\nworld\n")
        console.tool("Bash", "x" * 200)
        console.completed(F1, "0123456789abcdef", True)
        console.failed(F1, "because\nof that")
        console.note("seen")
    told = "F1 one line\n  session 3, implement, attempt 1 of 3, low complexity\n"
    end = "  F1: done (0123456789, committed for the agent)\n  F1: failed: because\n  note: seen\n"
    live = f"  | hello\n  | world\n  > Bash {'x' * 100}\n"
    assert capsys.readouterr().out == told + live + end + told + end


def test_a_failed_check_shows_the_end_of_its_output_and_a_passed_one_only_on_request(
    capsys: pytest.CaptureFixture[str],
) -> None:
    output = "\n".join(f"line {number}" for number in range(30))
    Console().check_ended(F1, Verdict(True, "true", 0, output))
    assert capsys.readouterr().out == ""
    Console().check_ended(F1, Verdict(False, "true", 1, output))
    assert capsys.readouterr().out.splitlines() == [f"    line {number}" for number in range(10, 30)]
    Console(verbose=True).check_ended(F1, Verdict(True, "true", 0, "fine"))
    assert capsys.readouterr().out == "    fine\n"

"""The check: what it may print, how long it may take, what is left of it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from support.agents import MARK, left_over
from support.projects import Made
from support.scripted_builds import COMMITS, WORKS, feature, project

from orchestrator.building import verification

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX shell")


def test_the_end_of_what_it_printed_is_kept(tmp_path: Path) -> None:
    verdict = verification.run("seq 100000; exit 3", tmp_path, 60)
    assert (verdict.passed, verdict.exit_code) == (False, 3)
    assert verdict.output.endswith("99999\n100000\n")
    assert len(verdict.output) == verification.TAIL


def test_a_passing_check_that_prints_over_200_mb_passes(tmp_path: Path) -> None:
    code = 'import sys\nfor _ in range(220): sys.stdout.write("x" * 999_999 + chr(10))'
    verdict = verification.run(f"{sys.executable} -c '{code}'; echo the end", tmp_path, 300)
    assert (verdict.passed, verdict.exit_code) == (True, 0)
    assert verdict.output.endswith("the end\n")


def test_its_output_holds_no_secret_and_nothing_that_a_terminal_obeys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEPLOY_TOKEN", "very-secret-value")
    command = r"echo $DEPLOY_TOKEN sk-ant-abcdefgh; printf '\033]0;title\007\033[31mred'"
    assert verification.run(command, tmp_path, 60).output == "[redacted] [redacted]\nred"


def test_no_secret_is_left_where_its_beginning_was_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What follows is taken out of the output, so that the window's first line would be shown."""
    monkeypatch.setenv("DEPLOY_TOKEN", "0123456789" * 4)
    for length in range(0, 40, 3):
        fill = f"printf %{4 * verification.TAIL - length}s | tr ' ' '\\007'"
        verdict = verification.run(f"echo $DEPLOY_TOKEN; {fill}", tmp_path, 60)
        assert verdict.output.strip("\n") in ("", "[redacted]")


def test_a_daemon_of_a_check_does_not_outlive_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MARK, str(tmp_path))
    verdict = verification.run("setsid sleep 600 & setsid env -i sleep 601.5 & sleep 0.2", tmp_path, 60)
    assert verdict.passed
    assert left_over(tmp_path, "sleep 601.5") == []


def test_secrets_in_a_check_reach_no_log_no_progress_file_and_no_prompt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEPLOY_TOKEN", "very-secret-value")
    script = 'printf "\\033[31m"; echo $DEPLOY_TOKEN ghp_; echo ghp_0123456789abcdefghij; exit 1\n'
    made = project(tmp_path, [feature("F1")], COMMITS, '[verify]\ncommand = "sh leak.sh"\n')
    (made.root / "leak.sh").write_text(script)
    output = made.run("orchestrator", "build", "-v", code=1)
    for text in (output, *texts(made)):
        assert "very-secret-value" not in text
        assert "\x1b" not in text


def texts(made: Made) -> list[str]:
    store = made.root / ".git" / "orchestrator"
    found = [*(made.root / ".agent").rglob("*"), made.root / "agent-progress.txt", *store.rglob("*")]
    read = [path.read_text(errors="replace") for path in found if path.is_file()]
    assert sum("[redacted]" in text for text in read) >= 3
    return read


def test_logs_and_prompts_are_for_the_owner_only(tmp_path: Path) -> None:
    made = project(tmp_path, [feature("F1")], WORKS)
    made.run("orchestrator", "build")
    found = [*(made.root / ".agent").rglob("session-*"), made.root / "agent-progress.txt"]
    found.append(made.root / ".agent" / "current-prompt.md")
    assert {path.stat().st_mode & 0o077 for path in found} == {0}
    assert len(found) >= 5


def test_a_session_whose_time_ran_out_is_told_as_that_first_and_the_check_second(tmp_path: Path) -> None:
    settings = "timeout = 1\nmax_attempts = 1\n[verify]\ncommand = 'echo half done; false'\n"
    made = project(tmp_path, [feature("F1")], f"{WORKS}sleep 600\n", settings)
    made.run("orchestrator", "build", code=1)
    error = made.sessions()[0]["error"]
    assert error.splitlines()[0] == "the session ended: timeout. it ran out of time after 1 s ([agent] timeout)"
    assert error.splitlines()[1].startswith("the check exited with 1")
    progress = (made.root / "agent-progress.txt").read_text()
    assert "Error: the session ended: timeout. it ran out of time after 1 s" in progress

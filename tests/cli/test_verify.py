"""`orchestrator verify`: checks without a build."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from support.projects import Made, make
from support.scripted_builds import feature, start, wait_for

from orchestrator import files

SETTINGS = '[verify]\ncommand = "echo ran >> .git/ran; sh check.sh"\n'
CHECK = {"check.sh": "echo all is well\n"}


def features(*more: dict[str, Any]) -> list[dict[str, Any]]:
    own = feature("F3", verify="echo own >> .git/ran; test ! -e broken || { echo it is broken; exit 3; }")
    return [feature("F1"), feature("F2", dependencies=["F1"]), own, feature("F4"), *more]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    made = make(tmp_path / "project", features(), SETTINGS, files=CHECK)
    made.git("commit", "-q", "--allow-empty", "-m", "session: completed F1, F2, F3")
    made.run("orchestrator", "sync")
    made.git("commit", "-qam", "flips")
    return made


def ran(made: Made) -> list[str]:
    """What checks ran since the last look."""
    path = made.root / ".git" / "ran"
    found = path.read_text().split() if path.exists() else []
    path.unlink(missing_ok=True)
    return found


def test_all_done_features_are_checked_and_a_shared_command_runs_once(made: Made) -> None:
    output = made.run("orchestrator", "verify").splitlines()
    assert ran(made) == ["ran", "own"]
    assert output[0] == "F1, F2"
    assert output[1].startswith("  check: echo ran")
    assert output[2].startswith("  passed (")
    assert output[-1] == "3 passed, 0 failed"
    assert made.clean()


def test_one_that_fails_makes_exit_1_and_its_output_is_shown(made: Made) -> None:
    (made.root / "broken").touch()
    output = made.run("orchestrator", "verify", code=1).splitlines()
    assert "  failed, exit code 3 (0 s)" in output
    assert "    it is broken" in output
    assert output[-1] == "2 passed, 1 failed"
    assert made.states()["F3"] == "done"


def test_named_features_are_checked_whatever_their_state(made: Made) -> None:
    made.run("orchestrator", "verify", "F3")
    assert ran(made) == ["own"]
    assert made.run("orchestrator", "verify", "F4", "F1").splitlines()[0] == "F1, F4"
    assert made.states()["F4"] == "todo"


def test_since_chooses_what_was_completed_since(made: Made) -> None:
    base = made.git("rev-parse", "HEAD")
    assert made.run("orchestrator", "verify", "--since", base) == "there is nothing to check\n"
    made.git("commit", "-q", "--allow-empty", "-m", "session: completed F3")
    made.run("orchestrator", "verify", "--since", base)
    assert ran(made) == ["own"]
    made.run("orchestrator", "verify", "--since", f"{base}~2")
    assert ran(made) == ["ran", "own"]
    made.git("commit", "-q", "--allow-empty", "-m", "session: reopened F3")
    assert "nothing" in made.run("orchestrator", "verify", "--since", base)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--since", "nowhere"], "there is no commit 'nowhere' (--since)"),
        (["--since", "--all"], "there is no commit '--all'"),
        (["F33"], "Did you mean F3?"),
        (["F3", "--since", "HEAD"], "give it, or ids"),
    ],
)
def test_what_is_not_known_is_one_line_and_nothing_runs(made: Made, words: list[str], said: str) -> None:
    assert said in made.run("orchestrator", "verify", *words, code=2)
    assert ran(made) == []


def test_a_passed_check_of_a_stale_feature_is_remembered_and_nothing_else_changes(made: Made) -> None:
    made.git("commit", "-q", "--allow-empty", "-m", "session: completed F1")
    before = (made.git("rev-parse", "HEAD"), made.git("for-each-ref"), (made.root / "feature_list.json").read_bytes())
    assert made.states()["F2"] == "stale"
    (made.root / "check.sh").write_text("exit 1\n")
    made.run("orchestrator", "verify", code=1)
    assert made.states()["F2"] == "stale"
    made.git("checkout", "-q", "check.sh")
    made.run("orchestrator", "verify")
    assert made.states()["F2"] == "done"
    after = (made.git("rev-parse", "HEAD"), made.git("for-each-ref"), (made.root / "feature_list.json").read_bytes())
    assert after == before
    assert made.clean()


def test_what_passes_while_something_is_built_here_is_not_remembered(made: Made) -> None:
    made.git("commit", "-q", "--allow-empty", "-m", "session: completed F1")
    with files.lock(made.root / ".git" / "orchestrator" / "build.lock"):
        assert "3 passed" in made.run("orchestrator", "verify")
    assert made.states()["F2"] == "stale"


def test_changed_features_and_those_without_a_check_are_named(made: Made) -> None:
    made.edit("F1", description="something else")
    (made.root / "orchestrator.toml").write_text('[verify]\ncommand = ""\n')
    assert made.run("orchestrator", "verify").splitlines()[-2:] == [
        "not checked, for the definition has changed since: F1",
        "1 passed, 0 failed, 1 without a check",
    ]
    output = made.run("orchestrator", "verify", "F1").splitlines()
    assert output == ["F1", "  there is no check command", "0 passed, 0 failed, 1 without a check"]


def test_a_check_that_runs_too_long_has_failed(made: Made) -> None:
    (made.root / "orchestrator.toml").write_text('[verify]\ncommand = "sleep 60"\ntimeout = 0.3\n')
    output = made.run("orchestrator", "verify", "F1", code=1)
    assert "  failed (" in output
    assert "    the check was ended: timeout" in output


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_the_check_and_the_program_with_130(made: Made, number: signal.Signals) -> None:
    (made.root / "check.sh").write_text("echo $$ > .git/pid.new; mv .git/pid.new .git/pid; exec sleep 60\n")
    child = start(made, "orchestrator", "verify")
    wait_for(made.root / ".git" / "pid")
    child.send_signal(number)
    assert child.wait(30) == 130
    with pytest.raises(ProcessLookupError):
        os.kill(int((made.root / ".git" / "pid").read_text()), 0)

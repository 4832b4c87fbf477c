"""When the check runs, and when it does not; what was never judged."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest
from support.projects import Made
from support.scripted_builds import COMMITS, WORKS, feature, project, start, wait_for

COUNTED = "echo >> ../checks; sh check.sh"


def counting(tmp_path: Path, script: str, features: int = 1, command: str = COUNTED) -> Made:
    settings = f"[verify]\ncommand = '{command}'\nbaseline = false\n"
    return project(tmp_path, [feature(f"F{n}") for n in range(1, features + 1)], script, settings)


def checks(tmp_path: Path) -> int:
    path = tmp_path / "checks"
    return len(path.read_text().splitlines()) if path.exists() else 0


def test_sessions_that_change_nothing_and_claim_nothing_are_not_checked(tmp_path: Path) -> None:
    made = counting(tmp_path, "echo done\n")
    made.run("orchestrator", "build", code=1)
    assert made.states() == {"F1": "blocked"}
    assert (checks(tmp_path), len(made.sessions())) == (0, 3)


def test_a_check_that_failed_once_for_a_reason_outside_blocks_nothing(tmp_path: Path) -> None:
    flaky = "echo >> ../checks; test $(wc -l < ../checks) -gt 1"
    made = counting(tmp_path, f"test -e src || {{ {WORKS.strip()}; }}\n", command=flaky)
    made.run("orchestrator", "build")
    assert made.states() == {"F1": "done"}
    assert (checks(tmp_path), len(made.sessions())) == (2, 2)
    assert "the check passed without a change in this session" in made.sessions()[1]["notes"]


def test_a_stale_feature_whose_check_failed_once_is_checked_again_after_a_session_that_changed_nothing(
    tmp_path: Path,
) -> None:
    made = project(tmp_path, [feature("F1"), feature("F2", dependencies=["F1"], verify="sh other.sh")], COMMITS)
    (made.root / "other.sh").write_text("test ! -e ../flaky || { rm ../flaky; false; }\n")
    made.git("add", "-A")
    made.git("commit", "-q", "-m", "other")
    made.run("orchestrator", "build")
    made.edit("F1", description="anew")
    made.git("commit", "-qam", "anew")
    (tmp_path / "agent.sh").write_text(
        '#!/bin/sh\ntest "$1" = F2 || { echo >> src/x; git add src; git commit -qm "session: completed F1"; }\n'
    )
    (tmp_path / "flaky").touch()
    made.run("orchestrator", "build")
    assert made.states() == {"F1": "done", "F2": "done"}
    assert [session["feature"] for session in made.sessions()[2:]] == ["F1", "F2"]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_claim_that_nobody_checked_is_seen_and_settled_first_though_nothing_is_left_to_do(
    tmp_path: Path, number: signal.Signals
) -> None:
    script = 'mkdir -p src; echo broken > src/x; git add src; git commit -q -m "session: completed F1"\n'
    made = counting(tmp_path, script, command="touch ../checking; test ! -e ../slow || sleep 60; sh check.sh")
    (tmp_path / "slow").touch()
    running = start(made, "orchestrator", "build")
    wait_for(tmp_path / "checking")
    os.kill(running.pid, number)
    running.wait(timeout=30)
    (tmp_path / "slow").unlink()
    assert "not judged yet: F1" in made.run("orchestrator", "status")
    assert "not judged yet: F1" in made.run("orchestrator", "sync")
    made.run("doit", "build", code=1)
    assert "session: reopened F1" in made.git("log", "--format=%s").splitlines()
    assert made.states()["F1"] != "done"
    assert "not judged yet" not in made.run("orchestrator", "status")


def test_work_that_was_finished_when_the_run_was_killed_in_its_check_costs_no_second_session(tmp_path: Path) -> None:
    made = counting(tmp_path, WORKS, command="touch ../checking; test ! -e ../slow || sleep 60; sh check.sh")
    (tmp_path / "slow").touch()
    running = start(made, "orchestrator", "build")
    wait_for(tmp_path / "checking")
    running.kill()
    running.wait()
    (tmp_path / "slow").unlink()
    (tmp_path / "agent.sh").write_text("#!/bin/sh\ntouch ../again\n")
    made.run("orchestrator", "build")
    assert made.states() == {"F1": "done"}
    assert not (tmp_path / "again").exists()
    assert json.loads((made.root / ".agent" / "sessions" / "session-001.json").read_bytes())["kind"] == "recovered"

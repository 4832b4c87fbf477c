from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest
from support.agents import MARK, left_over

from orchestrator.processes.calling import CannotStart, call, shell


def env(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, MARK: str(tmp_path)}


def test_an_answer_is_both_streams_and_the_code(tmp_path: Path) -> None:
    code = "import sys; print(sys.stdin.read()); print('no', file=sys.stderr); sys.exit(3)"
    answer = call((sys.executable, "-c", code), tmp_path, env(tmp_path), stdin=b"yes")
    assert answer == (3, "yes\n", "no\n")


@pytest.mark.skipif(os.name == "nt", reason="POSIX shell")
def test_a_command_over_its_time_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    command = "setsid sleep 600 & (sleep 600; true) & echo begun; wait"
    answer = call(shell(command), tmp_path, env(tmp_path), timeout=0.5)
    assert (answer.returncode, answer.stdout.splitlines()[0]) == (None, "begun")
    assert left_over(tmp_path) == []


@pytest.mark.skipif(os.name == "nt", reason="POSIX shell")
def test_what_a_command_leaves_running_on_purpose_is_let_be(tmp_path: Path) -> None:
    answer = call(shell("sleep 600 & echo $!"), tmp_path, env(tmp_path), timeout=60)
    assert answer.returncode == 0
    assert len(left_over(tmp_path)) == 1
    os.kill(int(answer.stdout), signal.SIGKILL)


def test_a_program_that_is_not_there_can_not_start(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="absent"):
        call((str(tmp_path / "absent"),), tmp_path, env(tmp_path))

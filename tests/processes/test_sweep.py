from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from support.agents import MARK, left_over

from orchestrator.processes.sweep import OWNER, Family, end_abandoned

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX sessions")
SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]
RUN = """
import os, sys
from pathlib import Path
from orchestrator.processes.running import Command, run
here = Path.cwd()
code = "import subprocess, time; subprocess.Popen(['sleep', '600'], start_new_session=True);" \
    " print('ready', flush=True); time.sleep(600)"
run(Command((sys.executable, "-c", code), here, dict(os.environ), here / "o", here / "e"),
    lambda line: print(line.decode(), flush=True))
"""


def test_what_a_killed_owner_left_is_ended_by_the_next_run(tmp_path: Path) -> None:
    env = {**os.environ, MARK: str(tmp_path)}
    owner = subprocess.Popen([sys.executable, "-c", RUN], cwd=tmp_path, env=env, stdout=subprocess.PIPE)
    assert owner.stdout is not None
    assert owner.stdout.readline() == b"ready\n"
    end_abandoned()
    assert len(left_over(tmp_path)) == 3
    owner.kill()
    owner.wait()
    owner.stdout.close()
    end_abandoned()
    assert left_over(tmp_path) == []


def test_a_process_whose_owner_s_number_was_given_anew_is_abandoned(tmp_path: Path) -> None:
    env = {**os.environ, MARK: str(tmp_path), OWNER: str(os.getpid())}
    child = subprocess.Popen(SLEEP, env=env)
    try:
        end_abandoned()
        assert child.poll() is None
        younger = subprocess.Popen(SLEEP)
        stray = subprocess.Popen(SLEEP, env={**env, OWNER: str(younger.pid)})
        end_abandoned()
        # Started in the same second: then the number is believed.
        assert stray.poll() is None
    finally:
        for process in (child, younger, stray):
            process.kill()
            process.wait()


def test_a_family_without_members_is_swept_without_a_word() -> None:
    assert Family("no-such-run", 2**22 - 1).sweep() == ()


def test_the_names_of_what_was_ended_are_told(tmp_path: Path) -> None:
    env = {**os.environ, MARK: str(tmp_path), "ORCHESTRATOR_RUN_ID": "a-run"}
    child = subprocess.Popen(["sleep", "600"], env=env)
    other = subprocess.Popen(["sleep", "600"], env={**env, "ORCHESTRATOR_RUN_ID": "a-run-2"})
    try:
        assert Family("a-run-", 2**22 - 1).sweep() == ()
        assert Family("a-run-2", 2**22 - 1).sweep() == ("sleep",)
        assert psutil.pid_exists(child.pid)
        assert child.poll() is None
    finally:
        for process in (child, other):
            process.kill()
            process.wait()

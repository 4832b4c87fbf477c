"""What a killed run left is ended by the next; nobody else's processes ever are."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import psutil
import pytest
from support.agents import MARK, left_over
from support.repos import require

from orchestrator.processes import marks, table
from orchestrator.processes.sweep import Family, end_abandoned

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX sessions")
SLEEP = ["sleep", "600"]
OWNER = """
import os, subprocess, sys
from pathlib import Path
from orchestrator.processes import marks
env = marks.marked(os.environ, "a-session", Path(sys.argv[1]))
subprocess.Popen(["sleep", "600"], env=env, start_new_session=True)
print("ready", flush=True)
sys.stdin.read()
"""


class Others:
    """Starts processes for a test, and ends them after it."""

    def __init__(self, tmp_path: Path) -> None:
        self.tmp_path = tmp_path
        self.env = {**os.environ, MARK: str(tmp_path)}
        self.started: list[subprocess.Popen[bytes]] = []

    def start(self, argv: list[str], env: Mapping[str, str] | None = None, **more: int) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            argv, env={**self.env, **(env or {})}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **more
        )
        self.started.append(process)
        return process

    def owner(self, project: Path, *before: str, **more: int) -> subprocess.Popen[bytes]:
        """An owner with a marked child, both up."""
        process = self.start([*before, sys.executable, "-c", OWNER, str(project)], **more)
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        return process

    def sleeping(self) -> int:
        return sum(line.startswith("sleep") for line in left_over(self.tmp_path))

    def end(self) -> None:
        for process in self.started:
            process.kill()
            process.communicate()
        for process in psutil.process_iter():
            try:
                if process.environ().get(MARK) == str(self.tmp_path):
                    process.kill()
            except psutil.Error:
                continue


@pytest.fixture
def others(tmp_path: Path) -> Iterator[Others]:
    made = Others(tmp_path)
    yield made
    made.end()


def test_what_a_killed_owner_left_is_ended_by_the_project_s_next_run(tmp_path: Path, others: Others) -> None:
    owner = others.owner(tmp_path)
    assert end_abandoned(tmp_path) == ()
    owner.kill()
    owner.wait()
    assert others.sleeping() == 1
    assert end_abandoned(tmp_path) == ("sleep",)
    assert others.sleeping() == 0


def test_a_build_of_another_project_ends_nothing(tmp_path: Path, others: Others) -> None:
    mine, theirs = tmp_path / "mine", tmp_path / "theirs"
    for owner in (others.owner(theirs), others.owner(theirs)):
        owner.kill()
        owner.wait()
    assert end_abandoned(mine) == ()
    assert others.sleeping() == 2
    assert end_abandoned(theirs) == ("sleep",)


def test_a_marker_of_a_bare_number_proves_nothing(tmp_path: Path, others: Others) -> None:
    """The form that was used before, and broken ones."""
    for text in (str(2**22 - 1), "", "a:b:c:d:e", f"{marks.project_of(tmp_path)}:run:7"):
        others.start(SLEEP, {marks.OWNER: text})
    assert end_abandoned(tmp_path) == ()
    assert others.sleeping() == 4


def test_an_owner_whose_number_was_given_anew_is_dead(tmp_path: Path, others: Others) -> None:
    mine = marks.owner(tmp_path)
    others.start(SLEEP, {marks.OWNER: str(mine)})
    assert end_abandoned(tmp_path) == ()
    others.start(SLEEP, {marks.OWNER: str(mine._replace(start="1"))})
    assert end_abandoned(tmp_path) == ("sleep",)
    assert others.sleeping() == 1


def test_a_process_of_another_user_is_left_alone(tmp_path: Path, others: Others) -> None:
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("needs root")
    dead = marks.owner(tmp_path)._replace(start="1")
    others.start(SLEEP, {marks.OWNER: str(dead)}, user=65534)
    assert end_abandoned(tmp_path) == ()
    assert others.sleeping() == 1


def test_a_session_in_another_pid_namespace_is_left_alone(tmp_path: Path, others: Others) -> None:
    """Its owner has a number there that is nobody's, or somebody else's, here."""
    unshare = shutil.which("unshare")
    works = (
        unshare and subprocess.run([unshare, "--pid", "--fork", "--mount-proc", "true"], check=False).returncode == 0
    )
    require("unshare --pid", works)
    others.owner(tmp_path, "unshare", "--pid", "--fork", "--mount-proc")
    assert end_abandoned(tmp_path) == ()
    assert others.sleeping() == 1


def test_where_proc_is_that_of_another_namespace_nothing_is_ended(tmp_path: Path) -> None:
    """The numbers that are read there are not those that signals go by."""
    unshare = shutil.which("unshare")
    require(
        "unshare --pid", unshare and subprocess.run([unshare, "--pid", "--fork", "true"], check=False).returncode == 0
    )
    code = "from orchestrator.processes import table; print(table.readable(), table.pids(), table.descendants(1))"
    done = subprocess.run(["unshare", "--pid", "--fork", sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout == b"False [] set()\n"
    assert table.readable()


def test_a_build_never_ends_what_it_comes_from(tmp_path: Path, others: Others) -> None:
    dead = str(marks.owner(tmp_path)._replace(start="1"))
    code = "import sys\nfrom pathlib import Path\nfrom orchestrator.processes.sweep import end_abandoned\n"
    code += f"print(end_abandoned(Path({str(tmp_path)!r})))"
    shell = others.start(["/bin/sh", "-c", '"$0" -c "$1"; echo alive', sys.executable, code], {marks.OWNER: dead})
    assert shell.communicate(timeout=60)[0] == b"()\nalive\n"


def test_a_family_without_members_is_swept_without_a_word() -> None:
    assert Family("no-such-run", 2**22 - 1).sweep() == ()


def test_the_names_of_what_was_ended_are_told(others: Others) -> None:
    child = others.start(SLEEP, {marks.SESSION: "a-run"})
    others.start(SLEEP, {marks.SESSION: "a-run-2"})
    assert Family("a-run-", 2**22 - 1).sweep() == ()
    assert Family("a-run-2", 2**22 - 1).sweep() == ("sleep",)
    assert child.poll() is None

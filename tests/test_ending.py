"""How a program of ours ends."""

from __future__ import annotations

import errno
import os
import subprocess
import sys

import pytest

from orchestrator.building.budget import Stopped
from orchestrator.ending import told
from orchestrator.errors import Locked, Missing, OrchestratorError


@pytest.mark.parametrize(
    ("error", "line", "code"),
    [
        (OrchestratorError("bad\nthing.", where="f:1:2", fix="Mend it"), "error: bad thing (f:1:2). Mend it", 2),
        (Missing("no git"), "error: no git", 3),
        (Locked("busy"), "error: busy", 1),
        (Stopped("interrupted", exit_code=130), "interrupted", 130),
        (KeyboardInterrupt(), "interrupted", 130),
        (OSError(errno.ENOSPC, "No space left on device", "/x/y"), "error: No space left on device (/x/y)", 2),
    ],
)
def test_what_ends_a_program_is_one_line_and_its_exit_code(
    error: BaseException, line: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended, told():
        raise error
    assert (ended.value.code, capsys.readouterr()) == (code, ("", f"orchestrator: {line}\n"))


def test_the_traceback_comes_before_the_line_where_it_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit), told(debug=True):
        raise OrchestratorError("bad thing")
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("Traceback")
    assert lines[-1] == "orchestrator: error: bad thing"


def test_a_mistake_of_ours_is_not_hidden() -> None:
    with pytest.raises(KeyError), told():
        raise KeyError("x")


def test_a_reader_that_has_gone_is_no_error() -> None:
    code = (
        "from orchestrator.ending import told\n"
        "with told():\n"
        "    while True:\n        print('x' * 1000, flush=True)\n"
    )  # fmt: skip
    done = subprocess.run(
        f"'{sys.executable}' -c \"{code}\" | head -1; exit ${{PIPESTATUS[0]}}", shell=True, executable="/bin/bash",
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "x" * 1000 + "\n", "")


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
@pytest.mark.parametrize("number", ["SIGTERM", "SIGHUP"])
def test_a_signal_ends_it_as_ctrl_c_does(number: str) -> None:
    code = (
        "import os, signal\n"
        "from orchestrator.ending import end_like_ctrl_c, told\n"
        "end_like_ctrl_c()\n"
        f"with told():\n    os.kill(os.getpid(), signal.{number})\n    signal.pause()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, "orchestrator: interrupted\n")


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
def test_a_signal_that_is_ignored_stays_ignored() -> None:
    code = (
        "import signal\nfrom orchestrator.ending import end_like_ctrl_c\n"
        "signal.signal(signal.SIGHUP, signal.SIG_IGN)\nend_like_ctrl_c()\n"
        "assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN"
    )
    subprocess.run([sys.executable, "-c", code], check=True)

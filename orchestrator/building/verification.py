"""The project's own check command: which it is, and what it says. It decides, not the agent's word."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from orchestrator.git.plumbing import environment

TAIL = 8000  # characters of a check's output that are kept for the log and the next prompt
_NO_TESTS = 5  # pytest's exit code when it collected no test


class Verdict(NamedTuple):
    """What a check said. `exit_code` is None when it ran into its time limit; `command` "" when there is none."""

    passed: bool
    command: str = ""
    exit_code: int | None = 0
    output: str = ""
    elapsed: float = 0.0
    note: str = ""


def run(command: str, cwd: Path, timeout: float, extra: Mapping[str, str] = {}, project: Path | None = None) -> Verdict:
    """Runs the check by the shell in `cwd`; `timeout` in seconds, 0 for none. No command counts as passed.
    `extra` is added to the environment.

    Whatever the check leaves running is ended. Of its output the end is kept, without secrets and what a terminal
    would obey. Ctrl+C ends it and is raised.
    """
    if not command:
        return Verdict(True, note="there is no check command")
    from orchestrator.processes import calling, running

    env = {**check_environment(cwd), **extra}
    ended = running.run(
        running.Command(calling.shell(command), cwd, env, timeout=timeout, keep=4 * TAIL, project=project)
    )
    text = _shown(ended.output, whole=ended.whole, secrets=env)
    if ended.stop is running.Stop.INTERRUPTED:
        raise KeyboardInterrupt
    if ended.stop is not None:
        note = f"the check was ended: {ended.stop.value}, after {ended.elapsed:.0f} s"
        return Verdict(False, command, None, f"{text}\n{note}".strip(), ended.elapsed, note)
    code = ended.returncode
    if code == _NO_TESTS and re.search(r"\bpytest\b", command):
        return Verdict(True, command, code, text, ended.elapsed, "pytest found no tests yet")
    return Verdict(code == 0, command, code, text, ended.elapsed)


def _shown(output: bytes, *, whole: bool, secrets: Mapping[str, str]) -> str:
    """The end of a check's output as the log, the terminal and the next prompt may have it."""
    from orchestrator.processes.redact import Redactor

    if not whole:  # the first line may begin in the middle of a secret
        first, newline, rest = output.partition(b"\n")
        output = rest if newline else first[len(first) // 2 :]
    return Redactor(secrets)(output.decode("utf-8", "replace"))[-TAIL:]


def check_environment(cwd: Path) -> dict[str, str]:
    """Our environment without git's; the project's own virtual environment first, ours last on PATH."""
    env = environment()
    folder = "Scripts" if os.name == "nt" else "bin"
    own = cwd / ".venv" / folder
    path = [str(own)] if own.is_dir() else []
    path += [env.get("PATH", os.defpath), str(Path(sys.executable).parent)]
    env["PATH"] = os.pathsep.join(path)
    del env["LC_ALL"]
    if "LC_ALL" in os.environ:
        env["LC_ALL"] = os.environ["LC_ALL"]
    return env

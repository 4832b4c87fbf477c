"""Running a program or a user's shell command for its answer; at its time limit all that it started ends, too."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from orchestrator.processes import running
from orchestrator.processes.running import CannotStart, Stop

MOST = 8 << 20  # bytes of each stream that an answer holds


class Answer(NamedTuple):
    """What a program said. `returncode` is None when its `timeout` was up first."""

    returncode: int | None
    stdout: str
    stderr: str


def call(
    argv: tuple[str, ...],
    cwd: Path,
    env: Mapping[str, str],
    *,
    stdin: bytes = b"",
    timeout: float = 0,
    on_line: Callable[[bytes], None] | None = None,
) -> Answer:
    """Run the program to its end; `timeout` in seconds, 0 for none. Ctrl+C ends it and is raised. Raises CannotStart.

    If it ends by itself, processes that it left running, such as a daemon, are not ended.
    """
    ended = running.run(
        running.Command(argv, cwd, env, stdin=stdin, timeout=timeout, keep=MOST, guarded=False),
        (lambda line: on_line(line)) if on_line else None,
    )
    if ended.stop is Stop.INTERRUPTED:
        raise KeyboardInterrupt
    texts = (stream.decode("utf-8", "replace") for stream in (ended.output, ended.errors))
    return Answer(None if ended.stop else ended.returncode, *texts)


def shell(command: str) -> tuple[str, ...]:
    """A user's shell command as a list of arguments, both its streams in one."""
    if os.name == "nt":
        return (os.environ.get("COMSPEC", "cmd.exe"), "/d", "/s", "/c", f"{command} 2>&1")
    return ("/bin/sh", "-c", f"exec 2>&1\n{command}")


__all__ = ["Answer", "CannotStart", "call", "shell"]

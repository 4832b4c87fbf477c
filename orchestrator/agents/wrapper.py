"""`[agent] wrapper`: a sandbox or container around the agent's own command."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from orchestrator.errors import Missing
from orchestrator.processes.running import CannotStart


def check(wrapper: tuple[str, ...], env: Mapping[str, str]) -> None:
    """Raises Missing when there is no such program."""
    if wrapper and not _program(wrapper, env):
        raise Missing(f"{wrapper[0]} was not found", where="[agent] wrapper", fix="Install it, or take the setting out")


def around(wrapper: tuple[str, ...], cwd: Path, argv: tuple[str, ...], env: Mapping[str, str]) -> tuple[str, ...]:
    """The wrapper's words, `{cwd}` filled in, then the command. Raises CannotStart."""
    if not wrapper:
        return argv
    program = _program(wrapper, env)
    if not program:
        raise CannotStart(wrapper[0], "[agent] wrapper was not found")
    return (program, *(word.replace("{cwd}", str(cwd)) for word in wrapper[1:]), *argv)


def _program(wrapper: tuple[str, ...], env: Mapping[str, str]) -> str | None:
    return shutil.which(wrapper[0], path=env.get("PATH"))

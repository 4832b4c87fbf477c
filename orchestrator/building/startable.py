"""Whether checks can start at all, and limits be kept: asked before anything is paid."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path

from orchestrator.agents.protocol import Agent
from orchestrator.building.verification import check_environment
from orchestrator.config.settings import BuildSettings
from orchestrator.errors import Missing, OrchestratorError
from orchestrator.features import document
from orchestrator.features.dialects.prose import first_word
from orchestrator.features.dialects.reading import check_field
from orchestrator.processes import calling
from orchestrator.project import Project
from orchestrator.staleness import checks
from orchestrator.staleness.state import Standing, State

_BUILT_IN = frozenset({
    ".", ":", "[", "[[", "alias", "bg", "break", "case", "cd", "command", "continue", "eval", "exec", "exit",
    "export", "false", "fg", "for", "getopts", "hash", "if", "jobs", "kill", "local", "printf", "pwd", "read",
    "readonly", "return", "set", "shift", "test", "time", "times", "trap", "true", "type", "ulimit", "umask",
    "unalias", "unset", "until", "wait", "while", "echo", "source", "function", "select",
})  # fmt: skip
_SETTLED = (State.DONE, State.BLOCKED, State.DROPPED)


def cannot_start(root: Path) -> Callable[[str], str]:
    """A function that says why the shell can't start a command in the project, "" when it can.

    A program that is named by its path may be made by the feature itself.
    """
    path = check_environment(root)["PATH"]

    @cache
    def why(command: str) -> str:
        if fault := _syntax(command, root):
            return f"it is no shell command ({fault})"
        name = first_word(command)
        if not name or os.sep in name or "/" in name or name in _BUILT_IN or shutil.which(name, path=path):
            return ""
        return f"no program is called {name!r}"

    return why


def need_checks(project: Project, standings: Mapping[str, Standing]) -> None:
    """Raise OrchestratorError, naming field and line, for a feature to be built whose own check can't start."""
    own = [s for s in standings.values() if s.feature.verify and s.state not in _SETTLED]
    if not own:
        return
    why = cannot_start(project.root)
    wrong = [(standing, fault) for standing in own if (fault := why(standing.feature.verify or ""))]
    if wrong:
        raise _refused(project, *wrong[0], (standing.feature.id for standing, _ in wrong[1:]))


def need_project_check(project: Project, standings: Mapping[str, Standing]) -> None:
    """Raise OrchestratorError when the project's check, which some feature waits for, can't start; Missing where its
    own files name the absent tool.
    """
    setting = project.config.verify.command
    command = checks.resolve(setting, project.root)
    needed = any(s.feature.verify is None and s.state not in _SETTLED for s in standings.values())
    if not command or not needed:
        return
    what = f"the check {command!r} can't be run: "
    name = first_word(command)
    if fault := cannot_start(project.root)(command):
        if setting == "auto":
            raise Missing(what + fault, where="from the project's files", fix="Install it, or set [verify] command")
        raise OrchestratorError(what + fault, where="[verify] command", fix="Correct it, or install the program")
    if "/" in name and os.name != "nt" and not os.access(project.root / name, os.X_OK):
        fix = "Correct it, or make an executable script of that name (one that fails will do) for a session to fill"
        raise OrchestratorError(f"{what}{name} is no executable file", where="[verify] command", fix=fix)


def need_told_cost(limits: BuildSettings, agent: Agent) -> None:
    """Raise OrchestratorError for a limit of cost that can't be kept."""
    if limits.max_cost_usd and not agent.tells_cost:
        raise OrchestratorError(
            "the agent does not say what its sessions cost, so the cost limit can't be kept",
            where="[build] max_cost_usd",
            fix="Use max_sessions or max_minutes with this agent",
        )


def _refused(project: Project, standing: Standing, fault: str, others: Iterable[str]) -> OrchestratorError:
    feature = standing.feature
    key = check_field(feature.data, feature.shape)
    line, column = document.locate(project.read_features(), feature.id, key)
    also = ", ".join(others)
    more = f" (likewise {also})" if also else ""
    return OrchestratorError(
        f'{feature.id}: "{key}" can\'t be run: {fault}{more}',
        where=f"{project.config.project.features}:{line}:{column}",
        fix=f'Write a command into "{key}", or take it out',
    )


def _syntax(command: str, root: Path) -> str:
    """What the shell says about the command's syntax; "" where it takes it, and where there is no such shell to ask."""
    if os.name == "nt":
        return ""
    done = calling.call(("/bin/sh", "-n", "-c", command), root, check_environment(root))
    said = done.stderr.strip().splitlines()
    return said[-1].rpartition(": ")[2] if done.returncode and said else ""

"""MCP servers for a project's agent: presets, and Claude Code's own `mcp list` and `mcp add-json`."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from typing import NamedTuple

from orchestrator.agents import environment
from orchestrator.agents.claude.agent import DEFAULTS, INSTALL
from orchestrator.errors import Missing, OrchestratorError
from orchestrator.processes import calling
from orchestrator.processes.calling import Answer
from orchestrator.project import Project

_LIMIT = 120.0  # seconds: `claude mcp list` starts each server to see whether it answers
_REF: Mapping[str, object] = {
    "type": "http",
    "url": "https://api.ref.tools/mcp",
    "headers": {"x-ref-api-key": "${REF_API_KEY}"},  # Claude Code fills it in when it starts
}
_CONTEXT7: Mapping[str, object] = {"command": "npx", "args": ["-y", "@upstash/context7-mcp"]}
_DOCS = {"ref": _REF, "context7": _CONTEXT7}
_ONE = {"context7": _CONTEXT7}
# Preset -> its servers by name.
PRESETS: dict[str, dict[str, Mapping[str, object]]] = {
    **dict.fromkeys(("rust", "python", "node", "docs"), _DOCS),
    **dict.fromkeys(("web", "fullstack", "data", "devops", "minimal"), _ONE),
}
_MARKS = {"Cargo.toml": "rust", "pyproject.toml": "python", "requirements.txt": "python", "package.json": "node"}


class Configured(NamedTuple):
    """What Claude Code says is configured: its own lines, and the names in them."""

    lines: tuple[str, ...]
    names: frozenset[str]


def preset_for(project: Project) -> str:
    """The preset that the project's files call for."""
    return next((preset for name, preset in _MARKS.items() if (project.root / name).is_file()), "minimal")


def configured(project: Project) -> Configured:
    """`claude mcp list`. Raises Missing without Claude Code, OrchestratorError where it fails."""
    answer = _claude(project, "list")
    if answer.returncode != 0:
        raise _failed("list", answer)
    lines = tuple(line.rstrip() for line in answer.stdout.splitlines() if line.strip())
    return Configured(lines, names(lines))


def names(lines: tuple[str, ...]) -> frozenset[str]:
    """The servers in the lines of `claude mcp list`: `NAME: COMMAND-or-URL - STATUS`."""
    found = (re.match(r"([\w.-]+): .+ - ", line) for line in lines)
    return frozenset(match[1] for match in found if match)


def add(project: Project, name: str, server: Mapping[str, object]) -> None:
    """Write the server into the project's `.mcp.json`, as `claude mcp add-json` does. Raises OrchestratorError."""
    answer = _claude(project, "add-json", name, json.dumps(server), "-s", "project")
    if answer.returncode != 0:
        raise _failed(f"add-json {name}", answer)


def _claude(project: Project, *arguments: str) -> Answer:
    settings = project.config.agent
    words = settings.command if settings.kind == "claude" and settings.command else ("claude",)
    env = {**DEFAULTS, **environment.build(settings.env, {})}
    program = shutil.which(words[0], path=env.get("PATH"))
    if program is None:
        raise Missing(f"{words[0]} was not found", fix=INSTALL)
    try:
        return calling.call((program, *words[1:], "mcp", *arguments), project.root, env, timeout=_LIMIT)
    except calling.CannotStart as error:
        raise Missing(str(error), fix=INSTALL) from error


def _failed(what: str, answer: Answer) -> OrchestratorError:
    said = [line.strip() for line in (*answer.stderr.splitlines(), *answer.stdout.splitlines()) if line.strip()]
    why = f"no answer within {_LIMIT:g} s" if answer.returncode is None else said[0] if said else "no word on why"
    return OrchestratorError(f"`claude mcp {what}` failed: {why}")

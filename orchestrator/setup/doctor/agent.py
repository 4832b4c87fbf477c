"""Probes of the agent: its program, its log-in, its wrapper, and what it may do."""

from __future__ import annotations

import json
from collections.abc import Iterator

from orchestrator.agents import environment, factory, wrapper
from orchestrator.agents.claude.agent import DEFAULTS, INSTALL
from orchestrator.agents.command.presets import PRESETS
from orchestrator.errors import OrchestratorError
from orchestrator.processes.calling import Answer, CannotStart
from orchestrator.setup.doctor.finding import Finding, ok, problem, warning
from orchestrator.setup.doctor.subject import Subject, ask, first_line, told

_LOG_IN = "Start `claude` at a terminal and type /login there, or set ANTHROPIC_API_KEY"
_SANDBOX = "`[agent] wrapper` puts sessions into a sandbox (docs/sandbox.md)"
# Permission mode -> what it means in a session that nobody watches; "" where such a session can't work.
_MODES = {
    "bypassPermissions": f"sessions edit and run anything without asking, with your rights; {_SANDBOX}",
    "acceptEdits": "sessions edit the project's files; commands that your settings do not allow are refused",
    "auto": "sessions edit the project's files; commands that Claude Code thinks risky are refused",
    "default": "",
    "manual": "",
    "dontAsk": "",
    "plan": "",
}


def program(subject: Subject) -> Iterator[Finding]:
    """What a build would refuse before its first session, else the program's version. A command of the user's own is
    not run: nobody knows what it would do.
    """
    settings = subject.project.config.agent
    try:
        factory.create(settings, subject.root).check()
    except OrchestratorError as error:
        yield problem("agent", str(error).removesuffix(f". {error.fix}"), error.fix, missing=error.exit_code == 3)
        return
    if settings.kind == "replay":
        yield ok("agent", f"replays the recordings in {settings.recordings}")
        return
    words = _words(subject)
    if settings.kind == "command" and (settings.command or settings.preset not in PRESETS):
        yield ok("agent", f"{words[0]} is there")
        return
    answer = _run(subject, "--version")
    if answer.returncode == 0:
        yield ok("agent", f"{words[0]} {first_line(answer.stdout)}")
    else:
        install = INSTALL if settings.kind == "claude" else PRESETS[settings.preset].install
        said = f"`{' '.join(words)} --version` {told(answer)}"
        yield problem("agent", said, install if not settings.wrapper else _wrapper_fix(subject), missing=True)


def log_in(subject: Subject) -> Iterator[Finding]:
    """Claude Code's own word on it, which costs nothing; no model is asked."""
    if subject.project.config.agent.kind != "claude" or not _startable(subject):
        return
    answer = _run(subject, "auth", "status")
    try:
        status = json.loads(answer.stdout)
        logged_in, method = bool(status["loggedIn"]), str(status.get("authMethod", ""))
    except (ValueError, KeyError, TypeError):
        yield warning("log-in", f"can't be told: `claude auth status` {told(answer)}", "Update Claude Code")
        return
    if not logged_in:
        yield problem("log-in", "Claude Code is not logged in", _LOG_IN, missing=True)
    elif method == "api_key":
        source = status.get("apiKeySource") or "an API key"
        yield ok("log-in", f"by {source}, which pays for the sessions")
    else:
        yield ok(
            "log-in", f"by {method.replace('_', ' ') or 'an account'}; whether it is accepted shows the first session"
        )


def permission_mode(subject: Subject) -> Iterator[Finding]:
    settings = subject.project.config.agent
    if settings.kind != "claude":
        return
    mode = settings.permission_mode
    meaning = _MODES.get(mode)
    fix = 'Set [agent] permission_mode = "bypassPermissions"'
    if meaning is None:
        yield warning("permissions", f"{mode} is no permission mode that is known here", fix)
    elif settings.mode == "interactive":
        yield ok("permissions", f"{mode}: sessions are interactive, and you are asked")
    elif not meaning:
        yield problem("permissions", f"{mode}: nobody is there to be asked, so edits are refused", fix)
    elif mode == "bypassPermissions":
        yield ok("permissions", f"{mode}: {meaning}")
    else:
        yield warning("permissions", f"{mode}: {meaning}", f"{fix}, or allow them in .claude/settings.json")


def wrapped(subject: Subject) -> Iterator[Finding]:
    """The wrapper, tried with the agent's `--version`; with a command of the user's own only looked up."""
    settings = subject.project.config.agent
    if not settings.wrapper or settings.kind == "replay" or not _startable(subject):
        return
    if settings.kind == "command" and (settings.command or settings.preset not in PRESETS):
        yield ok("wrapper", f"{settings.wrapper[0]} is there; not tried with a command that may do anything")
        return
    answer = _run(subject, "--version")
    if answer.returncode == 0:
        yield ok("wrapper", f"{settings.wrapper[0]} starts the agent")
    else:
        yield problem("wrapper", f"{settings.wrapper[0]}: {told(answer)}", _wrapper_fix(subject))


def _startable(subject: Subject) -> bool:
    try:
        factory.create(subject.project.config.agent, subject.root).check()
    except OrchestratorError:
        return False
    return True


def _wrapper_fix(subject: Subject) -> str:
    return f"Try it by hand: {' '.join(_argv(subject, ('--version',)))}"


def _words(subject: Subject) -> tuple[str, ...]:
    """The agent's program as the settings name it."""
    settings = subject.project.config.agent
    if settings.kind == "claude":
        return settings.command or ("claude",)
    return (settings.command or PRESETS[settings.preset].argv)[:1]


def _argv(subject: Subject, arguments: tuple[str, ...]) -> tuple[str, ...]:
    settings = subject.project.config.agent
    env = _environment(subject)
    return wrapper.around(settings.wrapper, subject.root, (*_words(subject), *arguments), env)


def _run(subject: Subject, *arguments: str) -> Answer:
    """The agent's program, with the environment and the wrapper of a session."""
    try:
        return ask(_argv(subject, arguments), subject.root, _environment(subject))
    except CannotStart as error:
        return Answer(127, "", str(error))


def _environment(subject: Subject) -> dict[str, str]:
    return {**DEFAULTS, **environment.build(subject.project.config.agent.env, {})}


PROBES = (program, wrapped, log_in, permission_mode)

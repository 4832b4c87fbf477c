"""Claude Code as an agent: its command line, its limits, and its stream turned into a result."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path

from orchestrator import files
from orchestrator.agents import captured, environment, wrapper
from orchestrator.agents.claude import events
from orchestrator.agents.claude.classify import Verdict, classify
from orchestrator.agents.live import Repeats, tell
from orchestrator.agents.protocol import Observer, Outcome, SessionRequest, SessionResult
from orchestrator.config.settings import AgentSettings
from orchestrator.errors import Missing, OrchestratorError
from orchestrator.processes import running
from orchestrator.processes.redact import Redactor, one_line
from orchestrator.processes.running import Stop

MAX_PROMPT = 10_000_000
INSTALL = "Install it with `npm install -g @anthropic-ai/claude-code` and log in by starting `claude` once"
DEFAULTS = {
    # Its own 10 retries hide a dead key for three minutes; waiting for a limit is our business.
    "CLAUDE_CODE_MAX_RETRIES": "2",
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    "DISABLE_AUTOUPDATER": "1",
    # Else subagents run in the background, and the session ends its turn, and prints a result, while they work.
    "CLAUDE_CODE_DISABLE_BACKGROUND_TASKS": "1",
}
OWN_SESSION = frozenset(["--session-id", "--resume", "-r", "--continue", "-c"])


class ClaudeAgent:
    """Runs Claude Code in print mode, or attached to the terminal.

    The first item of `settings.command`, if any, is the program to run instead of `claude`, the others come
    before our own arguments.
    """

    tells_cost = True

    def __init__(self, settings: AgentSettings, *, grace: float = 5.0) -> None:
        self.settings = settings
        self.grace = grace
        self.launch = settings.command or ("claude",)

    def check(self) -> None:
        """Raises Missing when there is no program, OrchestratorError when it would refuse to run as root."""
        env = self._environment({})
        wrapper.check(self.settings.wrapper, env)
        if not self._program(env):
            raise Missing(f"{self.launch[0]} was not found", fix=INSTALL)
        if refusal := self._root_refusal(env):
            raise refusal

    def run(self, request: SessionRequest, observer: Observer) -> SessionResult:
        env = self._environment(request.env, interactive=request.interactive)
        program = self._program(env)
        if not program:
            return SessionResult(Outcome.NOT_INSTALLED, error=f"{self.launch[0]} was not found. {INSTALL}")
        if refusal := self._root_refusal(env):
            return SessionResult(Outcome.FAILED, error=str(refusal))
        try:
            start = wrapper.around(self.settings.wrapper, request.cwd, (program, *self.launch[1:]), env)
            if request.interactive:
                return self._attached(request, start, env)
            return self._captured(request, start, env, observer)
        except running.CannotStart as error:
            return SessionResult(Outcome.NOT_INSTALLED, error=f"{error}. {INSTALL}")

    def _captured(
        self, request: SessionRequest, start: tuple[str, ...], env: Mapping[str, str], observer: Observer
    ) -> SessionResult:
        size = request.prompt_file.stat().st_size
        if size > MAX_PROMPT:
            error = f"the prompt has {size:,} bytes, Claude Code takes {MAX_PROMPT:,} at most"
            return SessionResult(Outcome.FAILED, error=error)
        redact = Redactor(os.environ, env)
        command = captured.command(self.settings, request, (*start, *self.arguments(request)), env, redact)
        command = dataclasses.replace(command, stdin=_prompt_file(request), grace=self.grace)
        stream = events.Stream()
        repeats = Repeats(self.settings.max_repeats)
        ended = running.run(command, _reader(stream, repeats, observer, redact))
        verdict = classify(
            stream,
            ended.returncode,
            ended.stop,
            ended.errors.decode("utf-8", "replace"),
            time.time(),
            wants_structure=request.schema is not None,
        )
        error = captured.stop_words(ended.stop, self.settings, request, repeats)
        verdict = dataclasses.replace(verdict, error=error or verdict.error)
        result = _result(stream, verdict, ended, redact)
        captured.tell_end(ended, self.settings, observer)
        if result.denials:
            observer.note(f"these tools were refused: {', '.join(result.denials)}")
        return result

    def _attached(self, request: SessionRequest, start: tuple[str, ...], env: Mapping[str, str]) -> SessionResult:
        # A bare absolute path would be taken for a slash command.
        words = f"Follow the instructions in {request.prompt_file}"
        argv = (*start, *self._common(request), *self.settings.args, "--", words)
        ended = running.run_attached(argv, request.cwd, env, request.project)
        if ended.stop:
            return SessionResult(Outcome.OK, "The session was ended by the user.", elapsed=ended.elapsed, returncode=0)
        if ended.returncode == 0:
            return SessionResult(Outcome.OK, "The interactive session ended.", elapsed=ended.elapsed, returncode=0)
        error = f"Claude Code ended with exit code {ended.returncode}"
        return SessionResult(Outcome.FAILED, error=error, elapsed=ended.elapsed, returncode=ended.returncode)

    def arguments(self, request: SessionRequest) -> tuple[str, ...]:
        """The command line of a captured session, without the program."""
        argv = ["--print", *self._common(request), "--output-format", "stream-json", "--verbose"]
        if not OWN_SESSION & set(self.settings.args):
            argv += ["--session-id", str(uuid.uuid4())]
        if request.schema is not None:
            argv += ["--json-schema", json.dumps(request.schema, separators=(",", ":"))]
        if request.max_cost_usd:
            argv += ["--max-budget-usd", f"{request.max_cost_usd:g}"]
        return (*argv, *self.settings.args)

    def _common(self, request: SessionRequest) -> tuple[str, ...]:
        return ("--model", request.model, "--permission-mode", self.settings.permission_mode)

    def _environment(self, extra: Mapping[str, str], *, interactive: bool = False) -> dict[str, str]:
        env = environment.build(self.settings.env, extra, interactive=interactive)
        return {**DEFAULTS, **env}

    def _program(self, env: Mapping[str, str]) -> str | None:
        """Where the program is; inside a wrapper, which may bring its own, only its name is known."""
        if self.settings.wrapper:
            return self.launch[0]
        return shutil.which(self.launch[0], path=env.get("PATH"))

    def _root_refusal(self, env: Mapping[str, str]) -> OrchestratorError | None:
        """The error if Claude Code would refuse to run as root in this mode. With IS_SANDBOX=1 it does not refuse."""
        bypass = self.settings.permission_mode == "bypassPermissions"
        root = hasattr(os, "geteuid") and os.geteuid() == 0
        if not (bypass and root) or env.get("IS_SANDBOX") == "1" or self.settings.wrapper:
            return None
        return OrchestratorError(
            "Claude Code does not run as root with permission_mode bypassPermissions",
            fix="Run as another user, or set IS_SANDBOX=1 if this machine is a sandbox",
        )


def _prompt_file(request: SessionRequest) -> Path:
    """The prompt's file, or a copy with a line before it when the prompt would be taken for a slash command."""
    if not request.prompt.lstrip().startswith("/"):
        return request.prompt_file
    request.log_dir.mkdir(parents=True, exist_ok=True)
    copy = request.log_dir / f"{request.name}.prompt"
    files.write_atomic(copy, f"The task:\n{request.prompt}".encode("utf-8", "replace"), private=True)
    return copy


def _reader(
    stream: events.Stream, repeats: Repeats, observer: Observer, redact: Redactor
) -> Callable[[bytes], Stop | None]:
    def read(line: bytes) -> Stop | None:
        for shown in stream.feed(line):
            tell([shown], observer, redact)
            if repeats.too_many(shown):
                return Stop.REPEATING
        if stream.hopeless:
            return Stop.REFUSED
        return Stop.FINISHED if stream.finished else None

    return read


def _result(
    stream: events.Stream, verdict: Verdict, ended: running.Ended, redact: Callable[[str], str]
) -> SessionResult:
    told = stream.result or {}
    text = told.get("result")
    return SessionResult(
        outcome=verdict.outcome,
        output=redact(text) if isinstance(text, str) else "",
        error=one_line(redact(verdict.error)),
        elapsed=ended.elapsed,
        returncode=ended.returncode,
        usage=events.usage(stream.result),
        cost_usd=events.cost(stream.result),
        agent_session_id=stream.session_id,
        reset_at=verdict.reset_at,
        structured=told.get("structured_output"),
        denials=events.denials(stream.result),
        model=stream.model,
    )

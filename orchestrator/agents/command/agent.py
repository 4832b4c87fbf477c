"""Any coding agent with a command line: arguments from a list, the prompt in a file, an argument or on stdin."""

from __future__ import annotations

import dataclasses
import os
import re
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from orchestrator.agents import captured, environment, wrapper
from orchestrator.agents.claude.classify import STOPS, Verdict, exit_words
from orchestrator.agents.command import outputs
from orchestrator.agents.command.presets import CLAUDE_MODELS, OPTIONS, PRESETS, Preset
from orchestrator.agents.live import Repeats, tell
from orchestrator.agents.protocol import Observer, Outcome, SessionRequest, SessionResult
from orchestrator.agents.resets import reset_time
from orchestrator.config.settings import AgentSettings
from orchestrator.errors import Missing, OrchestratorError
from orchestrator.processes import running
from orchestrator.processes.redact import Redactor, one_line
from orchestrator.processes.running import Stop

PLAIN = Preset(argv=(), model_option=(), install="")
# Linux takes 128 KiB for one argument, Windows 32 KiB for all.
MAX_ARGUMENT = 30_000 if os.name == "nt" else 131_071
_PLACE = re.compile(r"\{(prompt_file|prompt|model|id)\}")


class CommandAgent:
    """Runs `settings.command`, or the command of `settings.preset`; a program with a slash is looked up in the
    session's folder and then in `root`. A schema is not passed on: the caller finds the JSON in the output."""

    def __init__(self, settings: AgentSettings, root: Path, *, grace: float = 5.0) -> None:
        self.settings = settings
        self.root = root
        self.grace = grace
        if settings.preset and settings.preset not in PRESETS:
            raise OrchestratorError(
                f"there is no preset {settings.preset!r}",
                where="[agent] preset",
                fix=f"One of: {', '.join(PRESETS)}",
            )
        self.preset = PRESETS.get(settings.preset, PLAIN)
        self.template = settings.command or self.preset.argv

    @property
    def tells_cost(self) -> bool:
        return self.preset.tells_cost

    def check(self) -> None:
        """Raises Missing when there is no such program, OrchestratorError when none is configured."""
        if not self.template:
            raise OrchestratorError(
                '[agent] kind = "command" names no program',
                where="orchestrator.toml",
                fix=f"Set [agent] command, or preset to one of: {', '.join(PRESETS)}",
            )
        if self.settings.mode == "interactive" and self.prompt_on_stdin:
            raise OrchestratorError(
                "an interactive session needs {prompt} or {prompt_file} in the agent's command",
                where="[agent] command",
                fix="Add one of them, or build without --interactive",
            )
        env = environment.build(self.settings.env, {})
        wrapper.check(self.settings.wrapper, env)
        if not self._program(self.root, env):
            raise Missing(f"{self.template[0]} was not found", fix=self._mend())

    def run(self, request: SessionRequest, observer: Observer) -> SessionResult:
        self._demand_template()
        env = environment.build(self.settings.env, request.env, interactive=request.interactive)
        program = self._program(request.cwd, env)
        if not program:
            return SessionResult(
                Outcome.NOT_INSTALLED, error=f"{self.template[0]} was not found. {self._mend()}".strip()
            )
        argv: tuple[str, ...] = (program, *self.arguments(request))
        if max(len(os.fsencode(item)) for item in argv) > MAX_ARGUMENT:
            error = "the prompt is too long for a command line, use {prompt_file} or neither placeholder"
            return SessionResult(Outcome.FAILED, error=error)
        try:
            argv = wrapper.around(self.settings.wrapper, request.cwd, argv, env)
            if request.interactive:
                return self._attached(request, argv, env)
            return self._captured(request, argv, env, observer)
        except running.CannotStart as error:
            return SessionResult(Outcome.NOT_INSTALLED, error=f"{error}. {self._mend()}".strip())

    def arguments(self, request: SessionRequest) -> tuple[str, ...]:
        """What follows the program: each placeholder replaced once, all other text as it is."""
        values = {
            "prompt": request.prompt.replace("\0", ""),
            "prompt_file": str(request.prompt_file),
            "model": request.model,
            "id": request.feature_id,
        }
        return tuple(_PLACE.sub(lambda found: values[found[1]], item) for item in self._expanded(request))

    @property
    def prompt_on_stdin(self) -> bool:
        return not any("{prompt}" in item or "{prompt_file}" in item for item in self.template)

    def _expanded(self, request: SessionRequest) -> list[str]:
        named = request.model not in CLAUDE_MODELS
        options = [*(self.preset.model_option if named else ()), *self.settings.args]
        items: list[str] = []
        for item in self.template[1:]:
            items += options if item == OPTIONS and not self.settings.command else [item]
        return items

    def _demand_template(self) -> None:
        if not self.template:
            self.check()

    def _captured(
        self, request: SessionRequest, argv: tuple[str, ...], env: Mapping[str, str], observer: Observer
    ) -> SessionResult:
        redact = Redactor(os.environ, env)
        command = captured.command(self.settings, request, argv, env, redact)
        stdin = request.prompt_file if self.prompt_on_stdin else None
        command = dataclasses.replace(command, stdin=stdin, grace=self.grace)
        told = outputs.Told()
        repeats = Repeats(self.settings.max_repeats)
        ended = running.run(command, self._reader(told, repeats, observer, redact))
        stderr = redact(ended.errors.decode("utf-8", "replace"))
        verdict = judge(self.preset, told, ended, stderr, time.time())
        error = captured.stop_words(ended.stop, self.settings, request, repeats) or verdict.error
        captured.tell_end(ended, self.settings, observer)
        return SessionResult(
            outcome=verdict.outcome,
            output=redact(told.text),
            error=one_line(redact(error)),
            elapsed=ended.elapsed,
            returncode=ended.returncode,
            usage=told.usage,
            cost_usd=told.cost_usd,
            agent_session_id=told.session_id,
            reset_at=verdict.reset_at,
            model=told.model or request.model,
        )

    def _reader(
        self, told: outputs.Told, repeats: Repeats, observer: Observer, redact: Redactor
    ) -> Callable[[bytes], Stop | None]:
        take = outputs.reader(self.preset.format, told, self.preset.failing, self.preset.working)

        def read(line: bytes) -> Stop | None:
            for shown in take(line):
                tell([shown], observer, redact)
                if repeats.too_many(shown):
                    return Stop.REPEATING
            return Stop.FINISHED if told.finished else None

        return read

    def _attached(self, request: SessionRequest, argv: tuple[str, ...], env: Mapping[str, str]) -> SessionResult:
        if self.prompt_on_stdin:
            error = "an interactive session needs {prompt} or {prompt_file} in [agent] command"
            return SessionResult(Outcome.FAILED, error=error)
        ended = running.run_attached(argv, request.cwd, env, request.project)
        if ended.stop or ended.returncode == 0:
            return SessionResult(Outcome.OK, "The session was ended by the user.", elapsed=ended.elapsed, returncode=0)
        error = exit_words(ended.returncode)
        return SessionResult(Outcome.FAILED, error=error, elapsed=ended.elapsed, returncode=ended.returncode)

    def _program(self, cwd: Path, env: Mapping[str, str]) -> str | None:
        """Where the program is; inside a wrapper, which may bring its own, only its name is known."""
        name = self.template[0]
        if self.settings.wrapper:
            return name
        if Path(name).is_absolute() or Path(name).name == name:
            return shutil.which(name, path=env.get("PATH"))
        return shutil.which(str(cwd / name)) or shutil.which(str(self.root / name))

    def _mend(self) -> str:
        return f"Install it with `{self.preset.install}`" if self.preset.install else "Check [agent] command"


def judge(preset: Preset, told: outputs.Told, ended: running.Ended, stderr: str, now: float) -> Verdict:
    """The outcome of a session by the preset's rules: what we did to it, success, then the kinds of failure.

    Words in its output never make a session a failure; they only tell which kind a failure is.
    """
    if ended.stop and ended.stop is not Stop.FINISHED:
        return Verdict(*STOPS[ended.stop])
    finished = told.finished or not preset.must_finish
    if (ended.returncode == 0 or ended.stop) and finished and not told.failure:
        return Verdict(Outcome.OK)
    last = next((line for line in reversed(stderr.splitlines()) if line.strip(" \t{}[]")), "")
    error = told.failure or last or _unfinished(ended.returncode)
    # The error stream counts only where the agent never came to work: later it may hold what it read.
    words = told.failure or ("" if told.session_id or told.text else stderr)
    outcome = _kind(preset, ended.returncode, told.status, words)
    reset_at = reset_time(error, now) if outcome is Outcome.RATE_LIMITED else None
    return Verdict(outcome, error, reset_at)


def _kind(preset: Preset, returncode: int | None, status: int, words: str) -> Outcome:
    if returncode is not None and returncode in preset.codes:
        return preset.codes[returncode]
    if status in (401, 402, 403):
        return Outcome.NOT_LOGGED_IN
    if status == 429:
        return Outcome.RATE_LIMITED
    if status >= 500:
        return Outcome.OVERLOADED
    for pattern, outcome in preset.words:
        if re.search(pattern, words, re.IGNORECASE):
            return outcome
    return Outcome.FAILED


def _unfinished(returncode: int | None) -> str:
    return "it ended without its word that it had finished" if returncode == 0 else exit_words(returncode)

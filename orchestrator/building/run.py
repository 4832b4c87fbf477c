"""One run of the build: what it may spend, why it stops, and what it keeps count of."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from orchestrator import project as projects
from orchestrator.agents.protocol import Agent, SessionResult
from orchestrator.building.progress import Progress
from orchestrator.errors import OrchestratorError
from orchestrator.project import Project
from orchestrator.staleness import checks, facts
from orchestrator.staleness.state import Facts, Standing, states


class Stopped(OrchestratorError):
    """The run ends before its work is done; `exit_code` says how."""

    def __init__(self, what: str, *, exit_code: int = 1, where: str = "", fix: str = "") -> None:
        super().__init__(what, where=where, fix=fix)
        self.exit_code = exit_code


@dataclass(frozen=True)
class Options:
    """What the command line asks of a run, beyond the settings."""

    with_qa: bool = False
    skip_review: bool = False
    assume_yes: bool = False


@dataclass
class Run:
    """The state of a run; `project` is looked at anew whenever HEAD may have moved."""

    project: Project
    agent: Agent
    progress: Progress
    options: Options = field(default_factory=Options)
    ask: Callable[[str], bool] | None = None
    sessions: int = 0
    cost_usd: float = 0.0
    failures: int = 0
    blocked: list[str] = field(default_factory=list)
    completed: list[str] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)
    seen: facts.Seen = field(default_factory=facts.Seen)

    def refresh(self) -> Project:
        """The project with HEAD as it is now."""
        self.project = projects.again(self.project)
        return self.project

    def look(self) -> Facts:
        """The facts as of now."""
        return facts.load(self.refresh(), self.seen)

    def standings(self) -> dict[str, Standing]:
        return states(self.look())

    def check_command(self) -> str:
        """The project's check command as of now: a session may have added the first test."""
        return checks.resolve(self.project.config.verify.command, self.project.root)

    def before_session(self) -> float:
        """Raise Stopped when a budget is spent; else the dollars left for a session, 0 for no limit."""
        limits = self.project.config.build
        if limits.max_sessions and self.sessions >= limits.max_sessions:
            raise Stopped(f"stopped after {self.sessions} sessions", where="[build] max_sessions")
        minutes = (time.monotonic() - self.started) / 60
        if limits.max_minutes and minutes >= limits.max_minutes:
            raise Stopped(f"stopped after {minutes:.0f} minutes", where="[build] max_minutes")
        if not limits.max_cost_usd:
            return 0.0
        left = limits.max_cost_usd - self.cost_usd
        if left <= 0:
            raise Stopped(f"stopped after {self.cost_usd:.2f} USD", where="[build] max_cost_usd")
        return left

    def after_session(self, result: SessionResult) -> None:
        """Count what the session cost; a cost limit that can't be watched stops the run (it must not fail open)."""
        self.sessions += 1
        self.cost_usd += result.cost_usd or 0.0
        settings = self.project.config
        if settings.build.max_cost_usd and result.cost_usd is None and settings.agent.kind == "command":
            raise Stopped(
                "the agent does not say what its sessions cost, so the cost limit can't be kept",
                where="[build] max_cost_usd",
                fix="Use max_sessions or max_minutes with this agent",
            )

    def stop_after_failures(self) -> None:
        """Raise Stopped when too many features in a row made no progress, unless a person says to go on."""
        limit = self.project.config.build.max_consecutive_failures
        if not limit or self.failures < limit:
            return
        question = f"{self.failures} features in a row made no progress. Go on?"
        if self.ask is not None and self.ask(question):
            self.failures = 0
            return
        raise Stopped(
            f"stopped: {self.failures} features in a row made no progress",
            where="[build] max_consecutive_failures",
        )

    def notify(self, event: str, **details: object) -> None:
        """Run the user's `[build] notify` command with the event as JSON on its standard input."""
        command = self.project.config.build.notify
        if not command:
            return
        data = {"event": event, "project": str(self.project.root), **details}
        try:
            subprocess.run(
                command, shell=True, cwd=self.project.root, input=json.dumps(data).encode(), timeout=60,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            self.progress.note(f"notify: {error}")

    def wait(self, reason: str, seconds: float) -> None:
        """Sleep until a limit ends, in steps, so that Ctrl+C and the time budget are obeyed."""
        self.progress.waiting(reason, seconds)
        self.notify("waiting", reason=reason, seconds=round(seconds))
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            time.sleep(min(left, 5))
            self.before_session()

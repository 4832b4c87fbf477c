"""What a run may spend: sessions, dollars, minutes, and features in a row that make no progress."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from orchestrator.config.settings import BuildSettings
from orchestrator.errors import OrchestratorError


class Stopped(OrchestratorError):
    """The run ends before its work is done; `exit_code` says how."""

    def __init__(self, what: str, *, exit_code: int = 1, where: str = "", fix: str = "") -> None:
        super().__init__(what, where=where, fix=fix)
        self.exit_code = exit_code


@dataclass
class Budget:
    """What was spent so far, beside the `limits`. `ask` puts a yes-or-no question to a person, where there is one;
    `clock` counts seconds.
    """

    limits: BuildSettings
    ask: Callable[[str], bool] | None = None
    clock: Callable[[], float] = time.monotonic
    sessions: int = 0
    cost_usd: float = 0.0
    failures: int = 0
    started: float = field(init=False)

    def __post_init__(self) -> None:
        self.started = self.clock()

    def before_session(self) -> float:
        """Raise Stopped when a budget is spent; else the dollars left for a session, 0 for no limit."""
        limits = self.limits
        if limits.max_sessions and self.sessions >= limits.max_sessions:
            raise Stopped(f"stopped after {self.sessions} sessions", where="[build] max_sessions")
        minutes = (self.clock() - self.started) / 60
        if limits.max_minutes and minutes >= limits.max_minutes:
            raise Stopped(f"stopped after {minutes:.0f} minutes", where="[build] max_minutes")
        if not limits.max_cost_usd:
            return 0.0
        left = limits.max_cost_usd - self.cost_usd
        if left <= 0:
            raise Stopped(f"stopped after {self.cost_usd:.2f} USD", where="[build] max_cost_usd")
        return left

    def after_session(self, cost_usd: float | None, *, tells_cost: bool) -> None:
        """Count what the session cost. Raises Stopped where the agent never tells it: a limit must not fail open."""
        self.sessions += 1
        self.cost_usd += cost_usd or 0.0
        if self.limits.max_cost_usd and cost_usd is None and not tells_cost:
            raise Stopped(
                "the agent does not say what its sessions cost, so the cost limit can't be kept",
                where="[build] max_cost_usd",
                fix="Use max_sessions or max_minutes with this agent",
            )

    def progressed(self) -> None:
        """A feature got on: features that fail are counted from here again."""
        self.failures = 0

    def failed(self) -> None:
        """Count a feature that made no progress. Raises Stopped at the limit, unless a person says to go on."""
        self.failures += 1
        limit = self.limits.max_consecutive_failures
        if not limit or self.failures < limit:
            return
        if self.ask is not None and self.ask(f"{self.failures} features in a row made no progress. Go on?"):
            self.failures = 0
            return
        raise Stopped(
            f"stopped: {self.failures} features in a row made no progress", where="[build] max_consecutive_failures"
        )

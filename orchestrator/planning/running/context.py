"""What every step of a planning run is handed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from orchestrator.agents.protocol import Agent, Observer, SessionResult, Silent
from orchestrator.building.budget import Budget
from orchestrator.config.settings import FILE_NAME, Config
from orchestrator.errors import OrchestratorError
from orchestrator.planning.paths import Plan, Plans
from orchestrator.planning.running.dialogue import Dialogue, Unattended
from orchestrator.planning.tracking.bd import Bd
from orchestrator.project import Project


def _log_nothing(step: str, result: SessionResult, undone: list[str]) -> None:
    pass


def _now() -> datetime:
    return datetime.now().astimezone()


@dataclass
class PlanContext:
    """`log` is called with (step, result, what was undone) after each session; `sessions` are those of this run with
    their cost. `bd` None means the one on PATH. `sleep` waits in seconds, `now` has a time zone.
    """

    project: Project
    plan: Plan
    agent: Agent
    observer: Observer = field(default_factory=Silent)
    dialogue: Dialogue = field(default_factory=Unattended)
    log: Callable[[str, SessionResult, list[str]], None] = _log_nothing
    bd: Bd | None = None
    now: Callable[[], datetime] = _now
    sleep: Callable[[float], None] = time.sleep
    sessions: list[tuple[str, float | None]] = field(default_factory=list)
    budget: Budget = field(init=False)

    def __post_init__(self) -> None:
        self.budget = Budget(self.config.build)

    @property
    def root(self) -> Path:
        return self.project.root

    @property
    def config(self) -> Config:
        return self.project.config

    @property
    def plans(self) -> Plans:
        return plans_of(self.project)

    def tracker(self) -> Bd:
        return self.bd or Bd(self.root)


def plans_of(project: Project) -> Plans:
    """The plans of a project, where its settings put them. Raises OrchestratorError for a place outside of it."""
    wanted = Path(project.config.plan.root)
    if wanted.is_absolute() or ".." in wanted.parts or not wanted.parts:
        raise OrchestratorError(
            f"[plan] root must be a folder inside the project, not {str(wanted)!r}", where=FILE_NAME
        )
    return Plans(project.root, project.config.plan.root, project.config.project.features, project.store)

"""Every setting of orchestrator.toml with its default, and which values it may have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from orchestrator.features.dialects.tables import Rules

FILE_NAME = "orchestrator.toml"


class ProjectSettings(NamedTuple):
    name: str = ""
    stack: str = ""
    description: str = ""
    features: str = "feature_list.json"


class ModelSettings(NamedTuple):
    high: str = ""
    medium: str = ""
    low: str = ""
    qa: str = ""
    plan: str = ""


class AgentSettings(NamedTuple):
    kind: str = "claude"
    model: str = "sonnet"
    permission_mode: str = "bypassPermissions"
    mode: str = "captured"
    command: tuple[str, ...] = ()
    preset: str = ""
    env: Mapping[str, str] = {}
    args: tuple[str, ...] = ()
    recordings: str = ".agent/recordings"
    timeout: float = 3600.0
    max_attempts: int = 3
    retry_delay: float = 5.0
    idle_timeout: float = 1800.0
    max_repeats: int = 25
    exit_grace: float = 10.0
    wrapper: tuple[str, ...] = ()
    models: ModelSettings = ModelSettings()


class VerifySettings(NamedTuple):
    command: str = "auto"
    timeout: float = 900.0
    baseline: bool = True


class GuardSettings(NamedTuple):
    protect: tuple[str, ...] = ()
    watch: tuple[str, ...] = ()
    on_weakened: str = "review"
    foreign_claims: str = "verify"
    max_file_mb: float = 10.0


class BuildSettings(NamedTuple):
    max_sessions: int = 100
    max_cost_usd: float = 0.0
    max_minutes: float = 0.0
    max_consecutive_failures: int = 3
    notify: str = ""


class HistorySettings(NamedTuple):
    completed: str = "session: completed"
    reopened: str = "session: reopened"
    write: str = "commit"
    run_hooks: bool = True


class PlanSettings(NamedTuple):
    root: str = "thoughts/shared"
    tracker: str = "beads"
    auto_approve: bool = False


class LogSettings(NamedTuple):
    keep: float = 30.0


class ContextSettings(NamedTuple):
    max_tokens: int = 8000


class Config(NamedTuple):
    project: ProjectSettings = ProjectSettings()
    agent: AgentSettings = AgentSettings()
    verify: VerifySettings = VerifySettings()
    guard: GuardSettings = GuardSettings()
    build: BuildSettings = BuildSettings()
    history: HistorySettings = HistorySettings()
    plan: PlanSettings = PlanSettings()
    features: Rules = Rules()
    log: LogSettings = LogSettings()
    context: ContextSettings = ContextSettings()


# setting -> the values it may have
CHOICES: dict[str, tuple[str, ...]] = {
    "agent.kind": ("claude", "command", "replay"),
    "agent.mode": ("captured", "interactive"),
    "guard.on_weakened": ("review", "fail"),
    "guard.foreign_claims": ("verify", "reopen"),
    "history.write": ("commit", "worktree"),
    "plan.tracker": ("beads", "none"),
}
# setting -> the least number it may be
LEAST: dict[str, float] = {
    "agent.timeout": 0,
    "agent.max_attempts": 1,
    "agent.retry_delay": 0,
    "agent.idle_timeout": 0,
    "agent.max_repeats": 0,
    "agent.exit_grace": 0,
    "verify.timeout": 0,
    "guard.max_file_mb": 0,
    "build.max_sessions": 0,
    "build.max_cost_usd": 0,
    "build.max_minutes": 0,
    "build.max_consecutive_failures": 0,
    "log.keep": 0,
    "context.max_tokens": 1,
}
# settings that must be a line of text
FILLED = ("project.features", "history.completed", "history.reopened")

"""All plans at a glance: how far each is, what it has cost."""

from __future__ import annotations

from typing import NamedTuple

from orchestrator.errors import OrchestratorError
from orchestrator.planning import backlog
from orchestrator.planning.artifacts import read_phases
from orchestrator.planning.paths import Plan
from orchestrator.planning.running import stamps
from orchestrator.planning.running.context import PlanContext
from orchestrator.planning.running.pipeline import STEPS
from orchestrator.planning.running.runner import freshness


class Listed(NamedTuple):
    """A plan: its state in words, how many of its phases are built, its sessions and their dollars."""

    name: str
    current: bool
    state: str
    built: int
    phases: int
    sessions: int
    cost_usd: float | None
    ticket: str

    def line(self) -> str:
        """The name, which begins with the date, comes last: all before it is of one width in most lists."""
        cost = "" if self.cost_usd is None else f", {self.cost_usd:.2f} USD"
        phases, sessions = (
            f"{self.built}/{self.phases} phases",
            f"{self.sessions} session{'s' if self.sessions != 1 else ''}{cost}",
        )
        ticket = f"{self.ticket}  " if self.ticket else ""
        return f"{'*' if self.current else ' '} {self.state:<28}  {phases:>11}  {sessions:<24}  {ticket}{self.name}"


def listed(context: PlanContext, plan: Plan, current: Plan | None) -> Listed:
    """`context` is for questions only; its plan is not looked at."""
    context.plan = plan
    try:
        phases = [phase for _, phase in read_phases(plan)]
        features = backlog.known_features(context)
        built = sum(1 for phase in phases if phase.id in features and features[phase.id].passes)
        state = _state(context, built, len(phases))
    except OrchestratorError as error:
        phases, built, state = [], 0, f"can't be read: {error.what}"
    sessions, dollars = stamps.spent(plan)
    return Listed(plan.name, plan == current, state, built, len(phases), sessions, dollars, plan.ticket)


def _state(context: PlanContext, built: int, phases: int) -> str:
    stale = next((step.name for step in STEPS if not freshness(step, context).up_to_date), "")
    if stale:
        return f"unfinished (next: {stale})"
    return "built" if built == phases else "being built" if built else "to be built"

"""What can be known before the first session is an error before it."""

from __future__ import annotations

from pathlib import Path

from orchestrator.errors import OrchestratorError
from orchestrator.git import commits
from orchestrator.planning.artifacts import read_hierarchy, read_phases
from orchestrator.planning.running import runner, stamps
from orchestrator.planning.running.context import PlanContext
from orchestrator.planning.running.pipeline import STEPS
from orchestrator.planning.running.step import Step
from orchestrator.project import Project


def of_project(project: Project) -> None:
    """Raises OrchestratorError without a repository, without a name for commits, and for a list that can't be read."""
    commits.need_identity(project.repository)
    if project.features_path.exists():
        project.features()


def of_plan(context: PlanContext, start: Step | None = None) -> None:
    """Raises OrchestratorError for artifacts that can't be read or are missing, and for a budget that can't be kept.

    What a step needs has to be there, or be made by a step before it in this run.
    """
    plan = context.plan
    read_phases(plan)
    read_hierarchy(plan)
    if start is not None:
        runner.require(start, plan)
    made: set[Path] = set()
    for step in STEPS[STEPS.index(start) if start else 0 :]:
        if step is not start and runner.freshness(step, context).up_to_date:
            continue
        missing = [path for path in step.needs(plan) if path not in made and not runner.is_there(path)]
        if missing and not _can_be_made(missing[0], context):
            runner.require(step, plan)
        made.update(step.makes(plan))
    if context.config.build.max_cost_usd and not context.agent.tells_cost:
        raise OrchestratorError(
            "the agent does not say what its sessions cost, so the cost limit can't be kept",
            where="[build] max_cost_usd",
            fix="Use max_sessions or max_minutes with this agent",
        )


def _can_be_made(path: Path, context: PlanContext) -> bool:
    """Whether a step that was once skipped can make it."""
    plan = context.plan
    for step in STEPS:
        if path in step.makes(plan) and stamps.skipped(step, plan):
            return all(runner.is_there(need) for need in step.needs(plan))
    return False

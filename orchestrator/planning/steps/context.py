"""What the project is, told by its files alone: tech stack and file groups."""

from __future__ import annotations

from orchestrator.planning.artifacts import save_json
from orchestrator.planning.running.context import PlanContext
from orchestrator.planning.running.step import Result, Step
from orchestrator.planning.surroundings.filegroups import file_groups
from orchestrator.planning.surroundings.filescan import scan
from orchestrator.planning.surroundings.techstack import read_markers, tech_stack


def analyse(context: PlanContext) -> Result:
    """No agent is asked."""
    paths = scan(context.project.repository, context.root, context.config.plan.root)
    save_json(context.plan.tech_stack, tech_stack(paths, read_markers(context.root)))
    save_json(context.plan.file_groups, file_groups(paths))
    return Result(f"{len(paths)} files looked at")


CONTEXT = Step(
    "context",
    "context-generation",
    # Not the project's files: what a build writes must not make its own plan stale.
    reads=lambda plan: [plan.research],
    makes=lambda plan: [plan.tech_stack, plan.file_groups],
    act=analyse,
    needs=lambda plan: [],
)

"""What a planner has to know besides the code: the features that exist, and the other plans."""

from __future__ import annotations

from typing import Any

from orchestrator.planning import backlog
from orchestrator.planning.artifacts import prompt_text
from orchestrator.planning.paths import Plan
from orchestrator.planning.running.context import PlanContext

MOST = 150
"""More features than this are not listed one by one: the agent is told where the rest stands."""


def neighbours(context: PlanContext) -> dict[str, Any]:
    """Values for the template `_neighbours`: features of other origin than this plan, done ones last."""
    found = [
        feature for feature in backlog.known_features(context).values() if not _of_plan(context.plan, feature.inputs)
    ]
    found.sort(key=lambda feature: feature.passes)
    listed = [
        {"id": feature.id, "name": feature.name, "state": _state(feature.passes, feature.blocked)}
        for feature in found[:MOST]
    ]
    return {
        "list_name": context.config.project.features,
        "backlog": listed,
        "unlisted": len(found) - len(listed),
        "others": [_described(context.plans.plan(name)) for name in context.plans.names() if name != context.plan.name],
    }


def _of_plan(plan: Plan, inputs: tuple[str, ...]) -> bool:
    folder = f"{plan.relative(plan.folder)}/"
    return any(path.startswith(folder) for path in inputs)


def _state(passes: bool, blocked: bool) -> str:
    return "done" if passes else "set aside" if blocked else "to be built"


def _described(plan: Plan) -> dict[str, str]:
    wish = next((line.strip() for line in prompt_text(plan).splitlines() if line.strip()), plan.name)
    return {"name": plan.name, "wish": wish[:200], "file": plan.relative(plan.plan) if plan.plan.is_file() else ""}

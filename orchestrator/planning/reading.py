"""What the session that builds a phase is to read of its plan, besides the phase file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from orchestrator.errors import OrchestratorError
from orchestrator.features.model import Feature
from orchestrator.planning.artifacts import read_hierarchy, read_text
from orchestrator.planning.paths import Plan
from orchestrator.planning.phases import phase_file
from orchestrator.planning.phases.phase_file import Phase
from orchestrator.planning.requirements.skeleton import class_name
from orchestrator.planning.requirements.tree import Requirement
from orchestrator.planning.running.context import plans_of
from orchestrator.project import Project


def reading(project: Project, feature: Feature) -> dict[str, Any]:
    """Values for the build's prompt: empty for a feature of no plan."""
    found = _phase(project, feature)
    if found is None:
        return {}
    plan, phase = found
    met = _met(plan, phase.requirements)
    lines = (
        [f"`{plan.relative(plan.overview)}`: what all phases together bring about"] if plan.overview.is_file() else []
    )
    if plan.plan.is_file():
        lines.append(f"`{plan.relative(plan.plan)}`: the plan; its decisions hold")
    if met:
        named = ", ".join(f"{node.id} ({node.description})" for node in met)
        lines.append(f"`{plan.relative(plan.hierarchy)}`: the requirements, of which it meets {named}")
    return {"reading": lines, "skeletons": _skeletons(plan, met), "ticket": str(feature.data.get("ticket") or "")}


def _phase(project: Project, feature: Feature) -> tuple[Plan, Phase] | None:
    """The plan and the phase of the feature, told by the id in one of its inputs."""
    plans = plans_of(project)
    for name in plans.names():
        plan = plans.plan(name)
        folder = f"{plan.relative(plan.folder)}/"
        if not any(path.startswith(folder) for path in feature.inputs):
            continue
        for path in plan.phase_files():
            text = read_text(plan, path)
            if phase_file.id_of(text) == feature.id:
                return plan, phase_file.parse(text, plan.relative(path))
    return None


def _met(plan: Plan, named: Sequence[str]) -> list[Requirement]:
    try:
        hierarchy = read_hierarchy(plan)
    except OrchestratorError:
        return []  # the build is not the place to complain of it
    return [node for node in hierarchy.walk() if node.id in named] if hierarchy else []


def _skeletons(plan: Plan, met: Sequence[Requirement]) -> list[str]:
    """The classes of the skeleton for what the phase meets, where the project is one of Python."""
    if not plan.property_tests.is_file() or not _is_python(plan):
        return []
    nodes = dict.fromkeys(node.id for top in met for node in top.walk() if node.acceptance_criteria)
    text = plan.property_tests.read_text(encoding="utf-8", errors="replace")
    name = plan.relative(plan.property_tests)
    return [f"`{name}`: `{class_name(id)}`" for id in nodes if f"class {class_name(id)}" in text]


def _is_python(plan: Plan) -> bool:
    try:
        return '"Python"' in plan.tech_stack.read_text(encoding="utf-8")
    except FileNotFoundError:
        return any(plan.root.glob("*.py")) or (plan.root / "pyproject.toml").is_file()

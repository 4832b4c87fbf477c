"""The requirement hierarchy, its diagram and its property tests."""

from __future__ import annotations

from pathlib import Path

from orchestrator.errors import OrchestratorError
from orchestrator.planning.artifacts import prompt_text, read_hierarchy, read_text, save_json, text_if_edited
from orchestrator.planning.asking import structured
from orchestrator.planning.paths import Plan
from orchestrator.planning.requirements import mermaid, rules, tree
from orchestrator.planning.requirements.skeleton import skeleton
from orchestrator.planning.running.context import PlanContext
from orchestrator.planning.running.failures import StepFailed, StepInterrupted
from orchestrator.planning.running.step import Result, Step
from orchestrator.planning.surroundings.neighbours import neighbours


def decompose(context: PlanContext) -> Result:
    """The agent's requirements; on a terminal the user may go on without any."""
    while True:
        try:
            return _decompose(context)
        except StepInterrupted:
            raise
        except StepFailed as error:
            retry = context.dialogue.retry_decomposition(error.what)
            if retry is None:
                raise
            if not retry:
                return Result(f"the user went on without requirements: {error.what}", skipped=True)


def _decompose(context: PlanContext) -> Result:
    plan = context.plan
    source = plan.relative(plan.research)
    limits = rules.Limits()
    data = structured.ask(
        context,
        "plan-requirements",
        rules.schema(limits),
        lambda answer: rules.problems(answer, limits),
        prompt=prompt_text(plan),
        research=source,
        limits=limits,
        known=read_text(plan, plan.hierarchy).strip() if plan.hierarchy.is_file() else "",
        edited=bool(text_if_edited(REQUIREMENTS, plan, plan.hierarchy)),
        **neighbours(context),
    )
    metadata = {"source": "agent", "source_research": source}
    found = tree.from_data({**data, "metadata": metadata})
    save_json(plan.hierarchy, found.to_data())
    return Result(f"{sum(1 for _ in found.walk())} requirements")


def texts(context: PlanContext) -> dict[Path, str]:
    """Diagram and skeleton out of the hierarchy, whoever wrote it."""
    plan = context.plan
    found = read_hierarchy(plan)
    return {plan.diagram: mermaid.flowchart(found) + "\n", plan.property_tests: skeleton(found)} if found else {}


def _sound(plan: Plan) -> bool:
    try:
        return read_hierarchy(plan) is not None
    except OrchestratorError:
        return False


REQUIREMENTS = Step(
    "requirements",
    "requirement-decomposition",
    reads=lambda plan: [plan.research],
    makes=lambda plan: [plan.hierarchy],
    act=decompose,
    needs=lambda plan: [plan.research],
    rendered=lambda plan: [plan.diagram, plan.property_tests],
    texts=texts,
    sound=_sound,
)

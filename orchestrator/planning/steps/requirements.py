"""The requirement hierarchy, its diagram and its property tests."""

from __future__ import annotations

from orchestrator.planning.artifacts import prompt_text, save_json, save_text
from orchestrator.planning.asking import structured
from orchestrator.planning.requirements import mermaid, rules, tree
from orchestrator.planning.requirements.skeleton import skeleton
from orchestrator.planning.running.context import PlanContext
from orchestrator.planning.running.failures import StepFailed, StepInterrupted
from orchestrator.planning.running.step import Result, Step


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
    )
    metadata = {"source": "agent", "source_research": source}
    found = tree.from_data({**data, "metadata": metadata})
    save_text(plan.diagram, mermaid.flowchart(found) + "\n")
    save_text(plan.property_tests, skeleton(found))
    save_json(plan.hierarchy, found.to_data())
    return Result(f"{sum(1 for _ in found.walk())} requirements")


REQUIREMENTS = Step(
    "requirements",
    "requirement-decomposition",
    reads=lambda plan: [plan.research],
    makes=lambda plan: [plan.hierarchy, plan.diagram, plan.property_tests],
    act=decompose,
    needs=lambda plan: [plan.research],
)

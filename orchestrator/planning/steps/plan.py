"""The agent's plan of implementation."""

from __future__ import annotations

from orchestrator.agents.prompts.rendering import render
from orchestrator.planning.artifacts import prompt_text
from orchestrator.planning.asking import target
from orchestrator.planning.running.context import PlanContext
from orchestrator.planning.running.failures import StepStopped
from orchestrator.planning.running.step import Result, Step


def plan(context: PlanContext) -> Result:
    """The agent's plan, until the user approves it."""
    own = context.plan
    name = own.relative(own.plan)
    feedback: list[str] = []
    while True:
        target.write(context, own.plan, "plan", lambda: _prompt(context, feedback))
        wish = context.dialogue.after_plan(name)
        if wish is None:
            return Result(f"wrote {name}")
        if not wish:
            raise StepStopped(
                "the plan was not approved", fix=f"Edit {name} and go on with --resume-step phase_decomposition"
            )
        feedback.append(wish)


def _prompt(context: PlanContext, feedback: list[str]) -> str:
    own = context.plan
    known = [path for path in (own.hierarchy, own.tech_stack, own.file_groups) if path.is_file()]
    return render(
        "plan-plan",
        context.root,
        prompt=prompt_text(own),
        path=own.relative(own.plan),
        research=own.relative(own.research) if own.research.is_file() else "",
        sources=[own.relative(path) for path in known],
        feedback=feedback,
        exists=own.plan.is_file(),
    )


PLAN = Step(
    "plan",
    "planning",
    reads=lambda plan: [plan.research, plan.hierarchy, plan.tech_stack, plan.file_groups],
    makes=lambda plan: [plan.plan],
    act=plan,
    needs=lambda plan: [plan.research],
)

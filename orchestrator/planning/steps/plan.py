"""The agent's plan of implementation."""

from __future__ import annotations

from orchestrator.agents.prompts.rendering import render
from orchestrator.planning.artifacts import prompt_text, read_text, text_if_edited
from orchestrator.planning.asking import target
from orchestrator.planning.asking.parsing import extract_open_questions
from orchestrator.planning.running import stamps
from orchestrator.planning.running.context import PlanContext
from orchestrator.planning.running.dialogue import Typed
from orchestrator.planning.running.failures import StepStopped
from orchestrator.planning.running.step import Result, Step
from orchestrator.planning.steps.research import RESEARCH, add_context
from orchestrator.planning.surroundings.neighbours import neighbours


def plan(context: PlanContext) -> Result:
    """The agent's plan, until the user approves it."""
    own = context.plan
    name = own.relative(own.plan)
    if not stamps.is_open(PLAN, own):
        _session(context)
    while (wish := _asked(context, name)) is not None:
        if not wish:
            raise StepStopped(
                "the plan was not approved", fix=f"Edit {name} and go on with --resume-step phase_decomposition"
            )
        add_context(own, wish)
        # What is said about the plan is no reason to do the research again.
        stamps.rebase(RESEARCH, own)
        stamps.begin(PLAN, own)
        _session(context, wish)
    return Result(f"wrote {name}")


def _session(context: PlanContext, wish: str = "") -> None:
    own = context.plan
    edited = text_if_edited(PLAN, own, own.plan)
    target.write(context, own.plan, "plan", lambda: _prompt(context, edited, wish))
    stamps.record(PLAN, own, open=True)


def _asked(context: PlanContext, name: str) -> str | None:
    before = str(stamps.notes(PLAN, context.plan).get("typed", ""))
    try:
        return context.dialogue.after_plan(name, before)
    except Typed as cut:
        stamps.note(PLAN, context.plan, typed=cut.text or None)
        raise


def _prompt(context: PlanContext, edited: str, wish: str) -> str:
    own = context.plan
    known = [path for path in (own.hierarchy, own.tech_stack, own.file_groups) if path.is_file()]
    has_research = own.research.is_file()
    return render(
        "plan-plan",
        context.root,
        prompt=prompt_text(own),
        path=own.relative(own.plan),
        research=own.relative(own.research) if has_research else "",
        sources=[own.relative(path) for path in known],
        feedback=[wish] if wish else [],
        exists=own.plan.is_file(),
        edited=edited,
        questions=extract_open_questions(read_text(own, own.research)) if has_research else [],
        **neighbours(context),
    )


PLAN = Step(
    "plan",
    "planning",
    reads=lambda plan: [plan.research, plan.hierarchy, plan.tech_stack, plan.file_groups],
    makes=lambda plan: [plan.plan],
    act=plan,
    needs=lambda plan: [plan.research],
    sound=lambda plan: True,
)

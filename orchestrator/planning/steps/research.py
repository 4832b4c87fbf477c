"""The first step: the agent's research on the wish."""

from __future__ import annotations

from orchestrator.agents.prompts.rendering import render
from orchestrator.planning.artifacts import prompt_text, read_text, save_text, text_if_edited
from orchestrator.planning.asking import target
from orchestrator.planning.asking.parsing import extract_open_questions
from orchestrator.planning.paths import MORE_CONTEXT, Plan
from orchestrator.planning.running import stamps
from orchestrator.planning.running.context import PlanContext
from orchestrator.planning.running.dialogue import Choice, Typed
from orchestrator.planning.running.failures import StepStopped
from orchestrator.planning.running.step import Result, Step
from orchestrator.planning.surroundings.neighbours import neighbours


def research(context: PlanContext) -> Result:
    """The agent's research on the prompt, until the user is content with it."""
    plan = context.plan
    name = plan.relative(plan.research)
    if not stamps.is_open(RESEARCH, plan):
        _session(context)
    while True:
        choice = _asked(context, name)
        if choice.action == "continue":
            return Result(f"wrote {name}")
        if choice.action == "exit":
            stamps.close(RESEARCH, plan)
            raise StepStopped("stopped after the research", fix="Go on with --resume")
        if choice.action == "restart" and choice.text:
            save_text(plan.prompt, choice.text.strip() + "\n")
        elif choice.action == "revise":
            add_context(plan, choice.text)
        _session(context)


def _session(context: PlanContext) -> None:
    """The session is paid once: what is asked after it may be answered by a later run."""
    plan = context.plan
    edited = text_if_edited(RESEARCH, plan, plan.research)
    target.write(
        context,
        plan.research,
        "research",
        lambda: render(
            "plan-research",
            context.root,
            prompt=prompt_text(plan),
            path=plan.relative(plan.research),
            exists=plan.research.is_file(),
            edited=edited,
            **neighbours(context),
        ),
    )
    stamps.record(RESEARCH, plan, open=True)


def _asked(context: PlanContext, name: str) -> Choice:
    plan = context.plan
    questions = extract_open_questions(read_text(plan, plan.research))
    before = str(stamps.notes(RESEARCH, plan).get("typed", ""))
    try:
        choice = context.dialogue.after_research(name, questions, before)
    except Typed as cut:
        stamps.note(RESEARCH, plan, typed=cut.text or None)
        raise
    if questions and choice.action == "continue":
        context.observer.note("these questions of the research have no answer; the plan decides them:")
        for question in questions:
            context.observer.note(f"  {question}")
    return choice


def add_context(plan: Plan, text: str) -> None:
    """Keep what the user adds beside the prompt, so that it is there for every later session."""
    known = prompt_text(plan)
    head = known if MORE_CONTEXT in known else f"{known}\n\n{MORE_CONTEXT}"
    if text.strip():
        save_text(plan.prompt, f"{head}\n\n{text.strip()}\n")


RESEARCH = Step(
    "research",
    "research",
    reads=lambda plan: [plan.prompt],
    makes=lambda plan: [plan.research],
    act=research,
    needs=lambda plan: [plan.prompt],
    sound=lambda plan: True,
)

"""The first step: the agent's research on the wish."""

from __future__ import annotations

from orchestrator.agents.prompts.rendering import render
from orchestrator.planning.artifacts import prompt_text, save_text
from orchestrator.planning.asking import target
from orchestrator.planning.asking.parsing import extract_open_questions
from orchestrator.planning.paths import MORE_CONTEXT, Plan
from orchestrator.planning.running.context import PlanContext
from orchestrator.planning.running.failures import StepStopped
from orchestrator.planning.running.step import Result, Step


def research(context: PlanContext) -> Result:
    """The agent's research on the prompt, until the user is content with it."""
    plan = context.plan
    name = plan.relative(plan.research)
    while True:
        text = target.write(
            context,
            plan.research,
            "research",
            lambda: render("plan-research", context.root, prompt=prompt_text(plan), path=name),
        )
        choice = context.dialogue.after_research(name, extract_open_questions(text))
        if choice.action == "continue":
            return Result(f"wrote {name}")
        if choice.action == "exit":
            raise StepStopped("stopped after the research", fix="Go on with --resume", done=True)
        if choice.action == "restart" and choice.text:
            save_text(plan.prompt, choice.text.strip() + "\n")
        elif choice.action == "revise":
            _add_context(plan, choice.text)


def _add_context(plan: Plan, text: str) -> None:
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
)

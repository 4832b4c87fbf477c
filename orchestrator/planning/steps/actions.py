"""The first steps of a plan: research, memory, requirements, context, plan."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from orchestrator.agents.prompts.rendering import render
from orchestrator.files import write_atomic
from orchestrator.planning.asking import session, structured
from orchestrator.planning.asking.parsing import extract_open_questions
from orchestrator.planning.asking.written import watch
from orchestrator.planning.paths import MORE_CONTEXT
from orchestrator.planning.requirements import mermaid, rules, tree
from orchestrator.planning.requirements.skeleton import skeleton
from orchestrator.planning.steps.context import PlanContext
from orchestrator.planning.steps.failures import StepFailed, StepInterrupted, StepStopped
from orchestrator.planning.surroundings.filegroups import file_groups
from orchestrator.planning.surroundings.filescan import scan
from orchestrator.planning.surroundings.techstack import read_markers, tech_stack

_SUMMARY_LENGTH = 500


@dataclass(frozen=True)
class Result:
    """What a step says at its end. `skipped`: the user went on without it; `finished` False: it will run again."""

    note: str
    skipped: bool = False
    finished: bool = True


def research(context: PlanContext) -> Result:
    """The agent's research on the prompt, until the user is content with it."""
    plan = context.plan
    name = plan.relative(plan.research)
    while True:
        text = _written(
            context,
            plan.research,
            "research",
            lambda: render("plan-research", context.root, prompt=prompt_text(context), path=name),
        )
        choice = context.dialogue.after_research(name, extract_open_questions(text))
        if choice.action == "continue":
            return Result(f"wrote {name}")
        if choice.action == "exit":
            raise StepStopped("stopped after the research", fix="Go on with --resume", done=True)
        if choice.action == "restart" and choice.text:
            save_text(plan.prompt, choice.text.strip() + "\n")
        elif choice.action == "revise":
            _add_context(context, choice.text)


def memory(context: PlanContext) -> Result:
    """The research in a few lines, for later sessions.

    It goes to the entities: what the project is about is neither a strategy, a constraint nor a failure.
    """
    plan = context.plan
    text = plan.research.read_text(encoding="utf-8")
    source = plan.relative(plan.research)
    save_text(plan.memory, f"# {plan.name}\n\n{summary(text)}\n\nResearch: {source}\n")
    return Result(f"wrote {plan.relative(plan.memory)}")


def decompose(context: PlanContext) -> Result:
    """The requirement hierarchy, its diagram and its property tests; on a terminal the user may go on without."""
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


def analyse(context: PlanContext) -> Result:
    """Tech stack and file groups: told by the files alone, no agent."""
    paths = scan(context.root, context.config.plan.root)
    save_json(context.plan.tech_stack, tech_stack(paths, read_markers(context.root)))
    save_json(context.plan.file_groups, file_groups(paths))
    return Result(f"{len(paths)} files looked at")


def plan(context: PlanContext) -> Result:
    """The agent's plan, until the user approves it."""
    own = context.plan
    name = own.relative(own.plan)
    feedback: list[str] = []
    while True:
        known = [path for path in (own.hierarchy, own.tech_stack, own.file_groups) if path.is_file()]
        _written(
            context,
            own.plan,
            "plan",
            lambda known=known: render(  # type: ignore[misc]
                "plan-plan",
                context.root,
                prompt=prompt_text(context),
                path=name,
                research=own.relative(own.research) if own.research.is_file() else "",
                sources=[own.relative(path) for path in known],
                feedback=feedback,
                exists=own.plan.is_file(),
            ),
        )
        wish = context.dialogue.after_plan(name)
        if wish is None:
            return Result(f"wrote {name}")
        if not wish:
            raise StepStopped(
                "the plan was not approved", fix=f"Edit {name} and go on with --resume-step phase_decomposition"
            )
        feedback.append(wish)


def summary(text: str) -> str:
    """The first three lines below the first heading, in at most 500 characters."""
    lines = [line.strip() for line in text.splitlines()]
    heading = next((index for index, line in enumerate(lines) if line.startswith("# ")), -1)
    kept = [line for line in lines[heading + 1 :] if line][:3]
    return " ".join(kept)[:_SUMMARY_LENGTH]


def prompt_text(context: PlanContext) -> str:
    """What the plan is for; "" for one that began with a research or plan file."""
    try:
        return context.plan.prompt.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""


def save_text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, text.encode("utf-8", "surrogateescape"))


def save_json(path: Path, data: object) -> None:
    save_text(path, json.dumps(data, indent=2, ensure_ascii=False) + "\n")


def _written(context: PlanContext, path: Path, kind: str, prompt: Callable[[], str]) -> str:
    """One session that is to write `path`; what was there before comes back when it fails."""
    before = watch(context.plan, path, kind)
    try:
        result = session.run(context, f"plan-{kind}", prompt())
        return before.take(result.output)
    except (StepFailed, KeyboardInterrupt):
        before.restore()
        raise


def _add_context(context: PlanContext, text: str) -> None:
    """Keep what the user adds beside the prompt, so that it is there for every later session."""
    known = prompt_text(context)
    head = known if MORE_CONTEXT in known else f"{known}\n\n{MORE_CONTEXT}"
    if text.strip():
        save_text(context.plan.prompt, f"{head}\n\n{text.strip()}\n")


def _decompose(context: PlanContext) -> Result:
    own = context.plan
    source = own.relative(own.research)
    limits = rules.Limits()
    data = structured.ask(
        context,
        "plan-requirements",
        rules.schema(limits),
        lambda answer: rules.problems(answer, limits),
        prompt=prompt_text(context),
        research=source,
        limits=limits,
    )
    metadata = {"source": "agent", "source_research": source}
    found = tree.from_data({**data, "metadata": metadata})
    save_text(own.diagram, mermaid.flowchart(found) + "\n")
    save_text(own.property_tests, skeleton(found))
    save_json(own.hierarchy, found.to_data())
    return Result(f"{sum(1 for _ in found.walk())} requirements")

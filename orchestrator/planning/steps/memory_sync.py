"""The research in a few lines, for the sessions that build."""

from __future__ import annotations

from orchestrator.planning.artifacts import read_text, save_text
from orchestrator.planning.running.context import PlanContext
from orchestrator.planning.running.step import Result, Step

_SUMMARY_LENGTH = 500


def memory(context: PlanContext) -> Result:
    """Into the entities: what the project is about is neither a strategy, a constraint nor a failure."""
    plan = context.plan
    text = read_text(plan, plan.research)
    source = plan.relative(plan.research)
    save_text(plan.memory, f"# {plan.name}\n\n{summary(text)}\n\nResearch: {source}\n")
    return Result(f"wrote {plan.relative(plan.memory)}")


def summary(text: str) -> str:
    """The first three lines below the first heading, in at most 500 characters."""
    lines = [line.strip() for line in text.splitlines()]
    heading = next((index for index, line in enumerate(lines) if line.startswith("# ")), -1)
    kept = [line for line in lines[heading + 1 :] if line][:3]
    return " ".join(kept)[:_SUMMARY_LENGTH]


MEMORY = Step(
    "memory",
    "memory-sync",
    reads=lambda plan: [plan.research],
    makes=lambda plan: [plan.memory],
    act=memory,
    needs=lambda plan: [plan.research],
)

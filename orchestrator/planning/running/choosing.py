"""Which plan a command is about, and where it is to begin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

from orchestrator.errors import OrchestratorError
from orchestrator.planning.finding import discover, resolve_file_path
from orchestrator.planning.paths import Plan, Plans
from orchestrator.planning.running import checkpoints
from orchestrator.planning.running.adopting import adopt_plan, adopt_research, of_checkpoint
from orchestrator.planning.running.checkpoints import Checkpoint
from orchestrator.planning.running.dialogue import Terminal
from orchestrator.planning.running.pipeline import RESUME_STEPS
from orchestrator.planning.running.step import Step


@dataclass(frozen=True)
class Asked:
    """What the command line says: the prompt (None for none), or what to go on with. `new`: a second plan for a wish
    is what the user wants.
    """

    prompt: str | None = None
    new: bool = False
    resume: bool = False
    step: str | None = None
    research: str | None = None
    plan: str | None = None

    @property
    def goes_on(self) -> bool:
        return bool(self.resume or self.step or self.research or self.plan)


class Chosen(NamedTuple):
    """`start` is the step that is done in any case, None where each step asks for itself."""

    plan: Plan
    start: Step | None = None
    note: str = ""


def choose(plans: Plans, asked: Asked, today: date, age: Callable[[str], int], terminal: Terminal | None) -> Chosen:
    """The plan to work on, made the current one. `age` tells the days since a timestamp, `terminal` is None where
    nobody is to be asked.

    Raises OrchestratorError for what is not there, KeyboardInterrupt for a user who leaves.
    """
    found = _resumed(plans, asked, today, age, terminal) if asked.goes_on else _begun(plans, asked, today, terminal)
    plans.choose(found.plan.name)
    return found


def _begun(plans: Plans, asked: Asked, today: date, terminal: Terminal | None) -> Chosen:
    """The plan for the prompt; without one the current plan, else what the user types on the terminal."""
    prompt = asked.prompt
    if prompt is None:
        current = plans.current()
        if current and not asked.new:
            return Chosen(current)
        prompt = terminal.prompt() if terminal else ""
    if not prompt.strip():
        raise OrchestratorError("there is nothing to plan", fix='Say it: orchestrator plan "WHAT TO BUILD"')
    first = None if asked.new else plans.asking(prompt)
    if first is None:
        return Chosen(plans.start(prompt, today, new=asked.new))
    if first.name.startswith(today.isoformat()):
        return Chosen(first)
    if terminal is None:
        raise OrchestratorError(
            f"there is a plan for this wish: {first.name}",
            where=first.relative(first.folder),
            fix=f"{_going_on(plans, first)}; for a second one give --new",
        )
    answer = terminal.second_plan(first.name)
    if answer == "e":
        raise KeyboardInterrupt
    return Chosen(first if answer == "y" else plans.start(prompt, today, new=True))


def _going_on(plans: Plans, plan: Plan) -> str:
    if plans.current() == plan:
        return "Go on with it by `orchestrator plan` alone"
    return f"Go on with it by `orchestrator plan --plan-path {plan.relative(plan.folder)}`"


def _resumed(plans: Plans, asked: Asked, today: date, age: Callable[[str], int], terminal: Terminal | None) -> Chosen:
    """The plan to go on with and, where it is to be done again, the step to begin at."""
    start = RESUME_STEPS[asked.step] if asked.step else None
    if asked.plan is not None:
        plan = adopt_plan(plans, _file(plans, asked.plan, "plans"), today)
        return Chosen(plan, start or RESUME_STEPS["phase_decomposition"])
    if asked.research is not None:
        plan = adopt_research(plans, _file(plans, asked.research, "research"), today, asked.prompt or "")
        return Chosen(plan, start or RESUME_STEPS["planning"])
    found = _from_checkpoint(plans, age, terminal)
    if found is not None:
        return Chosen(found.plan, start, found.note)
    return _without_checkpoint(plans, asked.step, today, terminal)


def _file(plans: Plans, text: str, kind: str) -> Path:
    path = resolve_file_path(plans, text, kind)
    if path is None:
        raise OrchestratorError(f"no {kind} file is called {text!r}", where=str(plans.base), fix="Give its path")
    return path


def _from_checkpoint(plans: Plans, age: Callable[[str], int], terminal: Terminal | None) -> Chosen | None:
    """The current plan's checkpoint, else the newest there is; whose it is, is always said."""
    left = checkpoints.load_all(plans.root)
    current = plans.current()
    newest = checkpoints.newest(checkpoints.of_plan(left, current.name) if current else []) or checkpoints.newest(left)
    if newest is None:
        return None
    days = age(newest.timestamp)
    if terminal and not terminal.use_checkpoint(newest, days):
        return None
    plan = of_checkpoint(plans, newest)
    return Chosen(plan, note=_named(newest, plan, days)) if plan else None


def _named(checkpoint: Checkpoint, plan: Plan, days: int) -> str:
    return f"going on with the plan {plan.name}: {checkpoint.phase}, {days} days ago"


def _without_checkpoint(plans: Plans, step: str | None, today: date, terminal: Terminal | None) -> Chosen:
    """A file from the menu on a terminal, else the current plan."""
    current = plans.current()
    if terminal is None:
        if current is None:
            raise OrchestratorError("there is no checkpoint to go on from", fix="Give --research-path or --plan-path")
        start = RESUME_STEPS[step] if step else None
        return Chosen(current, start, f"going on with the plan {current.name}; it has no checkpoint")
    kind = "plans" if step == "phase_decomposition" else "research"
    text = terminal.choose_file(kind, lambda days: discover(plans, kind, days, today))
    if text is None:
        raise KeyboardInterrupt
    adopt = adopt_plan if kind == "plans" else adopt_research
    usual = "phase_decomposition" if kind == "plans" else "planning"
    return Chosen(adopt(plans, _file(plans, text, kind), today), RESUME_STEPS[step or usual])

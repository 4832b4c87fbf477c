"""The planning steps of the current plan as doit tasks: `plan:research` to `plan:beads`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from doit.task import Task

from orchestrator.ending import told
from orchestrator.errors import OrchestratorError
from orchestrator.planning.artifacts import save_text
from orchestrator.planning.paths import Plan
from orchestrator.planning.running import checkpoints, outcome, preflight, runner, stamps
from orchestrator.planning.running.context import PlanContext, plans_of
from orchestrator.planning.running.pipeline import STEPS
from orchestrator.planning.running.step import Step
from orchestrator.project import Project
from orchestrator.staleness.state import Standing
from orchestrator.tasks.request import Request
from orchestrator.tasks.work import Held


@dataclass(frozen=True)
class Wanted:
    """What a planning run is told: the ticket for the epic's title, and whether to ask on the terminal."""

    ticket: str = ""
    auto_approve: bool = False


def tasks(request: Request, held: Held, wanted: Wanted) -> Iterator[Task]:
    """A task for each step of the current plan; the group alone when there is no plan."""
    plan = plans_of(request.project).current()
    if plan is None:
        yield _group([], _no_plan)
        return
    context = _Context(request, held, plan, wanted)
    yield _group([f"plan:{step.name}" for step in STEPS], lambda: _finished(context))
    before: list[str] = []
    settled = True
    for step in STEPS:
        settled = settled and runner.freshness(step, context.looking()).up_to_date
        yield _task(step, plan, context, before, settled=settled)
        before = [f"plan:{step.name}"]


class _Context:
    """The context of a run, made when the first step asks for it: it takes the project's lock."""

    def __init__(self, request: Request, held: Held, plan: Plan, wanted: Wanted) -> None:
        self._made: PlanContext | None = None
        self.before: dict[str, Standing] = {}
        self._of = (request, held, plan, wanted)

    def looking(self) -> PlanContext:
        return self._made or looking(self._of[0].project, self._of[2])

    def working(self) -> PlanContext:
        if self._made is None:
            self._made = make(*self._of)
            self.before = outcome.standings(self._made)
        return self._made


class _NoAgent:
    tells_cost = False

    def run(self, request: object, observer: object) -> Any:
        raise AssertionError("a question starts no session")

    def check(self) -> None:
        pass


def make(request: Request, held: Held, plan: Plan, wanted: Wanted, start: Step | None = None) -> PlanContext:
    """The context for a run of steps: it takes the lock, checks the agent, logs sessions.

    Raises OrchestratorError early for what would otherwise fail after a session was paid.
    """
    from orchestrator.agents.factory import create
    from orchestrator.building.start import ignore_runtime_files
    from orchestrator.planning.running import dialogue
    from orchestrator.report.console import Console

    project = request.project
    preflight.of_project(project)
    held.take(request, "plan")
    agent = create(project.config.agent, project.root)
    agent.check()
    ignore_runtime_files(project, project.repository)
    if wanted.ticket:
        save_text(plan.ticket_file, f"{wanted.ticket.strip()}\n")
    approve = wanted.auto_approve or project.config.plan.auto_approve
    made = PlanContext(
        project, plan, agent, Console(request.quiet, request.verbose), dialogue.choose(approve), _logger(project)
    )
    preflight.of_plan(made, start)
    return made


def looking(project: Project, plan: Plan) -> PlanContext:
    """The context for questions such as "is the step up to date?": no lock, no agent."""
    return PlanContext(project, plan, agent=_NoAgent())


def _logger(project: Project) -> Callable[[str, Any, list[str]], None]:
    import dataclasses
    from datetime import datetime

    from orchestrator.harness import sessions

    def log(step: str, result: Any, undone: list[str]) -> None:
        number, now = sessions.next_number(project.root), datetime.now().astimezone()
        told = sessions.of_result(number, now, step, "plan", result)
        sessions.write(project.root, dataclasses.replace(told, guard=undone))

    return log


class _Fresh:
    """doit's question whether a step is up to date, answered by its stamp; its repr is the reason."""

    def __init__(self, step: Step, context: _Context) -> None:
        self._step = step
        self._context = context
        self._reason = ""

    def __call__(self) -> bool:
        try:
            found = runner.idle(self._step, self._context.looking())
        except OrchestratorError as error:
            # The step itself says it as an error of ours.
            self._reason = str(error)
            return False
        self._reason = found.reason
        return found.up_to_date

    def __repr__(self) -> str:
        return self._reason


def _task(step: Step, plan: Plan, context: _Context, before: list[str], *, settled: bool) -> Task:
    """`settled`: no step up to this one has anything to do, so that the files it depends on are there to stay; doit
    ends a run in which a file dependency was renamed.
    """
    # A skipped step has no targets to miss; what counts as made is the stamp's business.
    fresh = runner.freshness(step, context.looking()).up_to_date
    targets = [str(path) for path in step.targets(plan) if not fresh or path.exists()]
    # The feature list is every plan's and every build's: it is not this step's to clean away.
    mine = [path for path in targets if path != str(plan.features)]
    needed = [str(path) for path in step.file_dep(plan) if settled or path not in plan.phase_files()]
    return Task(
        f"plan:{step.name}", [(_run, [step, context])], file_dep=needed, targets=mine, task_dep=before,
        uptodate=[_Fresh(step, context)], subtask_of="plan", clean=[(_clean, [step, plan])], io={"capture": False},
        doc=f"{step.label} of {plan.name}",
    )  # fmt: skip


def _clean(step: Step, plan: Plan, dryrun: bool) -> None:
    """Removes what the step itself made; what it was given, and what a person has edited since, stays."""
    mine = [path for path in stamps.made(step, plan) if path != plan.features]
    last = stamps.notes(step, plan).get("rendered", {})
    mine += [path for path in step.rendered(plan) if stamps.digest(path) == last.get(plan.relative(path), "")]
    for path in step.targets(plan):
        name = plan.relative(path)
        if path in mine:
            sys.stdout.write(f"plan:{step.name} - {'would remove' if dryrun else 'removing'} {name}\n")
            if not dryrun:
                path.unlink()
        elif path.is_file() and path != plan.features:
            sys.stdout.write(f"plan:{step.name} - {name} stays: it was given, or edited by hand\n")
    if mine and not dryrun:
        stamps.forget(step, plan)


def _run(step: Step, context: _Context) -> object:
    with told():
        report = runner.run_step(step, context.working())
        context.working().observer.note(f"{report.step}: {report.note}")
        return True


def _finished(context: _Context) -> bool:
    plan = context.looking().plan
    checkpoints.delete(checkpoints.of_plan(checkpoints.load_all(plan.root), plan.name))
    sys.stdout.write(f"plan {plan.name}: all steps up to date\n")
    for line in outcome.lines(context.looking(), context.before):
        sys.stdout.write(f"{line}\n")
    return True


def _group(names: list[str], action: Callable[[], object]) -> Task:
    return Task(
        "plan", [action], task_dep=names, has_subtask=True, io={"capture": False},
        doc="plan: from a prompt to a feature list (the current plan)",
    )  # fmt: skip


def _no_plan() -> object:
    with told():
        raise OrchestratorError("there is no plan yet", fix="Begin one with `orchestrator plan 'WHAT TO BUILD'`")

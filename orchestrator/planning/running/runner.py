"""Running steps: each only when it has something to do, each failure leaving one checkpoint."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from orchestrator.errors import GitError, OrchestratorError
from orchestrator.planning import keeping
from orchestrator.planning.paths import Plan
from orchestrator.planning.running import checkpoints, rendering, stamps
from orchestrator.planning.running.context import PlanContext
from orchestrator.planning.running.failures import StepFailed, StepInterrupted, StepStopped
from orchestrator.planning.running.pipeline import STEPS
from orchestrator.planning.running.step import Result, Step


@dataclass(frozen=True)
class Report:
    """What became of a step; `note` is what it says of itself, or why it had nothing to do."""

    step: str
    ran: bool
    note: str


def freshness(step: Step, context: PlanContext) -> stamps.Freshness:
    """Whether the step has nothing to do in this project, and why."""
    off = step.off(context)
    return stamps.Freshness(True, f"skipped: {off}") if off else stamps.freshness(step, context.plan)


def idle(step: Step, context: PlanContext) -> stamps.Freshness:
    """Like `freshness`, and nothing has to be rendered either."""
    found = freshness(step, context)
    if not found.up_to_date or step.off(context) or stamps.skipped(step, context.plan):
        return found
    due = rendering.due(step, context.plan, step.texts(context))
    return stamps.Freshness(False, f"{context.plan.relative(due[0])} is to be rendered") if due else found


def run_step(step: Step, context: PlanContext) -> Report:
    """Do the step unless it is up to date; what it renders is made again in any case where it is missing.

    Raises StepFailed (StepStopped, StepInterrupted) after leaving a checkpoint, the only one of this plan.
    """
    found = freshness(step, context)
    try:
        if found.up_to_date:
            return _taken(step, context, found.reason)
        _provide(step, context)
        result, spent = _timed(step, context)
    except KeyboardInterrupt:
        failure: StepFailed = StepInterrupted(f"{step.name}: interrupted")
        _leave_checkpoint(step, context, failure)
        raise failure from None
    except OrchestratorError as error:
        failure = _named(step, error)
        _leave_checkpoint(step, context, failure)
        raise failure from error
    return Report(step.name, True, result.note + spent)


def _timed(step: Step, context: PlanContext) -> tuple[Result, str]:
    """Do the step, said when it begins; what it took, where that is worth a word."""
    started, before = time.monotonic(), len(context.sessions)
    context.observer.note(f"{step.name}: begins")
    result = _done(step, context)
    seconds = round(time.monotonic() - started)
    cost = sum(cost or 0 for _, cost in context.sessions[before:])
    parts = [f"{seconds} s"] * bool(seconds) + [f"{cost:.2f} USD"] * bool(cost)
    return result, f" ({', '.join(parts)})" if parts else ""


def run_plan(context: PlanContext, start: Step | None = None) -> list[Report]:
    """All steps in order; with `start`, that one in any case, and those before it taken as they are.

    At the end no checkpoint of this plan is left. Each step's report is also a note to the observer.
    """
    if start is not None:
        begin_at(start, context.plan)
    reports = []
    for step in STEPS:
        reports.append(run_step(step, context))
        context.observer.note(f"{step.name}: {reports[-1].note}")
    checkpoints.delete(checkpoints.of_plan(checkpoints.load_all(context.root), context.plan.name))
    return reports


def begin_at(start: Step, plan: Plan) -> None:
    """Take the steps before `start` as they are. Raises StepFailed, and changes nothing, without what it needs."""
    require(start, plan)
    for step in STEPS[: STEPS.index(start)]:
        if not stamps.freshness(step, plan).up_to_date:
            stamps.skip(step, plan, f"the run began at {start.name}")
    stamps.begin(start, plan)


def _taken(step: Step, context: PlanContext, reason: str) -> Report:
    if not step.off(context) and not stamps.skipped(step, context.plan):
        stamps.adopt(step, context.plan)
        if made := _tidied(step, context):
            return Report(step.name, True, f"rendered {', '.join(made)}")
    return Report(step.name, False, reason)


def _done(step: Step, context: PlanContext) -> Result:
    plan = context.plan
    require(step, plan)
    if not stamps.is_open(step, plan):
        _keep(step, context)
        stamps.begin(step, plan)
    result = step.act(context)
    if result.skipped:
        stamps.skip(step, plan, result.note)
    if result.skipped or not result.finished:
        return result
    _check_made(step, plan)
    if not stamps.close(step, plan):
        stamps.record(step, plan, result.data)
    _tidied(step, context)
    return result


def _tidied(step: Step, context: PlanContext) -> list[str]:
    step.tidy(context)
    return rendering.rendered(step, context.plan, step.texts(context))


def _keep(step: Step, context: PlanContext) -> None:
    """Keep what a person wrote into the step's files before it writes them again."""
    place = context.project.place
    mine = [path for path in stamps.edited(step, context.plan) if path != context.plan.features]
    if place is None or not mine:
        return
    ref = keeping.ref_for(place, context.plan.name, step.name, context.now())
    keeping.keep_files(place, ref, mine, f"orchestrator: {step.name} of {context.plan.name} as edited by hand")
    for path in mine:
        context.observer.note(
            f"{context.plan.relative(path)} was edited by hand; that text is kept: {keeping.command(place, ref, path)}"
        )


def _provide(step: Step, context: PlanContext) -> None:
    """Do what was once skipped where this step can't do without it."""
    plan = context.plan
    for path in step.needs(plan):
        if not is_there(path):
            for maker in STEPS[: STEPS.index(step)]:
                if path in maker.makes(plan) and stamps.skipped(maker, plan):
                    stamps.forget(maker, plan)
                    run_step(maker, context)


def require(step: Step, plan: Plan) -> None:
    """Raises StepFailed when something is missing without which the step can't be done."""
    for path in step.needs(plan):
        if not is_there(path):
            raise StepFailed(
                f"{step.name}: {plan.relative(path)} is missing",
                fix="Begin at an earlier step, or put it there",
                exit_code=2,
            )


def _check_made(step: Step, plan: Plan) -> None:
    """No step passes that left a target out, whatever its action believed."""
    if missing := step.missing(plan):
        raise StepFailed(f"{missing} was not written")


def is_there(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


def _named(step: Step, error: OrchestratorError) -> StepFailed:
    """The failure with the step's name before it."""
    if isinstance(error, StepFailed):
        failure = error
    else:
        failure = StepFailed(error.what, where=error.where, fix=error.fix, exit_code=max(1, error.exit_code))
    if not failure.what.startswith(f"{step.name}: "):
        failure.what = f"{step.name}: {failure.what}"
    return failure


def _leave_checkpoint(step: Step, context: PlanContext, failure: StepFailed) -> None:
    plan = context.plan
    made = [path for each in STEPS for path in each.targets(plan) if path.is_file() and path != plan.features]
    checkpoints.write(
        context.root,
        f"{step.label}-{'stopped' if isinstance(failure, StepStopped) else 'failed'}",
        plan=plan.name,
        artifacts=dict.fromkeys(made),
        errors=[str(failure)],
        git_commit=_head(context),
        now=context.now(),
    )


def _head(context: PlanContext) -> str:
    place = context.project.place
    if place is None:
        return ""
    try:
        return place.git.text("rev-parse", "--verify", "-q", "HEAD")
    except GitError:
        return ""

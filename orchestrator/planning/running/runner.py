"""Running steps: each only when it has something to do, each failure leaving one checkpoint."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from orchestrator.errors import GitError, OrchestratorError
from orchestrator.planning.paths import Plan, Plans, slug
from orchestrator.planning.running import checkpoints, stamps
from orchestrator.planning.running.checkpoints import Checkpoint
from orchestrator.planning.running.context import PlanContext
from orchestrator.planning.running.failures import StepFailed, StepInterrupted, StepStopped
from orchestrator.planning.running.pipeline import STEPS
from orchestrator.planning.running.step import Step
from orchestrator.planning.steps.plan import PLAN
from orchestrator.planning.steps.research import RESEARCH


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


def run_step(step: Step, context: PlanContext) -> Report:
    """Do the step unless it is up to date.

    Raises StepFailed (StepStopped, StepInterrupted) after leaving a checkpoint, the only one of this plan.
    """
    found = freshness(step, context)
    if found.up_to_date:
        return Report(step.name, False, found.reason)
    plan = context.plan
    stamps.forget(step, plan)
    try:
        _require(step, plan)
        result = step.act(context)
        if not result.finished or result.skipped:
            if result.skipped:
                stamps.skip(step, plan, result.note)
            return Report(step.name, True, result.note)
        _check_made(step, plan)
    except KeyboardInterrupt:
        failure: StepFailed = StepInterrupted(f"{step.name}: interrupted")
        _leave_checkpoint(step, context, failure)
        raise failure from None
    except OrchestratorError as error:
        failure = _named(step, error)
        if isinstance(failure, StepStopped) and failure.done:
            stamps.record(step, plan)
        _leave_checkpoint(step, context, failure)
        raise failure from error
    stamps.record(step, plan)
    return Report(step.name, True, result.note)


def run_plan(context: PlanContext, start: Step | None = None) -> list[Report]:
    """All steps in order; with `start`, that one in any case, and those before it taken as they are.

    At the end no checkpoint of this plan is left. Each step's report is also a note to the observer.
    """
    if start is not None:
        _begin_at(start, context.plan)
    reports = []
    for step in STEPS:
        reports.append(run_step(step, context))
        context.observer.note(f"{step.name}: {reports[-1].note}")
    checkpoints.delete(checkpoints.of_plan(checkpoints.load_all(context.root), context.plan.name))
    return reports


def adopt_research(plans: Plans, path: Path, today: date, prompt: str = "") -> Plan:
    """The plan that goes on from a research file; one from elsewhere is copied to where research belongs."""
    plan = _plan_of(plans, path, plans.base / "research", path.stem, today)
    if prompt and not plan.prompt.exists():
        plan.prompt.write_text(prompt.strip() + "\n", encoding="utf-8", newline="\n")
    _adopt(plans, plan, path, plan.research, [RESEARCH])
    return plan


def adopt_plan(plans: Plans, path: Path, today: date) -> Plan:
    """The plan of a plan file; one from elsewhere is copied into a folder of its own."""
    inside = path.resolve().parent.parent == (plans.base / "plans").resolve()
    name = path.resolve().parent.name if inside else path.stem
    plan = _plan_of(plans, path, path.parent if inside else plans.base, name, today)
    _adopt(plans, plan, path, plan.plan, STEPS[: STEPS.index(PLAN) + 1])
    return plan


def of_checkpoint(plans: Plans, checkpoint: Checkpoint) -> Plan | None:
    """The plan of a checkpoint, for one of the original that of its research file; None when it is gone."""
    stems = [Path(artifact).stem for artifact in checkpoint.artifacts if Path(artifact).parent.name == "research"]
    for name in (checkpoint.plan, *stems):
        if name and (plans.plan(name).folder.is_dir() or plans.plan(name).research.is_file()):
            return plans.plan(name)
    return None


def _begin_at(start: Step, plan: Plan) -> None:
    for step in STEPS[: STEPS.index(start)]:
        if not stamps.freshness(step, plan).up_to_date:
            stamps.skip(step, plan, f"the run began at {start.name}")
    stamps.forget(start, plan)


def _require(step: Step, plan: Plan) -> None:
    for path in step.needs(plan):
        if not path.is_file() or not path.stat().st_size:
            raise StepFailed(f"{plan.relative(path)} is missing", fix="Begin at an earlier step, or put it there")


def _check_made(step: Step, plan: Plan) -> None:
    """No step passes that left a target out, whatever its action believed."""
    for path in step.makes(plan):
        if not path.is_file() or not path.stat().st_size:
            raise StepFailed(f"{plan.relative(path)} was not written")


def _named(step: Step, error: OrchestratorError) -> StepFailed:
    """The failure with the step's name before it."""
    if isinstance(error, StepFailed):
        failure = error
    else:
        failure = StepFailed(error.what, where=error.where, fix=error.fix, exit_code=max(1, error.exit_code))
    failure.what = f"{step.name}: {failure.what}"
    return failure


def _leave_checkpoint(step: Step, context: PlanContext, failure: StepFailed) -> None:
    plan = context.plan
    made = [path for each in STEPS for path in each.makes(plan) if path.is_file() and path != plan.features]
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


def _plan_of(plans: Plans, path: Path, home: Path, name: str, today: date) -> Plan:
    if path.resolve().parent == home.resolve() and name[:10].count("-") == 2 and name[:4].isdigit():
        plan = plans.plan(name)
    else:
        plan = plans.plan(f"{today.isoformat()}-{slug(path.stem)}")
    plan.folder.mkdir(parents=True, exist_ok=True)
    return plan


def _adopt(plans: Plans, plan: Plan, path: Path, target: Path, done: Sequence[Step]) -> None:
    if path.resolve() != target.resolve():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    plans.choose(plan.name)
    for step in done:
        if not stamps.freshness(step, plan).up_to_date:
            stamps.skip(step, plan, f"{path.name} was given")

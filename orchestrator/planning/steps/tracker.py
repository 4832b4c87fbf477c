"""The phases as issues in beads."""

from __future__ import annotations

from orchestrator.planning import backlog
from orchestrator.planning.artifacts import read_phases
from orchestrator.planning.running.context import PlanContext
from orchestrator.planning.running.step import Result, Step
from orchestrator.planning.tracking import bd, beads
from orchestrator.planning.tracking.beads import Tracked


def track(context: PlanContext) -> Result:
    """A bd that fails is no failure of the plan: the next run goes on with it."""
    plan = context.plan
    found = [Tracked(plan.relative(path), phase) for path, phase in read_phases(plan)]
    done = [id for id, feature in backlog.known_features(context).items() if feature.passes]
    title = f"Plan: {plan.ticket or plan.name}"
    epic = beads.load(plan)["epic"]
    client = context.tracker()
    try:
        taken = beads.owned(context.plans, plan.name)
        made = beads.track(client, plan, found, epic["title"] if epic else title, taken)
        beads.annotate(plan, found, done)
        client.sync()
    except bd.BeadsError as error:
        return Result(f"{error}; what is made is kept, the next run goes on", finished=False)
    return Result(f"{made} issues made")


def annotate(context: PlanContext) -> None:
    """The numbers of the issues in an overview that was rendered anew."""
    plan = context.plan
    known = beads.load(plan)
    found = [Tracked(plan.relative(path), phase) for path, phase in read_phases(plan)]
    if known["epic"] and all(item.phase.id in known["issues"] for item in found) and plan.overview.is_file():
        beads.annotate(plan, found, [item.phase.id for item in found])


def off(context: PlanContext) -> str:
    """Why no issues are made, "" when they are."""
    if context.config.plan.tracker == "none":
        return 'the tracker is off ([plan] tracker = "none")'
    client = context.tracker()
    return bd.missing(context.root, client.program)


BEADS = Step(
    "beads",
    "beads",
    reads=lambda plan: plan.phase_files(),
    makes=lambda plan: [plan.beads],
    act=track,
    needs=lambda plan: [],
    off=off,
    tidy=annotate,
)

"""The phases as features of the list."""

from __future__ import annotations

from orchestrator.files import lock, write_atomic
from orchestrator.planning import backlog
from orchestrator.planning.artifacts import read_phases
from orchestrator.planning.phases import entries
from orchestrator.planning.phases.checks import as_command
from orchestrator.planning.phases.entries import Merged, Wanted
from orchestrator.planning.running import stamps
from orchestrator.planning.running.context import PlanContext
from orchestrator.planning.running.failures import StepFailed
from orchestrator.planning.running.step import Result, Step
from orchestrator.planning.steps.phases import give_ids


def features(context: PlanContext) -> Result:
    """The phases in feature_list.json. A phase file without an id is given one first."""
    plan = context.plan
    give_ids(context)
    found = [
        Wanted(plan.relative(path), phase, as_command(phase.check, context.root), plan.ticket)
        for path, phase in read_phases(plan)
    ]
    if not found:
        raise StepFailed("there is no phase file", where=plan.relative(plan.folder))
    given = stamps.notes(FEATURES, plan).get("given", {})
    with lock(context.project.list_lock, purpose="the feature list"):
        before = backlog.feature_data(plan)
        folder, name = plan.relative(plan.folder), plan.relative(plan.features)
        merged = entries.merge(before, found, given, folder, name, context.project.rules)
        if merged.data != before:
            write_atomic(plan.features, merged.data)
    for line in merged.said:
        context.observer.note(line)
    return Result(_summary(merged), data={"given": merged.given})


def _summary(merged: Merged) -> str:
    counts = {"updated": merged.updated, "dropped": merged.dropped, "taken up again": merged.revived}
    return ", ".join([
        f"{len(merged.added)} features added",
        *(f"{len(ids)} {word}" for word, ids in counts.items() if ids or word == "updated"),
    ])  # fmt: skip


FEATURES = Step(
    "features",
    "features",
    reads=lambda plan: [*plan.phase_files(), plan.ticket_file],
    makes=lambda plan: [plan.features],
    act=features,
    needs=lambda plan: [],
)

"""The phases as features of the list."""

from __future__ import annotations

from orchestrator.files import lock, write_atomic
from orchestrator.planning import backlog
from orchestrator.planning.artifacts import read_phases, read_text
from orchestrator.planning.phases import entries, phase_file
from orchestrator.planning.running.context import PlanContext
from orchestrator.planning.running.failures import StepFailed
from orchestrator.planning.running.step import Result, Step


def features(context: PlanContext) -> Result:
    """The phases in feature_list.json. A phase file without an id is given one first."""
    plan = context.plan
    _give_ids(context)
    found = [(plan.relative(path), phase) for path, phase in read_phases(plan)]
    if not found:
        raise StepFailed("there is no phase file", where=plan.relative(plan.folder))
    with lock(context.project.list_lock, purpose="the feature list"):
        before = backlog.feature_data(plan)
        merged = entries.merge(before or entries.EMPTY, found, plan.relative(plan.folder), plan.relative(plan.features))
        if merged.data != before:
            write_atomic(plan.features, merged.data)
    return Result(f"{len(merged.added)} features added, {len(merged.updated)} updated")


def _give_ids(context: PlanContext) -> None:
    plan = context.plan
    nameless = [(path, phase) for path, phase in read_phases(plan) if not phase.id]
    numbers = [phase.number for _, phase in nameless]
    for (path, _), id in zip(nameless, backlog.new_ids(plan.slug, numbers, backlog.taken(context)), strict=True):
        write_atomic(path, phase_file.with_id(read_text(plan, path), id).encode("utf-8"))


FEATURES = Step(
    "features",
    "features",
    reads=lambda plan: plan.phase_files(),
    makes=lambda plan: [plan.features],
    act=features,
    needs=lambda plan: [],
)

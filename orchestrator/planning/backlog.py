"""The feature list as planning sees it: which features and ids there are, and ids for new ones."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from orchestrator.features import model
from orchestrator.planning.artifacts import read_text
from orchestrator.planning.paths import Plan
from orchestrator.planning.phases import phase_file
from orchestrator.planning.running.context import PlanContext


def new_ids(stem: str, numbers: Sequence[int], taken: Collection[str]) -> list[str]:
    """An id `STEM-NN` for each phase number that none of `taken` has; a number more where it is taken."""
    if stem.startswith("qa-"):
        stem = f"plan-{stem}"  # an id that starts with qa- would make it a QA feature
    used = set(taken)
    found = []
    for number in numbers:
        id = wanted = f"{stem}-{number:02}"
        again = 1
        while id in used:
            again += 1
            id = f"{wanted}-{again}"
        used.add(id)
        found.append(id)
    return found


def taken(context: PlanContext) -> set[str]:
    """Ids that are in use, by features or by phases of any plan."""
    used = set(known_features(context))
    for name in context.plans.names():
        plan = context.plans.plan(name)
        used |= {phase_file.id_of(read_text(plan, path)) for path in plan.phase_files()}
    return used - {""}


def feature_data(plan: Plan) -> bytes | None:
    """The bytes of the feature list; None when there is none."""
    try:
        return plan.features.read_bytes()
    except FileNotFoundError:
        return None


def known_features(context: PlanContext) -> dict[str, model.Feature]:
    """The features there are, by id. Raises OrchestratorError for a list that can't be read."""
    data = feature_data(context.plan)
    return dict(context.project.features(data).by_id) if data else {}

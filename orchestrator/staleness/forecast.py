"""What a build would do, in order: the same answer makes the tasks of a run and the lines of `--dry-run`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from orchestrator.features.graph import topological
from orchestrator.features.model import Feature
from orchestrator.staleness.state import Facts, Standing, State, overtaken, states


@dataclass(frozen=True)
class Step:
    """One thing to do: an agent session, or the verification alone."""

    feature: Feature
    agent: bool
    reason: str


def forecast(facts: Facts, now: Mapping[str, Standing] | None = None, *, skip_review: bool = False) -> list[Step]:
    """The steps that are left if every session succeeds and every check passes, dependencies first, then by
    priority, then in the order of the list.
    """
    standings = states(facts) if now is None else now
    if all(standing.state in (State.DONE, State.BLOCKED) for standing in standings.values()):
        return []
    steps: list[Step] = []
    met: dict[str, bool] = {}
    redone: dict[str, str] = {}  # by an agent in this run -> the check that passed then
    for id in topological(facts.features.features):
        standing = standings[id]
        met[id] = standing.met
        if standing.state is State.BLOCKED:
            continue
        if skip_review and standing.feature.needs_review and not standing.met:
            continue
        if not standing.met:
            met[id] = all(met.get(dependency, False) for dependency in standing.feature.dependencies)
            if met[id]:
                redone[id] = facts.checks.get(id, "")
                steps.append(Step(standing.feature, True, _why_agent(standing)))
            continue
        reason = _check_reason(standing.feature, facts, redone)
        if reason:
            steps.append(Step(standing.feature, False, reason))
    return steps


def _why_agent(standing: Standing) -> str:
    return f"after {standing.reason.split(' ')[0]}" if standing.state is State.WAITING else standing.reason


def _check_reason(feature: Feature, facts: Facts, redone: Mapping[str, str]) -> str:
    """Why the feature, which passes, has to be checked once all before it is built; "" when it need not."""
    completion = facts.ledger.completion(feature.id)
    if completion is None:
        return ""
    check = facts.checks.get(feature.id, "")
    for id in feature.dependencies:
        if id in redone and not (check and check == redone[id]):
            return f"{id} is built before it"
    return overtaken(feature, completion, facts, redone)

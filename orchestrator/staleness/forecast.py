"""What a build would do, in order: the same answer makes the tasks of a run and the lines of `--dry-run`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from orchestrator.features.graph import Node
from orchestrator.features.model import Feature
from orchestrator.features.selection import next_feature, turns
from orchestrator.staleness.state import Facts, Standing, State, overtaken, states

_BUILT = frozenset({State.TODO, State.CHANGED, State.WAITING})  # by an agent, once nothing is missing
_NOTHING, _CHECK, _SESSION = range(3)


@dataclass(frozen=True)
class Step:
    """One thing to do: an agent session, or the verification alone."""

    feature: Feature
    agent: bool
    reason: str


def forecast(facts: Facts, now: Mapping[str, Standing] | None = None, *, skip_review: bool = False) -> list[Step]:
    """The steps of a build in which every session succeeds and every check passes. A check comes as soon as nothing of
    its dependencies is left to build; sessions come in the order of `upcoming`.
    """
    standings = states(facts) if now is None else now
    if not any(standing.state in _BUILT or standing.state is State.STALE for standing in standings.values()):
        return []
    look = _Look(facts, standings, skip_review)
    features = facts.features.features
    nodes: list[Node] = [*features, *(_Quiet(feature.id, feature.dependencies) for feature in features)]
    return [step for id in turns(nodes, look.waits_for, look.cost) if (step := look.taken(id))]


def upcoming(standings: Mapping[str, Standing], *, skip_review: bool = False) -> Standing | None:
    """The feature that a build would give to an agent next; None when nothing is ready."""
    chosen = next_feature(
        [standing.feature for standing in standings.values()],
        passing={id for id, standing in standings.items() if standing.met},
        exclude={id for id, standing in standings.items() if standing.state not in _BUILT},
        skip_review=skip_review,
    )
    return standings[chosen.id] if chosen else None


_BELOW = "\0"


class _Quiet:
    """A point in the walk: neither the feature nor anything below it has a turn to come."""

    priority = 0.0

    def __init__(self, feature: str, dependencies: Sequence[str]) -> None:
        self.feature, self.id = feature, _BELOW + feature
        self.dependencies = tuple(_BELOW + id for id in dependencies)


class _Look:
    """The state of the walk. `met`: features whose dependants may be built. `redone`: id of each feature that an agent
    builds in this run -> the check that passed then.
    """

    def __init__(self, facts: Facts, standings: Mapping[str, Standing], skip_review: bool) -> None:
        self.facts, self.standings, self.skip_review = facts, standings, skip_review
        self.met = {id for id, standing in standings.items() if standing.met}
        self.redone: dict[str, str] = {}
        self.steps: dict[str, Step] = {}

    def waits_for(self, node: Node) -> Iterable[str]:
        """What has to come first. Before a session: the dependencies that are not met yet. Before a check: all that is
        below, for each may be built again.
        """
        if isinstance(node, _Quiet):
            return (node.feature, *node.dependencies)
        if node.id in self.met:
            return [_BELOW + id for id in node.dependencies]
        return [id for id in node.dependencies if id not in self.met]

    def cost(self, node: Node) -> int:
        if isinstance(node, _Quiet):
            return _NOTHING
        step = self._step(self.standings[node.id])
        if step is None:
            return _NOTHING
        self.steps[node.id] = step
        return _SESSION if step.agent else _CHECK

    def taken(self, id: str) -> Step | None:
        """The step of the feature whose turn has come."""
        step = self.steps.get(id)
        if step is not None and step.agent:
            self.met.add(id)
            self.redone[id] = self.facts.checks.get(id, "")
        return step

    def _step(self, standing: Standing) -> Step | None:
        feature = standing.feature
        if standing.met:
            reason = "" if standing.state is State.BLOCKED else self._check_reason(feature)
            return Step(feature, False, reason) if reason else None
        skipped = self.skip_review and feature.needs_review
        if standing.state not in _BUILT or skipped or not self.met.issuperset(feature.dependencies):
            return None
        waited = standing.state is State.WAITING
        return Step(feature, True, f"after {standing.waits_for[0]}" if waited else standing.reason)

    def _check_reason(self, feature: Feature) -> str:
        return overtaken(feature, self.facts.ledger.completion(feature.id), self.facts, self.redone)

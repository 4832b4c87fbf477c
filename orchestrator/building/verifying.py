"""Features' checks, run without building anything: what passes in the work tree as it is."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

from orchestrator import files
from orchestrator.building import verification
from orchestrator.building.verification import Verdict
from orchestrator.errors import Locked, OrchestratorError
from orchestrator.features.model import Feature
from orchestrator.git import commits
from orchestrator.project import Project
from orchestrator.staleness import checks, facts
from orchestrator.staleness.state import Facts, Standing, State, states


class Check(NamedTuple):
    """A command, "" for none, and the features that it checks."""

    command: str
    features: tuple[Feature, ...]


class Plan(NamedTuple):
    """The checks to run, in the order of the list, and the features that pass but are no longer as completed."""

    facts: Facts
    standings: Mapping[str, Standing]
    checks: tuple[Check, ...]
    changed: tuple[str, ...]


def plan(project: Project, ids: Collection[str], since: str | None) -> Plan:
    """The checks of these features; of all done ones, or those completed since a commit, where none is named.

    Raises OrchestratorError for an unknown feature or commit.
    """
    now = facts.load(project)
    standings = states(now)
    named = [now.features.get(id).id for id in ids]
    new = None if since is None else _completed_since(project, now, since)
    passing = [s for s in standings.values() if s.passes and (new is None or s.feature.id in new)]
    done = [s.feature.id for s in passing if s.state in (State.DONE, State.STALE)]
    changed = () if named else tuple(s.feature.id for s in passing if s.state is State.CHANGED)
    return Plan(now, standings, tuple(_grouped(project, now, dict.fromkeys(named or done))), changed)


def _completed_since(project: Project, now: Facts, rev: str) -> set[str]:
    place = project.repository
    sha = commits.resolve(place, rev)
    if sha is None:
        fix = "In a clone that lacks it, run `git fetch --unshallow` first"
        raise OrchestratorError(f"there is no commit {rev!r}", where="--since", fix=fix)
    new = set(place.git.text("rev-list", place.head, f"^{sha}", "--").split()) if place.head else set()
    newest = {id: now.ledger.completion(id) for id in now.features.by_id}
    return {id for id, completion in newest.items() if completion and completion.sha in new}


def _grouped(project: Project, now: Facts, ids: Collection[str]) -> Iterator[Check]:
    """Each command once, with all features that share it."""
    default = checks.resolve(project.config.verify.command, project.root)
    by_command: dict[str, list[Feature]] = {}
    for feature in now.features.features:
        if feature.id in ids:
            by_command.setdefault(checks.command_for(feature, default), []).append(feature)
    return (Check(command, tuple(found)) for command, found in by_command.items())


def run(project: Project, check: Check) -> Verdict:
    """Run a check. Ctrl+C ends it and is raised."""
    return verification.run(check.command, project.root, project.config.verify.timeout)


def remember(project: Project, plan: Plan, passed: Sequence[Feature]) -> list[str]:
    """Keep in this clone that stale features' checks passed, as a build does; their ids."""
    stale = [feature for feature in passed if plan.standings[feature.id].state is State.STALE]
    for feature in stale:
        facts.remember_verified(project, plan.facts, feature)
    return [feature.id for feature in stale]


@contextmanager
def alone(project: Project) -> Iterator[bool]:
    """Whether nothing is built here while the block runs: what a half-made tree passes is not to be remembered."""
    with ExitStack() as stack:
        free = True
        try:
            stack.enter_context(files.lock(project.work_lock, timeout=0, purpose="run the checks"))
        except Locked:
            free = False
        yield free

"""The state of every feature and why (docs/contract.md, section 5): one pure function for build, status and why."""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from orchestrator.features.graph import topological
from orchestrator.features.model import Feature, FeatureList
from orchestrator.history.flips import by_hand, passes
from orchestrator.history.ledger import Completion, Ledger
from orchestrator.staleness.source import Source


class State(enum.Enum):
    DONE = "done"  # passes, definition as completed, not stale
    TODO = "todo"  # does not pass, dependencies done
    CHANGED = "changed"  # passes, but its definition is no longer the completed one
    STALE = "stale"  # passes and unchanged, but something it depends on is newer
    WAITING = "waiting"  # does not pass, a dependency is not done
    BLOCKED = "blocked"  # set aside until a person unblocks it
    DROPPED = "dropped"  # the list says in its own word that it is not to be built


class Facts(NamedTuple):
    """All that the states depend on. Digests: `now` of the definitions as they are, `completed` as they were
    completed, `checks` of the check commands ("" where there is none); `verified` maps a stale feature to the
    fingerprint of what its check last passed on; `forgotten` are to be redone (`doit forget`). `sources` names all
    that this was read from: while it stays the same, so do the facts.
    """

    features: FeatureList
    ledger: Ledger = Ledger()
    now: Mapping[str, str] = {}
    completed: Mapping[str, str] = {}
    checks: Mapping[str, str] = {}
    verified: Mapping[str, str] = {}
    forgotten: Collection[str] = ()
    sources: Sequence[Source] = ()


class Standing(NamedTuple):
    """Where a feature stands: its state, the reason in words, the commit that completed it ("" if none),
    and whether its dependencies are met, so that an agent may work on it. `unseen` says that it was completed before a
    shallow history begins, so that nothing tells what its definition was then.
    """

    feature: Feature
    state: State
    reason: str
    passes: bool
    commit: str = ""
    ready: bool = True
    unseen: bool = False

    @property
    def waits_for(self) -> tuple[str, str]:
        """Of a waiting feature: the dependency that it waits for, and what that one is."""
        id, _, what = self.reason.rpartition(" is ")
        return id, what

    @property
    def met(self) -> bool:
        """Whether what depends on it may be built."""
        return self.passes and self.state in (State.DONE, State.STALE, State.BLOCKED)


def states(facts: Facts) -> dict[str, Standing]:
    """The standing of every feature, in the order of the list."""
    found: dict[str, Standing] = {}
    for id in topological(facts.features.features):
        found[id] = _standing(facts.features.by_id[id], facts, found)
    return {feature.id: found[feature.id] for feature in facts.features.features}


def _standing(feature: Feature, facts: Facts, known: Mapping[str, Standing]) -> Standing:
    done = passes(feature, facts.ledger)
    completion = facts.ledger.completion(feature.id)
    commit = completion.sha if completion else ""
    missing = _missing(feature, known)
    cut = facts.ledger.shallow and facts.ledger.history is not None
    unseen = done and cut and not commit and feature.id not in facts.completed

    def standing(state: State, reason: str) -> Standing:
        return Standing(feature, state, reason, done, commit, not missing, unseen)

    if feature.dropped:
        return standing(State.DROPPED, f'the list says "{feature.dropped}"')
    if feature.blocked:
        return standing(State.BLOCKED, _why_blocked(feature))
    if done and feature.id in facts.forgotten:
        return standing(State.TODO if not missing else State.WAITING, missing or "to be redone (forgotten)")
    if not done:
        return standing(State.WAITING, missing) if missing else standing(State.TODO, _why_not_done(feature, facts))
    if changed(feature, facts):
        return standing(State.CHANGED, f"its definition is not the one completed by {commit[:10] or 'an older commit'}")
    stale = _stale(feature, completion, facts, known)
    if stale:
        return standing(State.STALE, stale)
    return standing(State.DONE, f"completed by {commit[:10]}" if commit else "marked as passing in the list")


def _missing(feature: Feature, known: Mapping[str, Standing]) -> str:
    for id in feature.dependencies:
        dependency = known.get(id)
        if dependency is None:
            return f"{id} is not in the list"
        if not dependency.met:
            return f"{id} is {dependency.state.value}"
    return ""


def _why_blocked(feature: Feature) -> str:
    reasons = (feature.data.get(key) for key in ("blocked_reason", "block_reason", "blocker"))
    return next((reason for reason in reasons if isinstance(reason, str) and reason), "blocked in the list")


def _why_not_done(feature: Feature, facts: Facts) -> str:
    if by_hand(feature, facts.ledger):
        return "set by hand, not committed"
    sha, how = facts.ledger.cancelled.get(feature.id, ("", ""))
    return f"{how} by {sha[:10]}" if sha else "not completed yet"


def changed(feature: Feature, facts: Facts) -> bool:
    """Whether the definition differs from the completed one. False if the completed one is not known."""
    then = facts.completed.get(feature.id, "")
    return bool(then) and facts.now.get(feature.id, then) != then


def _stale(feature: Feature, completion: Completion | None, facts: Facts, known: Mapping[str, Standing]) -> str:
    for id in feature.dependencies:
        dependency = known.get(id)
        if dependency and dependency.state in (State.CHANGED, State.STALE):
            return f"{id} is {dependency.state.value}"
    return overtaken(feature, completion, facts)


def overtaken(feature: Feature, completion: Completion | None, facts: Facts, redone: Mapping[str, str] = {}) -> str:
    """Which dependency was or will be completed after the feature, so that its check has to run again; "" for none.

    `redone`: id -> check, of features that this run completes again before the feature's turn comes.
    """
    if completion is None:
        return ""
    check = facts.checks.get(feature.id, "")
    again = [id for id in feature.dependencies if id in redone]
    for id in again:
        if not _vouched(check, (redone[id],)):
            return f"{id} is built before it"
    known = facts.verified.get(feature.id)
    if known and not again and known == fingerprint(feature, facts):
        return ""  # the check passed on these very completions
    for id in feature.dependencies:
        newer = facts.ledger.completion(id)
        if id in again or newer is None or not facts.ledger.follows(newer, completion):
            continue
        if not _vouched(check, newer.verified):
            return f"{id} was completed after it, by {newer.sha[:10]}"
    return ""


def _vouched(check: str, verified: Collection[str]) -> bool:
    """Whether the dependency's completion has a `Verified` trailer of this very check: it passed with the feature in
    place.
    """
    return bool(check) and check in verified


def fingerprint(feature: Feature, facts: Facts) -> str:
    """A digest over all that a passed check depends on: the feature's completion, its check, its definition, and its
    dependencies' completions.
    """
    own = facts.ledger.completion(feature.id)
    parts = [
        feature.id,
        own.sha if own else "",
        facts.checks.get(feature.id, ""),
        facts.now.get(feature.id, ""),
    ]
    for id in sorted(feature.dependencies):
        other = facts.ledger.completion(id)
        parts += [id, other.sha if other else ""]
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:40]

"""The states of docs/contract.md, section 5, against a judge written from its text; the forecast against what runs."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from orchestrator.features import model
from orchestrator.features.model import FeatureList
from orchestrator.features.selection import next_feature
from orchestrator.history.ancestry import Ancestry
from orchestrator.history.ledger import Completion, Ledger
from orchestrator.staleness.forecast import forecast, upcoming
from orchestrator.staleness.state import Facts, State, fingerprint, states

THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"


def features(*items: dict[str, Any]) -> FeatureList:
    return model.parse(json.dumps({"features": [{"name": "n", "description": "d", **item} for item in items]}).encode())


@dataclass
class History:
    """A fake history: completions in order, each with the ones before it."""

    parents: list[list[int]] = field(default_factory=list)
    done: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)

    def add(self, id: str, *verified: str, after: list[int] | None = None) -> None:
        last = [len(self.done) - 1] if self.done else []
        self.parents.append(last if after is None else after)
        self.done.append((id, verified))

    def ledger(self) -> Ledger:
        standing: dict[str, tuple[Completion, ...]] = {}
        for order, (id, verified) in enumerate(self.done):
            made = Completion(f"{order:040x}", order, order, "", verified)
            standing[id] = (*standing.get(id, ()), made)
        return Ledger("head", False, standing, ancestry=Ancestry(self.parents))

    def before(self, at: int) -> set[int]:
        """The proper ancestors of a completion, by straight recursion."""
        return set().union(*({parent} | self.before(parent) for parent in self.parents[at]))


def completed(*ids: str, verified: tuple[str, ...] = ()) -> Ledger:
    history = History()
    for id in ids:
        history.add(id, *verified)
    return history.ledger()


def table(facts: Facts) -> dict[str, tuple[str, str]]:
    return {id: (standing.state.value, standing.reason) for id, standing in states(facts).items()}


F1, F2 = {"id": "F1"}, {"id": "F2", "dependencies": ["F1"]}


def test_a_feature_without_completion_is_todo_and_its_dependants_wait() -> None:
    assert table(Facts(features(F1, F2))) == {"F1": ("todo", "not completed yet"), "F2": ("waiting", "F1 is todo")}


def test_a_feature_is_done_by_a_commit_or_by_the_lists_own_word() -> None:
    facts = Facts(features(F1, F2, {"id": "F3", "passes": True}), completed("F1", "F2"))
    assert table(facts) == {
        "F1": ("done", f"completed by {0:010x}"[:23]),
        "F2": ("done", "completed by 0000000000"),
        "F3": ("done", "marked as passing in the list"),
    }


def test_a_mark_of_the_history_falls_with_its_completion() -> None:
    marked = {"id": "F1", "passes": True, "passes_from": "history"}
    ledger = completed("F2")._replace(cancelled={"F1": ("abcdef0123456789", "reverted")})
    assert table(Facts(features(marked), ledger)) == {"F1": ("todo", "reverted by abcdef0123")}
    assert table(Facts(features({"id": "F1", "passes": True}), ledger))["F1"][0] == "done"


def test_a_shallow_history_that_cannot_tell_leaves_the_lists_word() -> None:
    marked = {"id": "F1", "passes": True, "passes_from": "history"}
    assert table(Facts(features(marked), Ledger(shallow=True)))["F1"][0] == "done"
    doubtful = completed("F1")._replace(shallow=True, doubtful=frozenset({"F1"}))
    assert table(Facts(features({"id": "F1"}), doubtful))["F1"][0] == "todo"
    assert table(Facts(features(marked), doubtful))["F1"][0] == "done"


def test_another_definition_makes_it_changed_and_what_passed_on_it_stale() -> None:
    facts = Facts(features(F1, F2), completed("F1", "F2"), {"F1": "new", "F2": "b"}, {"F1": "old", "F2": "b"})
    assert table(facts) == {
        "F1": ("changed", "its definition is not the one completed by 0000000000"),
        "F2": ("stale", "F1 is changed"),
    }


def test_what_waits_for_a_changed_feature_waits() -> None:
    facts = Facts(features(F1, F2), completed("F1"), {"F1": "new"}, {"F1": "old"})
    assert table(facts)["F2"] == ("waiting", "F1 is changed")


def test_a_dependency_completed_later_makes_it_stale_unless_its_own_check_passed_then() -> None:
    facts = Facts(features(F1, F2), completed("F2", "F1"), checks={"F1": "c", "F2": "c"})
    assert table(facts)["F2"] == ("stale", "F1 was completed after it, by 0000000000")
    assert table(facts._replace(ledger=completed("F2", "F1", verified=("c",))))["F2"][0] == "done"
    assert table(facts._replace(ledger=completed("F2", "F1", verified=("x",))))["F2"][0] == "stale"
    assert table(facts._replace(ledger=completed("F2", "F1", verified=("",)), checks={}))["F2"][0] == "stale"


def test_staleness_goes_on_to_the_dependants_of_dependants() -> None:
    f3 = {"id": "F3", "dependencies": ["F2"]}
    found = table(Facts(features(f3, F2, F1), completed("F3", "F2", "F1")))
    assert {id: state for id, (state, _) in found.items()} == {"F3": "stale", "F2": "stale", "F1": "done"}


def test_a_check_that_passed_is_remembered_until_anything_it_vouched_for_changes() -> None:
    facts = Facts(features(F1, F2), completed("F2", "F1"), {"F2": "d"}, {"F2": "d"}, {"F2": "c"})
    facts = facts._replace(verified={"F2": fingerprint(facts.features.by_id["F2"], facts)})
    assert table(facts)["F2"][0] == "done"
    for later in (
        facts._replace(ledger=completed("F2", "F1", "F1")),
        facts._replace(checks={"F2": "other"}),
        facts._replace(now={"F2": "e"}, completed={"F2": "e"}),
        facts._replace(ledger=completed("F2", "F2", "F1")),
    ):
        assert table(later)["F2"][0] == "stale"


def test_blocked_says_so_with_its_reason_and_what_depends_on_it_waits() -> None:
    blocked = {"id": "F1", "blocked": True, "blocked_reason": "no key"}
    assert table(Facts(features(blocked, F2))) == {"F1": ("blocked", "no key"), "F2": ("waiting", "F1 is blocked")}
    assert table(Facts(features({**blocked, "passes": True}, F2)))["F2"][0] == "todo"
    assert table(Facts(features({"id": "F1", "blocked": True})))["F1"] == ("blocked", "blocked in the list")


def test_an_unknown_dependency_is_never_met() -> None:
    assert table(Facts(features(F2))) == {"F2": ("waiting", "F1 is not in the list")}


def test_a_forgotten_feature_is_to_be_redone() -> None:
    facts = Facts(features(F1, F2), completed("F1", "F2"), forgotten={"F1", "F2"})
    assert table(facts) == {"F1": ("todo", "to be redone (forgotten)"), "F2": ("waiting", "F1 is todo")}


def test_a_chain_longer_than_the_stack_is_decided() -> None:
    items = [{"id": f"F{n}", "dependencies": [f"F{n + 1}"]} for n in range(5000)]
    found = states(Facts(features(*items, {"id": "F5000"})))
    assert (found["F0"].state, found["F5000"].state) == (State.WAITING, State.TODO)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Facts, History]:
    """Lists of some features, in any order, with histories that branch and merge."""
    count = draw(st.integers(1, 6))
    ids = [f"F{number}" for number in range(count)]
    items = []
    for number, id in enumerate(ids):
        below = st.lists(st.sampled_from([*ids[:number], "F9"]), max_size=3, unique=True)
        item: dict[str, Any] = {"id": id, "dependencies": draw(below)}
        for flag, odds in (("passes", 3), ("blocked", 6), ("needs_review", 5)):
            item[flag] = draw(st.integers(0, odds)) == odds
        if draw(st.booleans()):
            item["passes_from"] = "history"
        item["priority"] = draw(st.integers(1, 3))
        items.append(item)
    checks = {id: draw(st.sampled_from(["", "c", "d"])) for id in ids}
    history = History()
    for at in range(draw(st.integers(0, 9))):
        after = draw(st.lists(st.integers(0, at - 1), min_size=0, max_size=2, unique=True)) if at else []
        id = draw(st.sampled_from(ids))
        history.add(id, *draw(st.lists(st.sampled_from(["c", "d"]), max_size=2)),
                    after=draw(st.sampled_from([after, [at - 1] if at else []])))  # fmt: skip
    done = {id for id, _ in history.done}
    facts = Facts(
        features(*draw(st.permutations(items))),
        history.ledger(),
        dict.fromkeys(done, "new"),
        {id: draw(st.sampled_from(["new", "new", "old"])) for id in done if draw(st.integers(0, 4))},
        checks,
        forgotten={id for id in ids if draw(st.integers(0, 8)) == 8},
    )
    remembered = {id: fingerprint(facts.features.by_id[id], facts) for id in ids if draw(st.integers(0, 3)) == 3}
    return facts._replace(verified=remembered), history


def newest(history: History) -> dict[str, int]:
    return {id: at for at, (id, _) in enumerate(history.done)}


def overtaken(facts: Facts, history: History, id: str) -> bool:
    """Whether a dependency was completed after the feature, without this very check, and no check since."""
    own, feature = newest(history).get(id), facts.features.by_id[id]
    if own is None or facts.verified.get(id) == fingerprint(feature, facts):
        return False
    for other in feature.dependencies:
        at = newest(history).get(other, own)
        vouched = facts.checks[id] != "" and facts.checks[id] in history.done[at][1]
        if at != own and at not in history.before(own) and not vouched and other in facts.features.by_id:
            return True
    return False


def judged(facts: Facts, history: History) -> dict[str, str]:
    """docs/contract.md, section 5, word by word."""
    ids = [feature.id for feature in facts.features.features]
    done = newest(history)

    def passes(id: str) -> bool:
        item = facts.features.by_id[id].data
        marked = item.get("passes_from") == "history"
        turned_off = marked and not item["passes"] and not item["blocked"]  # by hand: docs/contract.md, section 4
        return (id in done and not turned_off) or (item["passes"] and not marked)

    def changed(id: str) -> bool:
        return id in done and facts.completed.get(id, "new") != "new"

    def done_for_others(id: str) -> bool:
        return id in ids and passes(id) and state(id) not in ("changed", "todo", "waiting")

    def state(id: str) -> str:
        feature = facts.features.by_id[id]
        if feature.blocked:
            return "blocked"
        if not passes(id) or id in facts.forgotten:
            return "todo" if all(done_for_others(other) for other in feature.dependencies) else "waiting"
        if changed(id):
            return "changed"
        known = [other for other in feature.dependencies if other in ids]
        if any(state(other) in ("changed", "stale") for other in known):
            return "stale"
        if overtaken(facts, history, id):
            return "stale"
        return "done"

    return {id: state(id) for id in ids}


@settings(max_examples=3000 if THOROUGH else 150, deadline=None)
@given(worlds())
def test_states_are_those_of_the_contract(world: tuple[Facts, History]) -> None:
    facts, history = world
    assert {id: standing.state.value for id, standing in states(facts).items()} == judged(facts, history)


def run(facts: Facts, history: History, skip_review: bool) -> tuple[list[tuple[str, bool]], Facts]:
    """Build everything, one feature at a time, as far as it goes; every session and every check succeeds. What to give
    to the agent is asked anew each time. A stale feature is checked as soon as nothing that it depends on, directly or
    not, is still to be built or checked; one that depends on a changed feature which can't be built has no check yet.
    """
    sessions = to_be_built(facts, skip_review)
    ran: list[tuple[str, bool]] = []
    while True:
        stale = to_be_checked(facts, history, sessions)
        if stale:
            id = stale[0]
            facts = facts._replace(verified={**facts.verified, id: fingerprint(facts.features.by_id[id], facts)})
            ran.append((id, False))
        elif sessions:
            id = sessions.pop(0)
            facts = built(facts, history, id)
            ran.append((id, True))
        else:
            return ran, facts


def to_be_built(facts: Facts, skip_review: bool) -> list[str]:
    """By asking for the next feature until there is none."""
    now = states(facts)
    passing = {id for id, standing in now.items() if standing.met}
    found: list[str] = []
    while chosen := next_feature(facts.features.features, passing=passing, skip_review=skip_review):
        found.append(chosen.id)
        passing.add(chosen.id)
    return found


def to_be_checked(facts: Facts, history: History, sessions: list[str]) -> list[str]:
    now = states(facts)
    wanted = [id for id in now if now[id].state is State.STALE and overtaken(facts, history, id)]
    free = [id for id in wanted if not below(facts, id) & {*wanted, *sessions}]
    return sorted(free, key=lambda id: (facts.features.by_id[id].priority, facts.features.by_id[id].position))


def below(facts: Facts, id: str) -> set[str]:
    """All that a feature depends on."""
    own = [d for d in facts.features.by_id[id].dependencies if d in facts.features.by_id]
    return set(own).union(*(below(facts, other) for other in own))


def built(facts: Facts, history: History, id: str) -> Facts:
    check = facts.checks[id]
    history.add(id, *([check] if check else []), after=list(range(len(history.done))))
    own = facts.features.by_id[id]
    own = own._replace(passes=True, data={**own.data, "passes": True})  # a build writes what it has found out
    features = tuple(own if feature.id == id else feature for feature in facts.features.features)
    return facts._replace(
        features=FeatureList(features, {feature.id: feature for feature in features}),
        ledger=history.ledger(),
        now={**facts.now, id: "new"},
        completed={**facts.completed, id: "new"},
        forgotten=set(facts.forgotten) - {id},
    )


@settings(max_examples=3000 if THOROUGH else 150, deadline=None)
@given(worlds(), st.booleans())
def test_the_forecast_lists_exactly_what_then_runs(world: tuple[Facts, History], skip_review: bool) -> None:
    facts, history = world
    told = [(step.feature.id, step.agent) for step in forecast(facts, skip_review=skip_review)]
    ran, after = run(facts, history, skip_review)
    assert told == ran
    assert run(after, history, skip_review)[0] == []
    assert forecast(after, skip_review=skip_review) == []


@settings(max_examples=3000 if THOROUGH else 150, deadline=None)
@given(worlds(), st.booleans())
def test_what_comes_next_is_the_first_session_of_the_forecast(world: tuple[Facts, History], skip_review: bool) -> None:
    facts, _ = world
    first = next((step.feature for step in forecast(facts, skip_review=skip_review) if step.agent), None)
    upcoming_ = upcoming(states(facts), skip_review=skip_review)
    assert (upcoming_.feature if upcoming_ else None) == first


def test_a_feature_is_not_kept_waiting_by_what_is_done_already() -> None:
    """`b` passes: `c` need not wait until `a`, on which it depends, was built anew. Then its check is due."""
    listed = features(
        {"id": "a", "priority": 5}, {"id": "b", "dependencies": ["a"], "priority": 9, "passes": True},
        {"id": "c", "dependencies": ["b"], "priority": 1},
    )  # fmt: skip
    facts = Facts(listed, completed("b"), checks={"a": "x", "b": "y", "c": "z"})
    assert [(step.feature.id, step.agent) for step in forecast(facts)] == [("c", True), ("a", True), ("b", False)]


@pytest.mark.parametrize(("agent", "reason"), [(True, "F1 is changed"), (False, "")])
def test_the_forecast_gives_reasons(agent: bool, reason: str) -> None:
    facts = Facts(features(F1, F2), completed("F1", "F2"), {"F1": "new"}, {"F1": "old"}, {"F1": "c", "F2": "d"})
    if not agent:
        facts = facts._replace(checks={"F1": "c", "F2": "c"})
    steps = [(step.feature.id, step.agent, step.reason) for step in forecast(facts)]
    first = ("F1", True, "its definition is not the one completed by 0000000000")
    assert steps == ([first, ("F2", False, "F1 is built before it")] if agent else [first])

"""What a revert undoes: the walks among events against plain recursion, and the rest on real repositories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given
from support.history_repos import Repo, init

from orchestrator.history.events import Message, Revert, Words, parse
from orchestrator.history.ledger import Event, Undoing
from orchestrator.history.undoings import (
    always_an_event,
    brought,
    comes_before,
    news,
    reached,
    reached_from,
    undoing,
)

DONE = "session: completed F1"


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Events in the order of a scan, each with some earlier ones as its nearest."""
    found: list[Event] = []
    for at in range(draw(st.integers(1, 10))):
        parents = tuple(sorted(draw(st.sets(st.integers(0, at - 1), max_size=3)))) if at else ()
        ids = tuple(draw(st.lists(st.sampled_from("ABC"), max_size=2, unique=True)))
        found.append(Event(f"{at:040x}", at, Message(f"s{at}", ids), parents))
    return found


def below(events: Sequence[Event], at: int) -> set[int]:
    """The event and all before it, by recursion."""
    return {at}.union(*(below(events, parent) for parent in events[at].parents))


@given(histories(), st.data())
def test_the_tips_reach_themselves_and_all_before_them(events: list[Event], data: st.DataObject) -> None:
    tips = data.draw(st.sets(st.integers(0, len(events) - 1)))
    assert reached_from(events, tips) == set().union(*(below(events, tip) for tip in tips))


@given(histories(), st.data())
def test_an_event_comes_before_tips_that_are_it_or_reach_it(events: list[Event], data: st.DataObject) -> None:
    tips = data.draw(st.sets(st.integers(0, len(events) - 1)))
    event = data.draw(st.integers(0, len(events) - 1))
    assert comes_before(events, event, tips) is any(event in below(events, tip) for tip in tips)


@given(histories(), st.data())
def test_a_merge_says_anew_only_what_none_of_the_commits_that_it_brings_says(
    events: list[Event], data: st.DataObject
) -> None:
    sides = data.draw(st.lists(st.sets(st.integers(0, len(events) - 1), max_size=2), min_size=2, max_size=3))
    message = Message("merge", ("A", "B", "C"))
    old = set().union(*(below(events, at) for at in sides[0]))
    brings = set().union(*(below(events, at) for side in sides[1:] for at in side)) - old
    said = {id for at in brings for id in events[at].message.completed}
    above = [tuple(side) for side in sides]
    assert news(events, message, above).completed == tuple(id for id in "ABC" if id not in said)
    assert news(events, message, above[:1]) == message


def test_subjects_that_always_speak_are_told_from_those_whose_body_may() -> None:
    assert always_an_event(DONE, Words())
    assert always_an_event(f'Revert "{DONE}"', Words())
    assert not always_an_event("fix: x", Words())
    assert not always_an_event(DONE, Words(completed="done:", reopened="again:"))


@dataclass
class Scanned:
    """The index, made from a whole repository: each commit that says something is an event."""

    repo: Repo
    events: list[Event] = field(default_factory=list)
    by_sha: dict[str, int] = field(default_factory=dict)
    tips: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for line in self.repo.git("rev-list", "--topo-order", "--reverse", "--all", "--parents").splitlines():
            sha, *parents = line.split()
            message = parse(self.repo.git("log", "-1", "--format=%B", sha))
            above = tuple(sorted({tip for parent in parents for tip in self.tips[parent]}))
            if message:
                self.by_sha[sha] = len(self.events)
                self.events.append(Event(sha, 0, message, above))
            self.tips[sha] = (self.by_sha[sha],) if message else above

    @property
    def subjects(self) -> set[str]:
        return {event.message.subject for event in self.events}

    def tips_of(self, sha: str) -> tuple[int, ...]:
        return self.tips[sha]

    def is_ancestor(self, ancestor: str, sha: str) -> bool:
        return self.repo.place().git.is_ancestor(ancestor, sha)


def undone(repo: Repo, revert: Revert, sha: str = "HEAD") -> Undoing | None:
    known = Scanned(repo)
    full = repo.head(sha)
    (parent, *_) = repo.git("log", "-1", "--format=%P", full).split()
    return undoing(repo.place(), known, full, known.tips_of(parent), revert, Words())


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = init(tmp_path)
    made.commit("base")
    return made


def last_revert(repo: Repo) -> Revert:
    (revert,) = parse(repo.git("log", "-1", "--format=%B")).reverts
    return revert


def test_a_revert_of_an_event_before_it_undoes_that_also_by_an_abbreviation(repo: Repo) -> None:
    sha = repo.commit(DONE)
    repo.git("revert", "--no-edit", "HEAD")
    assert undone(repo, last_revert(repo)) == Undoing(sha)
    assert undone(repo, Revert(sha[:12], DONE)) == Undoing(sha)


def test_a_revert_of_a_commit_that_says_nothing_is_no_event(repo: Repo) -> None:
    repo.commit("fix: x\n\n" + DONE)
    quiet = repo.commit("fix: x")
    repo.git("revert", "--no-edit", "HEAD")
    assert last_revert(repo) == Revert(quiet, "fix: x")
    assert undone(repo, last_revert(repo)) is None


def test_a_revert_whose_target_is_not_there_may_mean_the_newest_commit_of_its_subject(repo: Repo) -> None:
    absent = "ab" * 20
    repo.commit(DONE)
    repo.commit("work")
    assert undone(repo, Revert(absent, DONE)) == Undoing(absent, DONE, asks=True)
    assert undone(repo, Revert(absent, "never heard")) == Undoing(absent, "never heard")


def test_where_the_subject_alone_does_not_tell_the_newest_of_it_is_looked_for(repo: Repo) -> None:
    absent = "ab" * 20
    repo.commit(f"fix: x\n\n{DONE}")
    newest = repo.commit("fix: x\n\nsession: completed F2")
    repo.commit("work")
    found = undone(repo, Revert(absent, "fix: x"))
    assert found == Undoing(absent, "fix: x", instead=(Scanned(repo).by_sha[newest],), asks=True)


def test_a_reverted_merge_undoes_what_only_the_merge_brought_in(repo: Repo) -> None:
    repo.commit("session: completed OLD")
    trunk = repo.head()
    repo.git("switch", "-qc", "side")
    one, two = repo.commit(DONE), repo.commit("session: completed F2")
    repo.git("switch", "-q", "-")
    repo.commit("session: completed TRUNK")
    kept = repo.head()
    repo.git("merge", "-q", "--no-ff", "-m", "merge", "side")
    merge = repo.head()
    repo.git("revert", "--no-edit", "-m", "1", "HEAD")
    known = Scanned(repo)
    positions = (known.by_sha[one], known.by_sha[two])
    assert brought(repo.place(), known, merge, kept) == positions
    assert brought(repo.place(), known, merge, trunk) == tuple(sorted((*positions, known.by_sha[kept])))
    assert brought(repo.place(), known, "ab" * 20, kept) == ()
    found = undone(repo, last_revert(repo))
    assert found == Undoing(merge, brought=positions)


def test_head_reaches_of_the_named_commits_those_that_are_its_ancestors(repo: Repo) -> None:
    one = repo.commit("one")
    repo.git("switch", "-qc", "side")
    two = repo.commit("two")
    repo.git("switch", "-q", "-")
    names = {one, one[:10], two, "ab" * 20, repo.head()}
    assert reached(repo.place(), names, repo.head()) == sorted({one, one[:10], repo.head()})
    assert reached(repo.place(), {"ab" * 20}, repo.head()) == []

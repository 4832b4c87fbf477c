"""What `build --dry-run` says: the steps, what waits, and the cost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from support.projects import make

from orchestrator import project as projects
from orchestrator.building import attempts
from orchestrator.harness import sessions
from orchestrator.report import dryrun


def lines(tmp_path: Path, features: list[dict[str, Any]], *ids: str, costs: tuple[float | None, ...] = ()) -> list[str]:
    root = tmp_path / "project"
    if not root.exists():
        make(root, [{"name": "n", "description": "d", **feature} for feature in features])
    for number, cost in enumerate(costs, 1):
        record = sessions.SessionRecord(number, "2026-01-01T00:00:00+00:00", "F0", True, 1.0, cost_usd=cost)
        sessions.write(root, record)
    return list(dryrun.lines(projects.load(root), ids))


TWO = [{"id": "F1", "priority": 2}, {"id": "F2", "priority": 1}, {"id": "F3", "dependencies": ["F1"]}]


def test_the_cost_is_that_of_a_past_session_for_each_session(tmp_path: Path) -> None:
    assert lines(tmp_path, TWO, costs=(1.0, 2.0, None)) == [
        "agent         F2  not completed yet",
        "agent         F1  not completed yet",
        "agent         F3  after F1",
        "3 sessions; about 4.50 USD, at 1.50 USD a session so far",
    ]
    assert lines(tmp_path, TWO, "F2")[-1] == "1 session; about 1.50 USD, at 1.50 USD a session so far"


def test_without_a_past_session_no_cost_is_guessed(tmp_path: Path) -> None:
    assert lines(tmp_path, TWO)[-1] == "3 sessions; no past session tells what one costs"


def test_named_features_come_with_what_they_need(tmp_path: Path) -> None:
    assert [line.split()[1] for line in lines(tmp_path, TWO, "F3")[:-1]] == ["F1", "F3"]


def test_what_cannot_be_built_says_what_it_waits_for(tmp_path: Path) -> None:
    features = [
        {"id": "A", "dependencies": ["ZZ"]}, {"id": "B", "blocked": True, "blocked_reason": "no time"},
        {"id": "C D", "dependencies": ["B"]}, {"id": "E", "dependencies": ["C D"]},
    ]  # fmt: skip
    assert lines(tmp_path, features) == [
        "nothing to do",
        "blocked       B  no time",
        "waiting       A waits for ZZ, which is not in the list",
        "waiting       C D waits for B, which is blocked",
        "waiting       E waits for C D, which is waiting",
    ]


def test_what_a_killed_run_left_is_judged_first(tmp_path: Path) -> None:
    lines(tmp_path, [{"id": "F1", "blocked": True}])
    store = projects.load(tmp_path / "project").store
    attempts.save(store, "F1", attempts.Attempts(before_tree="0" * 40))
    assert lines(tmp_path, [])[:1] == [
        "verification  F1  the run was killed in its session: what it left is judged first"
    ]

"""Checkpoint files: format, the newest, ages, and what the clean-up choices name."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from orchestrator.planning.running import checkpoints
from orchestrator.planning.running.checkpoints import Checkpoint

NOW = datetime(2026, 3, 9, 12, tzinfo=timezone.utc)


def left(root: Path, phase: str = "planning-failed", plan: str = "p", days: float = 0) -> Checkpoint:
    return checkpoints.write(
        root,
        phase,
        plan=plan,
        artifacts=[root / "research.md"],
        errors=["it broke"],
        git_commit="abc",
        now=NOW - timedelta(days=days),
    )


def test_the_file_has_the_format_of_the_contract(tmp_path: Path) -> None:
    made = left(tmp_path, "requirement-decomposition-failed")
    assert made.path == tmp_path / ".workflow-checkpoints" / f"{made.id}.json"
    assert json.loads(made.path.read_text("utf-8")) == {
        "id": made.id,
        "phase": "requirement-decomposition-failed",
        "timestamp": "2026-03-09T12:00:00.000000Z",
        "state_snapshot": {
            "phase": "Requirement Decomposition",
            "context_usage": 0.0,
            "artifacts": [str(tmp_path / "research.md")],
            "errors": ["it broke"],
        },
        "git_commit": "abc",
        "plan": "p",
    }
    assert checkpoints.load_all(tmp_path) == [made]


def test_a_plan_has_one_checkpoint_and_others_keep_theirs(tmp_path: Path) -> None:
    left(tmp_path, "research-failed")
    other = left(tmp_path, plan="other")
    last = left(tmp_path, "planning-failed")
    assert {item.id for item in checkpoints.load_all(tmp_path)} == {other.id, last.id}


def test_the_newest_is_told_by_time_not_by_name_or_zone(tmp_path: Path) -> None:
    old = left(tmp_path, plan="a", days=2)
    new = left(tmp_path, plan="b", days=1)
    zoned = Checkpoint("z", "planning-failed", "2026-03-08T23:00:00+14:00")
    assert checkpoints.newest([new, old, zoned]) == new
    assert checkpoints.newest([]) is None


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"state_snapshot": 3}', '"text"'])
def test_a_file_that_is_no_checkpoint_is_passed_over(content: str, tmp_path: Path) -> None:
    (tmp_path / ".workflow-checkpoints").mkdir()
    (tmp_path / ".workflow-checkpoints" / "x.json").write_text(content)
    assert checkpoints.load_all(tmp_path) == []


def test_a_checkpoint_of_the_original_is_read(tmp_path: Path) -> None:
    (tmp_path / ".workflow-checkpoints").mkdir()
    data = {
        "id": "u",
        "phase": "decomposition-failed",
        "timestamp": "2026-01-02T03:04:05Z",
        "state_snapshot": {
            "phase": "Decomposition",
            "context_usage": 0.0,
            "artifacts": ["/a/plan.md"],
            "errors": [""],
        },
        "git_commit": "",
    }
    (tmp_path / ".workflow-checkpoints" / "u.json").write_text(json.dumps(data))
    [found] = checkpoints.load_all(tmp_path)
    assert found == Checkpoint("u", "decomposition-failed", "2026-01-02T03:04:05Z", ("/a/plan.md",), ("",))


@pytest.mark.parametrize(
    ("timestamp", "days"),
    [
        ((NOW - timedelta(days=0.5)).isoformat(), 0),
        ((NOW - timedelta(days=9.9)).isoformat().replace("+00:00", "Z"), 9),
        ((NOW - timedelta(days=29)).isoformat().replace("+00:00", "Z"), 29),
        ("2026-02-06T12:00:00", 31),
        ("2026-04-06T12:00:00Z", 0),
        ("garbage", 0),
    ],
)
def test_ages_are_whole_days_as_in_the_vectors(timestamp: str, days: int) -> None:
    assert checkpoints.age_days(timestamp, NOW) == days


def test_each_choice_deletes_what_its_label_says(tmp_path: Path) -> None:
    made = [left(tmp_path, plan=str(days), days=days) for days in (0, 5, 9.9, 10, 31)]
    assert checkpoints.oldest(made, NOW) == made[3:]
    assert checkpoints.last_days(made, NOW, 7) == made[:2]
    assert checkpoints.offer_clean_up(made, NOW)
    assert not checkpoints.offer_clean_up(made[:4], NOW)
    assert checkpoints.delete(made[:2]) == (2, 0)
    assert {item.id for item in checkpoints.load_all(tmp_path)} == {item.id for item in made[2:]}

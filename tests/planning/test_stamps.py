"""Is a step up to date? By content, in a clone as at home."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from orchestrator.planning.paths import Plan, Plans
from orchestrator.planning.running import stamps
from orchestrator.staleness.tracker_block import with_block


@dataclass(frozen=True)
class Step:
    name: str = "plan"

    def inputs(self, plan: Plan) -> Sequence[Path]:
        return (plan.research, plan.hierarchy)

    def outputs(self, plan: Plan) -> Mapping[str, Path]:
        return {"plan": plan.plan}

    def missing(self, plan: Plan) -> str:
        return "" if plan.plan.is_file() and plan.plan.stat().st_size else plan.relative(plan.plan)

    def readable(self, plan: Plan) -> bool:
        return False

    def essential(self, plan: Plan) -> Sequence[Path]:
        return ()


STEP = Step()


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    made = Plans(tmp_path).start("x", date(2026, 1, 1))
    made.research.parent.mkdir(parents=True)
    for path in (made.research, made.hierarchy, made.plan):
        path.write_text(f"{path.name}\nno end of line", newline="\n")
    return made


def said(plan: Plan) -> tuple[bool, str]:
    found = stamps.freshness(STEP, plan)
    return found.up_to_date, found.reason


def test_a_step_is_fresh_once_recorded(plan: Plan) -> None:
    assert said(plan) == (False, "it has not run yet")
    stamps.record(STEP, plan)
    assert said(plan) == (True, "nothing it depends on has changed")


def test_a_changed_input_is_named(plan: Plan) -> None:
    stamps.record(STEP, plan)
    plan.research.write_text("other\n")
    assert said(plan) == (False, "thoughts/shared/research/2026-01-01-x.md has changed")
    plan.research.unlink()
    assert said(plan) == (False, "thoughts/shared/research/2026-01-01-x.md is gone")


def test_an_edited_output_stands(plan: Plan) -> None:
    stamps.record(STEP, plan)
    plan.plan.write_text("by hand\n")
    assert said(plan)[0]


@pytest.mark.parametrize("content", [None, ""])
def test_a_missing_or_empty_output_is_named(plan: Plan, content: str | None) -> None:
    stamps.record(STEP, plan)
    plan.plan.unlink()
    if content is not None:
        plan.plan.write_text(content)
    assert said(plan) == (False, "thoughts/shared/plans/2026-01-01-x/plan.md is missing")


def test_line_ends_and_our_own_block_are_no_change(plan: Plan) -> None:
    stamps.record(STEP, plan)
    plan.research.write_bytes(plan.research.read_bytes().replace(b"\n", b"\r\n"))
    plan.hierarchy.write_text(with_block(plan.hierarchy.read_text(), "- issue: bd-1"), newline="\n")
    assert said(plan)[0]


def test_a_new_time_stamp_is_no_change(plan: Plan) -> None:
    import os

    stamps.record(STEP, plan)
    os.utime(plan.research, (1, 1))
    assert said(plan)[0]


def test_a_forgotten_step_runs_again(plan: Plan) -> None:
    stamps.record(STEP, plan)
    stamps.record(Step("other"), plan)
    stamps.forget(STEP, plan)
    assert said(plan) == (False, "it has not run yet")
    assert stamps.freshness(Step("other"), plan).up_to_date


def test_a_skipped_step_stays_skipped_until_its_inputs_change(plan: Plan) -> None:
    stamps.skip(STEP, plan, "the user went on without it")
    plan.plan.unlink()
    assert said(plan) == (True, "skipped: the user went on without it")
    plan.research.write_text("other\n")
    assert not said(plan)[0]


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"version": 2, "steps": {"plan": {}}}', '{"version": 1, "steps": 3}']
)
def test_stamps_that_cannot_be_read_count_as_none(plan: Plan, content: str) -> None:
    plan.stamps.write_text(content)
    assert said(plan) == (False, "it has not run yet")
    stamps.record(STEP, plan)
    assert said(plan)[0]

"""Issues for a plan's phases: each made once, whatever happens half-way."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import support.bd_cli as bd_cli

from orchestrator.planning.paths import Plan, Plans
from orchestrator.planning.phases.phase_file import Phase, parse, render
from orchestrator.planning.tracking import beads
from orchestrator.planning.tracking.bd import Bd, BeadsError
from orchestrator.planning.tracking.beads import Tracked

NAMES = ("Store users", "Check passwords", "Log out")


def planned(root: Path, prompt: str = "Add login") -> tuple[Plan, list[Tracked]]:
    plan = Plans(root).start(prompt, date(2026, 1, 1))
    plan.overview.write_text("# Overview\n", newline="\n")
    phases = []
    for number, name in enumerate(NAMES, 1):
        path = plan.folder / f"{number:02}-x.md"
        phase = Phase(number, name, f"{plan.slug}-{number:02}", criteria=("c",))
        path.write_text(render(phase), newline="\n")
        phases.append(Tracked(plan.relative(path), phase))
    return plan, phases


def described(bd: Bd) -> list[tuple[str, str, set[tuple[str, str]]]]:
    """(type, title, {(kind, title it hangs on)}) of every issue."""
    issues = bd.issues()
    titles = {item["id"]: item["title"] for item in issues}
    return sorted(
        (
            item["issue_type"],
            item["title"],
            {(link["type"], titles[link["depends_on_id"]]) for link in item.get("dependencies", [])},
        )
        for item in issues
    )


WANTED: list[tuple[str, str, set[tuple[str, str]]]] = [
    ("epic", "Plan: T-1", set()),
    ("task", "Phase 1: Store users (add-login-01)", {("parent-child", "Plan: T-1")}),
    (
        "task",
        "Phase 2: Check passwords (add-login-02)",
        {("parent-child", "Plan: T-1"), ("blocks", "Phase 1: Store users (add-login-01)")},
    ),
    (
        "task",
        "Phase 3: Log out (add-login-03)",
        {("parent-child", "Plan: T-1"), ("blocks", "Phase 2: Check passwords (add-login-02)")},
    ),
]


def test_the_real_bd_holds_one_epic_and_a_chain_of_tasks(repo: Path) -> None:
    bd = Bd(repo, bd_cli.real(repo))
    plan, phases = planned(repo)
    assert beads.track(bd, plan, phases, "Plan: T-1") == 4
    assert described(bd) == WANTED
    first = plan.beads.read_bytes()
    assert beads.track(bd, plan, phases, "Plan: T-1") == 0
    assert described(bd) == WANTED
    assert plan.beads.read_bytes() == first


def test_a_lost_record_makes_nothing_twice(repo: Path) -> None:
    bd = Bd(repo, bd_cli.real(repo))
    plan, phases = planned(repo)
    beads.track(bd, plan, phases, "Plan: T-1")
    before = json.loads(plan.beads.read_text())
    plan.beads.unlink()
    assert beads.track(bd, plan, phases, "Plan: T-1") == 0
    assert json.loads(plan.beads.read_text()) == before
    assert described(bd) == WANTED


def test_completing_features_out_of_order_closes_their_issues(repo: Path) -> None:
    bd = Bd(repo, bd_cli.real(repo))
    plan, phases = planned(repo)
    beads.track(bd, plan, phases, "Plan: T-1")
    for id in ("add-login-03", "add-login-01", "add-login-01"):
        issue = beads.close(bd, Plans(repo), id, f"session: completed {id}")
        assert issue == beads.load(plan)["issues"][id]["issue"]
        assert bd.show(str(issue))["status"] == "closed"
    assert beads.close(bd, Plans(repo), "unknown", "r") is None


CALLS = 1 + 4 + 3 + 2
"""A first run asks for the list, makes four issues, hangs three on the epic and two on the one before."""


@pytest.mark.parametrize("version", ["1.0.5", "0.40.0"])
@pytest.mark.parametrize("call", range(1, CALLS + 1))
def test_bd_failing_at_any_call_loses_and_doubles_nothing(
    call: int, version: str, repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bd = Bd(repo, bd_cli.fake(repo, monkeypatch, version))
    plan, phases = planned(repo)
    calls = call + (1 if version == "0.40.0" and call > 1 else 0)  # there `list --all` is asked again without
    monkeypatch.setenv("FAKE_BD_FAIL", str(calls))
    with pytest.raises(BeadsError, match="the disk is full"):
        beads.track(bd, plan, phases, "Plan: T-1")
    monkeypatch.delenv("FAKE_BD_FAIL")
    beads.track(bd, plan, phases, "Plan: T-1")
    made = bd_cli.state(repo)
    titles = {id: issue["title"] for id, issue in made["issues"].items()}
    assert sorted(titles.values()) == sorted(title for _, title, _ in WANTED)
    links = {(titles[child], titles[parent]) for child, parent in made["links"]}
    assert links == {(title, parent) for _, title, parents in WANTED for _, parent in parents}


def test_a_kill_between_making_and_recording_doubles_nothing(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bd = Bd(repo, bd_cli.fake(repo, monkeypatch, "1.0.5"))
    plan, phases = planned(repo)
    bd.create("Plan: T-1", "epic")
    bd.create(phases[0].title, "task")
    assert beads.track(bd, plan, phases, "Plan: T-1") == 2
    assert len(bd_cli.state(repo)["issues"]) == 4


def test_plans_with_one_ticket_do_not_share_an_epic(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bd = Bd(repo, bd_cli.fake(repo, monkeypatch, "1.0.5"))
    plans = Plans(repo)
    (one, phases), (two, others) = planned(repo), planned(repo, "Add shop")
    beads.track(bd, one, phases, "Plan: T-1", beads.owned(plans, one.name))
    beads.track(bd, two, others, "Plan: T-1", beads.owned(plans, two.name))
    epics = [beads.load(plan)["epic"]["id"] for plan in (one, two)]
    assert len(set(epics)) == 2
    assert len(bd_cli.state(repo)["issues"]) == 8


def test_ids_stand_in_the_files_and_change_no_phase(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bd = Bd(repo, bd_cli.fake(repo, monkeypatch, "1.0.5"))
    plan, phases = planned(repo)
    beads.track(bd, plan, phases, "Plan: T-1")
    untouched = (repo / phases[2].file).read_bytes()
    for _ in range(2):
        beads.annotate(plan, phases, finished=["add-login-03"])
    assert "| Phase 2: Check passwords (add-login-02) | `t-3` |" in plan.overview.read_text()
    assert plan.overview.read_text().count("## Tracking") == 1
    text = (repo / phases[0].file).read_text()
    assert "Issue: `t-2`, feature: `add-login-01`, epic: `t-1`" in text
    assert parse(text, phases[0].file) == phases[0].phase
    assert (repo / phases[2].file).read_bytes() == untouched


def test_a_phase_added_later_gets_an_issue_and_the_rest_stay(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bd = Bd(repo, bd_cli.fake(repo, monkeypatch, "1.0.5"))
    plan, phases = planned(repo)
    beads.track(bd, plan, phases, "Plan: T-1")
    more = Tracked(plan.relative(plan.folder / "04-new.md"), Phase(4, "New", "add-login-04"))
    assert beads.track(bd, plan, [*phases, more], "Plan: T-1") == 1
    issues: dict[str, Any] = beads.load(plan)["issues"]
    assert issues["add-login-04"]["after"] == issues["add-login-03"]["issue"]

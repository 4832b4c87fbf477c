"""A completed feature closes its issue, and a tracker that is away is a note."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import support.bd_cli as bd_cli
from support.scripted_plan import context

from orchestrator import project
from orchestrator.planning.running.runner import run_plan
from orchestrator.planning.tracking.bd import Bd
from orchestrator.planning.tracking.closing import close_feature


def test_a_completed_feature_closes_its_issue_in_bd(repo: Path) -> None:
    (repo / "orchestrator.toml").write_text('[verify]\ncommand = "true"\n')
    bd = Bd(repo, bd_cli.real(repo))
    own = context(repo, bd=bd)
    run_plan(own)
    issue = json.loads(own.plan.beads.read_text())["issues"]["add-login-02"]["issue"]
    found = project.load(repo)
    assert close_feature(found, "add-login-02", "session: completed add-login-02", bd) == f"closed the issue {issue}"
    closed = bd.show(issue)
    assert (closed["status"], closed["close_reason"]) == ("closed", "session: completed add-login-02")
    assert close_feature(found, "F9", "r", bd) == ""


def test_a_tracker_that_is_away_is_a_note(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (repo / "orchestrator.toml").write_text('[verify]\ncommand = "true"\n')
    bd = Bd(repo, bd_cli.fake(repo, monkeypatch, "1.0.5"))
    run_plan(context(repo, bd=bd))
    found = project.load(repo)
    absent = Bd(repo, "/nowhere/bd")
    assert close_feature(found, "add-login-01", "r", absent) == (
        "the issue of add-login-01 stays open: bd (beads) is not installed"
    )
    monkeypatch.setenv("FAKE_BD_FAIL", str(len(bd_cli.state(repo)["calls"]) + 1))
    assert close_feature(found, "add-login-01", "r", bd) == (
        "the issue of add-login-01 stays open: bd close failed: the disk is full"
    )
    (repo / "orchestrator.toml").write_text('[plan]\ntracker = "none"\n')
    assert close_feature(project.load(repo), "add-login-01", "r", absent) == ""

"""The bd client, against the real bd and against recorded answers of old and new versions."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
import support.bd_cli as bd_cli
from support.repos import git

from orchestrator.planning.tracking.bd import Bd, BeadsError, missing

ANSWERS = json.loads((Path(__file__).parent.parent / "vectors" / "bd.json").read_text("utf-8"))


@pytest.fixture(params=["real", "1.0.5", "0.40.0", "envelope"])
def bd(request: pytest.FixtureRequest, repo: Path, monkeypatch: pytest.MonkeyPatch) -> Bd:
    if request.param == "real":
        return Bd(repo, bd_cli.real(repo))
    if request.param == "envelope":
        monkeypatch.setenv("FAKE_BD_ENVELOPE", "1")
    version = "1.0.5" if request.param == "envelope" else request.param
    return Bd(repo, bd_cli.fake(repo, monkeypatch, version))


def test_every_call_works_whatever_the_version(bd: Bd) -> None:
    epic = bd.create("Plan: x", "epic")
    one, two = bd.create('Phase 1: -a "quoted" ü', "task"), bd.create("--json", "task")
    bd.depend(one, epic, "parent-child")
    bd.depend(two, one)
    bd.depend(two, one)
    assert {(item["id"], item["title"], item["issue_type"], item["status"]) for item in bd.issues()} == {
        (epic, "Plan: x", "epic", "open"),
        (one, 'Phase 1: -a "quoted" ü', "task", "open"),
        (two, "--json", "task", "open"),
    }
    assert one in {item["id"] for item in bd.ready(5)}
    bd.update(one, "in_progress")
    assert bd.show(one)["status"] == "in_progress"
    bd.update(one, "open")
    bd.close(two, "done before the one it waits for")
    bd.close(one, "done")
    bd.close(one, "done")
    assert {item["status"] for item in bd.issues() if item["id"] != epic} == {"closed"}


def test_refusals_come_in_bds_own_words(bd: Bd) -> None:
    with pytest.raises(BeadsError, match=r"bd create failed: title required"):
        bd.create("", "task")
    with pytest.raises(BeadsError, match=r"nope-1|no issues found"):
        bd.show("nope-1")
    with pytest.raises(BeadsError, match=r"nope-1"):
        bd.close("nope-1", "r")


def test_sync_is_run_only_where_there_is_one(bd: Bd) -> None:
    old = os.environ.get("FAKE_BD") == "0.40.0"
    assert bd.sync() is old
    if old:
        assert bd_cli.state(bd.root)["calls"] == [["sync", "--help"], ["sync", "--flush-only"]]


def test_the_recorded_contract_is_what_the_real_bd_answers(repo: Path) -> None:
    bd = Bd(repo, bd_cli.real(repo))
    one, two = bd.create("a", "task"), bd.create("b", "task")
    calls = {
        "create": ("create", "--title=c", "--type=task", "--priority=2", "--json"),
        "dep": ("dep", "add", two, one, "--json"),
        "list": ("list", "--json", "--limit=0", "--all"),
        "close blocked": ("close", two, "--reason=r", "--json"),
        "update": ("update", one, "--status=in_progress", "--json"),
        "close": ("close", one, "--reason=r", "--json"),
        "close unknown": ("close", "nope-1", "--reason=x", "--json"),
        "show unknown": ("show", "nope-1", "--json"),
        "create untitled": ("create", "--title=", "--type=task", "--json"),
        "sync": ("sync", "--help"),
    }
    for name, call in calls.items():
        said = bd._run(*call)
        recorded = ANSWERS["1.0.5"][name]
        assert said.returncode == recorded["code"], name
        assert _shape(said.stdout) >= _shape(recorded.get("stdout", "")), name
        assert _shape(said.stderr) >= _shape(recorded.get("stderr", "")), name


def _shape(text: object) -> set[str]:
    """The keys of a JSON answer; whether a plain one is empty."""
    try:
        data: Any = json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return {"text"} if str(text).strip() else set()
    if isinstance(data, list):
        return set.intersection(*(set(item) for item in data)) | {"list"} if data else {"list"}
    return set(data)


def test_bd_that_hangs_is_given_up(tmp_path: Path) -> None:
    program = tmp_path / "bd"
    program.write_text(f"#!{sys.executable}\nimport time\ntime.sleep(60)\n")
    program.chmod(0o755)
    with pytest.raises(BeadsError, match=r"bd ready did not answer within 0\.2 s"):
        Bd(tmp_path, str(program), seconds=0.2).ready()


def test_bd_that_leaves_a_process_behind_does_not_hang_us(tmp_path: Path) -> None:
    program = tmp_path / "bd"
    program.write_text('#!/bin/sh\n(sleep 20 &)\necho "[]"\n')
    program.chmod(0o755)
    assert Bd(tmp_path, str(program), seconds=10).issues() == []


@pytest.mark.parametrize("output", ["", "done", "null"])
def test_an_answer_that_is_none_is_an_error(output: str, tmp_path: Path) -> None:
    program = tmp_path / "bd"
    program.write_text(f"#!/bin/sh\nprintf '%s' '{output}'\n")
    program.chmod(0o755)
    with pytest.raises(BeadsError, match="bd create"):
        Bd(tmp_path, str(program)).create("a", "task")


def test_a_missing_program_is_named() -> None:
    with pytest.raises(BeadsError, match=r"bd can't be run: No such file or directory \(/nowhere/bd\)"):
        Bd(Path("/"), "/nowhere/bd").ready()


def test_only_a_database_of_this_repository_counts(tmp_path: Path, repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = bd_cli.fake(tmp_path, monkeypatch, "1.0.5")
    assert missing(repo, "/nowhere/bd") == "bd (beads) is not installed"
    assert missing(repo, program) == "bd has no database in this repository; `bd init` makes one"
    (repo / ".beads").mkdir()
    (repo / "sub").mkdir()
    assert missing(repo / "sub", program) == ""
    git(repo, "commit", "-q", "--allow-empty", "-m", "x")
    git(repo, "worktree", "add", "-q", str(tmp_path / "linked"))
    assert missing(tmp_path / "linked", program) == ""

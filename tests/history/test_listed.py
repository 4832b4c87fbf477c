"""The list's own commits, where the messages don't tell: asked only then, also of lists that say it by a status."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.history_repos import Repo, init, plain
from support.projects import make
from support.repos import git

from orchestrator.features import model
from orchestrator.history import turns
from orchestrator.history.flips import passes
from orchestrator.history.ledger import Ledger

DONE = {"passes": {"passes": True, "passes_from": "history"}, "status": {"status": "done", "passes_from": "history"}}
OPEN: dict[str, dict[str, Any]] = {"passes": {"passes": False}, "status": {"status": "pending"}}
kinds = pytest.mark.parametrize("kind", ["passes", "status"])


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return init(tmp_path / "repo")


def write(repo: Repo, kind: str, *done: str, more: int = 0) -> None:
    """The list of F1, F2 and `more` others, staged."""
    ids = ["F1", "F2", *(f"G{number}" for number in range(more))]
    features = [{"id": id, "name": id, "description": "d", **(DONE if id in done else OPEN)[kind]} for id in ids]
    (repo.root / "feature_list.json").write_text(json.dumps({"features": features}, indent=1))
    repo.git("add", "feature_list.json")


def ledger(repo: Repo) -> Ledger:
    path = repo.root / "feature_list.json"
    scanned, cached = repo.scan(path=path), repo.read(path=path)
    assert plain(scanned) == plain(cached)
    return cached


@kinds
def test_a_title_completes_by_its_list_and_falls_with_it(repo: Repo, kind: str) -> None:
    write(repo, kind)
    repo.commit("base of all")
    write(repo, kind, "F1")
    title = repo.commit("Login (#12)")
    (only,) = ledger(repo).standing["F1"]
    assert only.sha == title
    write(repo, kind)
    off = repo.commit("it broke the shop")
    found = ledger(repo)
    assert "F1" not in found.standing
    write(repo, kind, "F1")
    repo.git("commit", "-q", "-m", "the list alone")
    assert "F1" not in ledger(repo).standing
    assert off != title


@kinds
def test_a_person_turns_off_what_a_message_completed(repo: Repo, kind: str) -> None:
    write(repo, kind, "F1")
    repo.commit("session: completed F1")
    write(repo, kind)
    repo.git("commit", "-q", "-m", "F1 is broken, redo it")
    found = ledger(repo)
    assert ("F1" in found.standing, found.cancelled["F1"]) == (False, (repo.head(), "turned off"))
    write(repo, kind, "F1")
    repo.commit("session: completed F1")
    assert set(ledger(repo).standing) == {"F1"}


@pytest.mark.parametrize("form", ["--object-format=sha256", "--ref-format=reftable"])
def test_other_forms_of_a_repository_tell_the_same(tmp_path: Path, form: str) -> None:
    if form.partition("=")[0] not in git(tmp_path, "init", "-h", check=False):
        pytest.skip("this git has no table of refs")
    repo = init(tmp_path / "other", form)
    write(repo, "passes")
    repo.commit("base of all")
    write(repo, "passes", "F1")
    repo.commit("Login (#12)")
    assert set(ledger(repo).standing) == {"F1"}
    repo.commit('Revert "Login (#12)" (#13)\n\nReverts o/r#12')
    assert ledger(repo).standing == {}


def test_what_follows_from_what_is_told_for_a_title_too(repo: Repo) -> None:
    write(repo, "passes")
    repo.commit("base of all")
    repo.commit("session: completed F2")
    write(repo, "passes", "F1", "F2")
    repo.commit("Login (#12)")
    found = ledger(repo)
    one, two = found.completion("F1"), found.completion("F2")
    assert one
    assert two
    assert (found.follows(one, two), found.follows(two, one)) == (True, False)


def test_the_list_is_searched_only_where_it_disagrees(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    real = turns.find

    def noted(*args: Any) -> turns.Found:
        asked.append(args[2])
        return real(*args)

    monkeypatch.setattr(turns, "find", noted)
    write(repo, "passes")
    repo.commit("base of all")
    write(repo, "passes", "F1")
    repo.commit("session: completed F1")
    repo.git("revert", "--no-edit", "HEAD")
    path = repo.root / "feature_list.json"
    for _ in range(2):
        repo.read(path=path)
    assert asked == []
    write(repo, "passes", "F2")
    title = repo.commit("Logout (#13)")
    for _ in range(2):
        assert set(repo.read(path=path).standing) == {"F2"}
    assert asked == [title]


@pytest.mark.parametrize("between", [3, 70])
def test_a_turn_is_found_however_many_versions_of_the_list_are_above_it(repo: Repo, between: int) -> None:
    write(repo, "passes")
    repo.commit("base of all")
    write(repo, "passes", "F1")
    title = repo.commit("Login (#12)")
    for number in range(between):
        write(repo, "passes", "F1", more=number + 1)
        repo.git("commit", "-q", "-m", f"list {number}")
    (only,) = ledger(repo).standing["F1"]
    assert only.sha == title
    write(repo, "passes", "F1", "F2", more=between)
    repo.commit("Logout (#13)")
    assert set(ledger(repo).standing) == {"F1", "F2"}


def test_what_a_person_turned_off_is_todo_until_it_is_committed(tmp_path: Path) -> None:
    made = make(tmp_path / "project", [{"id": "F1", "name": "one", "description": "d", "passes": False}])
    (made.root / "work").write_text("work")
    made.run("orchestrator", "complete", "F1", "-a", "-m", "done")
    made.edit("F1", passes=False)
    made.run("orchestrator", "sync")
    (entry,) = made.json("status")["features"]
    assert (entry["state"], entry["reason"], made.features()["F1"]["passes"]) == (
        "todo", "set by hand, not committed", False,
    )  # fmt: skip
    made.git("commit", "-q", "-a", "-m", "F1 is broken, redo it")
    assert made.states() == {"F1": "todo"}
    made.run("orchestrator", "sync", "--check", code=1)  # the mark of a sync is left to take away


@kinds
def test_a_redo_counts_after_an_off_that_was_committed_with_the_mark_still_there(repo: Repo, kind: str) -> None:
    """Someone turns the flag off in an editor and leaves the mark: once it is HEAD's, it is no uncommitted wish."""
    path = repo.root / "feature_list.json"
    write(repo, kind, "F1")
    repo.commit("session: completed F1")
    off = {**DONE[kind], **OPEN[kind]}
    features = [{"id": "F1", "name": "F1", "description": "d", **off}, {"id": "F2", "name": "F2", "description": "d"}]
    path.write_text(json.dumps({"features": features}, indent=1))
    repo.git("commit", "-qam", "F1 is broken")
    assert not passes(model.parse(path.read_bytes(), "").by_id["F1"], ledger(repo))
    repo.commit("session: completed F1")
    assert passes(model.parse(path.read_bytes(), "").by_id["F1"], ledger(repo))

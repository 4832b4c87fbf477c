"""Histories of other repositories that were joined to a project's: they complete nothing of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from support.history_oracle import History
from support.history_repos import Repo, init
from support.repos import git

LIST = "feature_list.json"
DONE = "session: completed F1"


def listed(repo: Repo, message: str = "the list", folder: str = ".", **flags: bool) -> None:
    """A commit of a list of two features; those named pass by the mark of a sync."""
    path = repo.root / folder / LIST
    path.parent.mkdir(exist_ok=True)
    features = [
        {"id": id, "name": id, **({"passes": True, "passes_from": "history"} if flags.get(id) else {"passes": False})}
        for id in ("F1", "F2")
    ]
    path.write_text(json.dumps({"features": features}, indent=1))
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", message)


@pytest.fixture
def outer(tmp_path: Path) -> Repo:
    repo = init(tmp_path / "outer")
    listed(repo)
    return repo


@pytest.fixture
def inner(tmp_path: Path) -> Repo:
    """Another orchestrated project, which completed its own F1."""
    repo = Repo(init(tmp_path / "inner").root, 1_600_000_000)
    repo.git("commit", "-q", "--amend", "-m", "the other base")
    listed(repo)
    listed(repo, DONE, F1=True)
    return repo


def completed(repo: Repo, folder: str = ".") -> set[str]:
    """The completed features: by the cache, by a scan, and by the oracle, which all agree."""
    path = repo.root / folder / LIST
    scanned, cached = repo.scan(path=path), repo.read(path=path)
    assert dict(scanned.standing) == dict(cached.standing)
    name = path.relative_to(repo.root).as_posix()
    assert set(scanned.standing) == History(repo.root, listed=name).done()
    return set(scanned.standing)


def subtree(repo: Repo, *args: str) -> None:
    if shutil.which("git-subtree", path=git(repo.root, "--exec-path")) is None:
        pytest.skip("no git subtree here")
    repo.git("subtree", *args)


@pytest.mark.parametrize("squash", [[], ["--squash"]])
def test_a_subtree_completes_nothing_of_the_outer_project(outer: Repo, inner: Repo, squash: list[str]) -> None:
    outer.commit("session: completed F2")
    subtree(outer, "add", "--prefix=sub", *squash, str(inner.root), "main")
    assert completed(outer) == {"F2"}
    inner.commit(DONE)
    subtree(
        outer, "pull", "--prefix=sub", *squash, "-m", f"pull\n\n{DONE.replace('F1', 'F2')}", str(inner.root), "main"
    )
    assert completed(outer) == {"F2"}
    outer.commit(DONE)
    assert completed(outer) == {"F1", "F2"}


def test_a_subtree_that_the_outer_project_changes_is_still_not_its_own(outer: Repo, inner: Repo) -> None:
    subtree(outer, "add", "--prefix=sub", str(inner.root), "main")
    outer.commit("session: completed F2")
    inner.git("pull", "-q", "--no-rebase", "--no-edit", "-X", "ours", "--allow-unrelated-histories", str(outer.root))
    inner.commit("work in both")
    assert completed(outer) == {"F2"}


def test_the_moved_project_keeps_what_it_completed(outer: Repo, inner: Repo) -> None:
    subtree(outer, "add", "--prefix=sub", str(inner.root), "main")
    assert completed(outer, "sub") == {"F1"}
    outer.commit("work")
    assert completed(outer, "sub") == {"F1"}


@pytest.mark.parametrize("other", ["theirs", "ours"])
def test_an_unrelated_history_completes_nothing(outer: Repo, inner: Repo, other: str) -> None:
    outer.commit("session: completed F2")
    outer.git("fetch", "-q", str(inner.root), "main")
    outer.git("merge", "-q", "--no-edit", "-X", other, "--allow-unrelated-histories", "FETCH_HEAD")
    assert completed(outer) == {"F2"}
    outer.commit("work")
    assert completed(outer) == {"F2"}


def test_an_unrelated_history_whose_list_alone_completes_does_neither(outer: Repo, inner: Repo) -> None:
    inner.git("reset", "-q", "--hard", "HEAD~1")
    (inner.root / "work").write_text("work")
    listed(inner, "a squash that kept a title", F1=True)
    assert completed(inner) == {"F1"}
    outer.git("fetch", "-q", str(inner.root), "main")
    outer.git("merge", "-q", "--no-edit", "-X", "theirs", "--allow-unrelated-histories", "FETCH_HEAD")
    assert completed(outer) == set()


def test_a_project_that_is_pulled_into_a_new_repository_is_its_own(inner: Repo, tmp_path: Path) -> None:
    """A hosting service's new repository has a README of its own, and that is its first parent."""
    new = init(tmp_path / "new")
    new.git("pull", "-q", "--no-rebase", "--no-edit", "--allow-unrelated-histories", str(inner.root), "main")
    new.commit("session: completed F2")
    assert completed(new) == {"F1", "F2"}


def test_two_orphans_of_one_project_are_told_apart(outer: Repo) -> None:
    outer.git("switch", "-q", "--orphan", "pages")
    outer.git("commit", "-q", "--allow-empty", "-m", DONE)
    outer.git("switch", "-q", "main")
    outer.git("merge", "-q", "--no-edit", "--allow-unrelated-histories", "pages")
    assert completed(outer) == set()


def test_what_descends_from_both_counts(outer: Repo, inner: Repo) -> None:
    outer.git("fetch", "-q", str(inner.root), "main")
    outer.git("merge", "-q", "--no-edit", "-X", "ours", "--allow-unrelated-histories", "FETCH_HEAD")
    outer.git("switch", "-qc", "side")
    outer.commit(DONE)
    outer.git("switch", "-q", "main")
    outer.git("merge", "-q", "--no-ff", "--no-edit", "side")
    assert completed(outer) == {"F1"}


def test_a_shallow_clone_takes_what_it_cannot_see_for_its_own(outer: Repo, tmp_path: Path) -> None:
    outer.git("switch", "-qc", "side")
    outer.commit("old work")
    outer.commit(DONE)
    outer.git("switch", "-q", "main")
    for _ in range(3):
        outer.commit("work")
    outer.git("merge", "-q", "--no-ff", "--no-edit", "side")
    outer.git("clone", "-q", "--depth", "3", f"file://{outer.root}", "../near")
    near = Repo(tmp_path / "near")
    assert set(near.scan(path=near.root / LIST).standing) == {"F1"}

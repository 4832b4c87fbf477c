"""The user's refs, read and pointed elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.repos import git

from orchestrator.errors import GitError
from orchestrator.git import place as places
from orchestrator.git import refs


@pytest.fixture
def commits(repo: Path) -> tuple[str, str]:
    found = []
    for message in ("one", "two"):
        git(repo, "commit", "-q", "--allow-empty", "-m", message)
        found.append(git(repo, "rev-parse", "HEAD"))
    return found[0], found[1]


def test_branches_tags_and_the_stash_are_the_users_and_nothing_else(repo: Path, commits: tuple[str, str]) -> None:
    one, two = commits
    branch = git(repo, "symbolic-ref", "HEAD")
    git(repo, "branch", "a/ü", one)
    git(repo, "tag", "-a", "-m", "x", "v1", one)
    for name in ("refs/orchestrator/x", "refs/remotes/origin/main", "refs/notes/commits"):
        git(repo, "update-ref", name, two)
    (repo / "f").write_text("f")
    git(repo, "add", "-A")
    git(repo, "stash", "-q")
    found = refs.read(places.find(repo))
    names = {branch, "refs/heads/a/ü", "refs/tags/v1", "refs/stash"}
    assert found == {name: git(repo, "rev-parse", name) for name in names}
    assert refs.parsed(refs.written(found)) == found


def test_each_name_points_where_it_is_told_or_is_gone(repo: Path, commits: tuple[str, str]) -> None:
    one, two = commits
    place = places.find(repo)
    git(repo, "branch", "moved", two)
    git(repo, "branch", "gone", two)
    refs.hold(place, {"refs/heads/moved": one, "refs/heads/new": two, "refs/heads/gone": ""})
    found = refs.read(place)
    assert (found["refs/heads/moved"], found["refs/heads/new"], "refs/heads/gone" in found) == (one, two, False)


def test_where_one_of_them_can_not_be_set_none_is(repo: Path, commits: tuple[str, str]) -> None:
    place = places.find(repo)
    before = refs.read(place)
    with pytest.raises(GitError):
        refs.hold(place, {"refs/heads/new": commits[0], "refs/heads/bad": "12" * 20})
    assert refs.read(place) == before

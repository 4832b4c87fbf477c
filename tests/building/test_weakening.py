"""Tests that lost lines."""

from __future__ import annotations

from pathlib import Path

from support.repos import git

from orchestrator.building import weakening
from orchestrator.git import place as places
from orchestrator.git import snapshot


def test_only_test_files_that_lost_more_lines_than_they_gained_are_named() -> None:
    listed = "1\t3\ttests/test_a.py\x002\t2\ttests/same.py\x003\t1\ttests/grew.py\x000\t9\tsrc/app.py\x00"
    assert weakening.in_numstat(listed) == ["tests/test_a.py: 2 lines of tests fewer"]


def test_a_specification_is_a_test_and_a_binary_file_has_no_lines() -> None:
    assert weakening.in_numstat("0\t4\tapp.Spec.ts\x00-\t-\ttests/picture.png\x00") == [
        "app.Spec.ts: 4 lines of tests fewer"
    ]


def test_a_deleted_test_is_named_however_odd_its_name(repo: Path) -> None:
    (repo / "test\to\n.py").write_text("one\ntwo\n")
    (repo / "test_kept.py").write_text("one\n")
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "-m", "tests")
    place = places.find(repo)
    before = snapshot.worktree(place)
    (repo / "test\to\n.py").unlink()
    (repo / "test_kept.py").write_text("one\ntwo\n")
    after = snapshot.worktree(place)
    assert weakening.weakened_tests(place, before, after) == ["test\to\n.py: 2 lines of tests fewer"]
    assert weakening.weakened_tests(place, after, before) == ["test_kept.py: 1 lines of tests fewer"]

"""A shallow clone says in one line what it can't see, and nothing where it sees enough."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from support.projects import BIN, Made, make

LINE = "completed before this shallow clone begins; whether changed since, `git fetch --unshallow` tells"
FEATURES = [{"id": id, "name": id, "description": "d", "passes": False} for id in ("F1", "F2")]


@pytest.fixture
def far(tmp_path: Path) -> Made:
    made = make(tmp_path / "far", FEATURES, '[verify]\ncommand = "true"\n')
    for id in ("F1", "F2"):
        (made.root / id).write_text("work")
        made.run("orchestrator", "complete", id, "-a", "-m", "done")
    return made


def clone(far: Made, depth: int, name: str = "near") -> Made:
    near = far.root.parent / name
    subprocess.run(["git", "clone", "-q", f"--depth={depth}", f"file://{far.root}", str(near)], check=True)
    return Made(near)


def says(made: Made, *command: str) -> list[str]:
    argv = [str(BIN / "orchestrator"), *command]
    done = subprocess.run(argv, cwd=made.root, capture_output=True, text=True, check=False)
    return [line for line in (done.stdout + done.stderr).splitlines() if "unshallow" in line]


def test_what_was_completed_before_the_clone_begins_is_told_by_all_that_look(far: Made) -> None:
    near = clone(far, 1)
    assert near.states() == {"F1": "done", "F2": "done"}
    assert says(near, "status") == [f"F1: {LINE}"]
    assert says(near, "status", "--json") == [f"orchestrator: note: F1: {LINE}"]
    assert says(near, "build", "--dry-run") == [f"F1: {LINE}"]
    assert says(near, "build") == says(near, "build") == [f"F1: {LINE}"]
    assert near.json("status")["remaining"] == 0
    near.run("orchestrator", "sync", "--check")


def test_where_the_clone_sees_enough_nothing_is_said(far: Made) -> None:
    for depth in (2, 5):
        near = clone(far, depth, f"near{depth}")
        assert [says(near, *command) for command in (("status",), ("build", "--dry-run"), ("build",))] == [[], [], []]


def test_the_digests_that_a_shallow_clone_has_are_used(far: Made) -> None:
    near = clone(far, 1)
    near.edit("F2", description="something else")
    assert near.states() == {"F1": "done", "F2": "changed"}
    near.edit("F1", description="something else")
    assert near.states() == {"F1": "done", "F2": "changed"}
    assert says(near, "status") == [f"F1: {LINE}"]
    near.git("fetch", "-q", "--unshallow")
    assert near.states() == {"F1": "changed", "F2": "changed"}
    assert says(near, "status") == []


def test_trailers_without_the_words_of_a_completion_tell_a_definition(far: Made) -> None:
    trailers = far.git("log", "--format=%(trailers:key=Feature-Digest)", "-2")
    far.git("commit", "-q", "--allow-empty", "-m", f"release\n\n{trailers}")
    near = clone(far, 1)
    assert says(near, "status") == []
    near.edit("F1", description="something else")
    assert near.states() == {"F1": "changed", "F2": "done"}


def test_a_whole_clone_and_a_folder_without_git_say_nothing(far: Made) -> None:
    assert says(far, "status") == []

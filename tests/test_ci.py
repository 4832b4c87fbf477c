"""The workflows: ours has the README's commands, and the one for users does what docs/ci.md says of it."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from support.projects import BIN, Made, make
from support.repos import git

TOP = Path(__file__).parents[1]
WORKFLOW = (TOP / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
DOCS = (TOP / "docs" / "ci.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"- run: (orchestrator .*)", DOCS)
FEATURES = [{"id": f"F{n}", "name": f"n{n}", "description": "d", "passes": False} for n in (1, 2)]


def test_our_workflow_runs_the_readmes_commands_word_for_word() -> None:
    readme = (TOP / "README.md").read_text(encoding="utf-8")
    commands = [line for line in readme.splitlines() if line.startswith("python3 -m venv")]

    assert len(commands) == 2
    assert [command for command in commands if f"- run: {command}\n" not in WORKFLOW] == []


@pytest.mark.parametrize("system", ["ubuntu-latest", "macos-latest", "windows-latest"])
def test_our_workflow_is_for_each_system(system: str) -> None:
    assert system in WORKFLOW


def test_the_users_job_has_the_same_commands_everywhere() -> None:
    assert [command.split()[1] for command in COMMANDS] == ["validate", "sync", "verify"]
    listed = re.findall(r"^    - orchestrator (\w+)", DOCS, re.MULTILINE)
    assert listed == ["validate", "sync", "verify"]


@pytest.fixture
def pushed(tmp_path: Path) -> Made:
    """A project with one feature completed since `main~1`, its flag in the same commit."""
    made = make(tmp_path / "project", FEATURES, '[verify]\ncommand = "test ! -e broken"\n')
    made.run("orchestrator", "hooks", "install")
    (made.root / "work").write_text("")
    made.git("add", "-A")
    made.git("commit", "-q", "-m", "session: completed F1")
    return made


def codes(made: Made, tmp_path: Path) -> list[int]:
    """The exit code of each command of the documented job, in a clone as CI checks it out: a detached HEAD."""
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", made.root.as_uri(), "clone")
    git(clone, "checkout", "-q", "--detach")
    base = git(clone, "rev-parse", "HEAD~1").strip()
    env = {**os.environ, "BASE": base, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    found = [
        subprocess.run(["sh", "-c", command], cwd=clone, env=env, capture_output=True, check=False).returncode
        for command in COMMANDS
    ]
    assert git(clone, "status", "--porcelain") == ""
    return found


def test_the_documented_job_passes_where_all_is_well(pushed: Made, tmp_path: Path) -> None:
    assert codes(pushed, tmp_path) == [0, 0, 0]


def test_the_documented_job_finds_a_list_that_lags_behind(pushed: Made, tmp_path: Path) -> None:
    pushed.run("orchestrator", "hooks", "uninstall")
    pushed.git("commit", "-q", "--allow-empty", "-m", "session: completed F2")

    assert codes(pushed, tmp_path) == [0, 1, 0]


def test_the_documented_job_finds_a_completion_whose_check_fails(pushed: Made, tmp_path: Path) -> None:
    (pushed.root / "broken").write_text("")
    pushed.git("add", "-A")
    pushed.git("commit", "-q", "--amend", "--no-edit")

    assert codes(pushed, tmp_path) == [0, 0, 1]


def test_the_documented_job_finds_a_broken_list(pushed: Made, tmp_path: Path) -> None:
    (pushed.root / "feature_list.json").write_text("{")
    pushed.git("add", "-A")
    pushed.git("commit", "-q", "--no-verify", "-m", "oops")

    assert codes(pushed, tmp_path)[:2] == [2, 2]

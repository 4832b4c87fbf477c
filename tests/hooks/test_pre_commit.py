"""The hooks as the pre-commit framework runs them, by the real pre-commit."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.projects import make
from support.repos import git, require

pytestmark = pytest.mark.real
ROOT = Path(__file__).parent.parent.parent
FEATURES = [{"id": f"F{n}", "name": f"feature {n}", "description": "d", "passes": False} for n in (1, 2)]
STAGES = ("commit-msg", "post-commit", "post-merge", "post-rewrite")


def test_the_shipped_hooks_work_in_pre_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = shutil.which("pre-commit", path=str(Path(sys.executable).parent)) or shutil.which("pre-commit")
    require("pre-commit", found)
    assert found
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "cache"))
    hooks = tmp_path / "hooks-repository"
    shutil.copytree(ROOT, hooks, ignore=shutil.ignore_patterns(".git", ".venv", ".cache", "__pycache__", ".*_cache"))
    git(tmp_path, "init", "-q", str(hooks))
    git(hooks, "add", "-A")
    git(hooks, "commit", "-q", "-m", "as it is")
    ids = "".join(f"      - id: orchestrator-{stage}\n" for stage in STAGES)
    config = f"repos:\n  - repo: {hooks}\n    rev: {git(hooks, 'rev-parse', 'HEAD')}\n    hooks:\n{ids}"
    made = make(tmp_path / "project", FEATURES, files={".pre-commit-config.yaml": config})
    for stage in STAGES:
        subprocess.run([found, "install", "-t", stage], cwd=made.root, check=True, capture_output=True)
    done = subprocess.run(
        ["git", "commit", "--allow-empty", "-m", "session: completed F1"], cwd=made.root, env=os.environ.copy(),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert made.clean(), done.stdout + done.stderr
    assert '"passes": true' in made.git("show", "HEAD:feature_list.json")
    with pytest.raises(AssertionError, match="Did you mean 'F1'"):
        made.git("commit", "--allow-empty", "-m", "session: completed F11")
    made.git("commit", "-q", "--amend", "--allow-empty", "-m", "fix: not done")
    assert made.clean()
    assert '"passes": true' not in made.git("show", "HEAD:feature_list.json")
    made.git("checkout", "-q", "-b", "side")
    (made.root / "other").write_text("side\n")
    made.git("add", "other")
    skipped = subprocess.run(
        ["git", "commit", "-q", "-m", "session: completed F2"], cwd=made.root,
        env={**os.environ, "SKIP": "orchestrator-post-commit"}, capture_output=True, check=False,
    )  # fmt: skip
    assert skipped.returncode == 0
    assert not made.features()["F2"]["passes"]
    made.git("checkout", "-q", "-")
    assert made.clean()
    made.git("merge", "-q", "--squash", "side")
    assert not made.features()["F2"]["passes"]
    made.git("reset", "-q", "--hard")
    made.git("merge", "-q", "--no-ff", "--no-edit", "side")
    assert made.features()["F2"]["passes"]

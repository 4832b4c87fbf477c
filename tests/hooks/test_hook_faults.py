"""Hooks that are killed, or can't write: no flag is lost or invented, nothing of the user's is touched, git goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.projects import Made, make
from support.repos import git

FEATURES = [{"id": f"F{n}", "name": f"feature {n}", "description": "d" * 40, "passes": False} for n in range(1, 400)]
SKIP = {"ORCHESTRATOR_SKIP": "1"}
posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals and limits")


@pytest.fixture
def made(tmp_path: Path) -> Made:
    project = make(tmp_path / "project", FEATURES, files={"mine": "committed\n", "other": "committed\n"})
    project.run("orchestrator", "hooks", "install")
    return project


def passing(data: str | bytes) -> set[str]:
    return {feature["id"] for feature in json.loads(data)["features"] if feature["passes"]}


def commit(made: Made, message: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", "commit", "-q", "--allow-empty", "-m", message], cwd=made.root, capture_output=True, text=True,
        env={**os.environ, **env}, check=False,
    )  # fmt: skip


def hook(made: Made, name: str) -> subprocess.Popen[bytes]:
    """The hook's Python as the script starts it, in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", "from orchestrator.hooks.entry import main; main()", name], cwd=made.root,
        stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "ORCHESTRATOR_HOOK": "1"},
        start_new_session=True,
    )  # fmt: skip


def heal(made: Made, wanted: set[str]) -> None:
    """After whatever happened: one sync, and everything is as if nothing had."""
    git_dir = made.root / ".git"
    for lock in (git_dir / "index.lock", git_dir / "HEAD.lock", *(git_dir / "refs").rglob("*.lock")):
        lock.unlink(missing_ok=True)  # a git that was killed leaves it, with hooks or without; the user takes it away
    assert passing((made.root / "feature_list.json").read_bytes()) <= wanted
    assert passing(made.git("show", "HEAD:feature_list.json")) <= wanted
    made.run("orchestrator", "sync")
    assert passing((made.root / "feature_list.json").read_bytes()) == wanted
    made.run("orchestrator", "sync", "--check")
    assert made.git("diff", "--name-only", "--", "mine", "other") == "other"
    assert made.git("diff", "--cached", "--name-only", "--", "mine", "other") == "mine"
    assert (made.root / "other").read_text() == "not staged\n"
    left = [path.name for path in made.root.iterdir() if path.name.startswith(".orchestrator-")]
    for name in left:  # what a killed write leaves beside its target is ours to name and the user's to see
        (made.root / name).unlink()
    assert made.git("fsck", "--strict", "--no-dangling") == ""


@posix
def test_a_hook_killed_at_any_moment_loses_and_invents_nothing(made: Made) -> None:
    (made.root / "mine").write_text("staged\n")
    git(made.root, "add", "mine")
    (made.root / "other").write_text("not staged\n")
    started = time.monotonic()
    hook(made, "post-commit").wait()
    whole = time.monotonic() - started
    wanted: set[str] = set()
    for step in range(16):
        assert commit(made, f"session: completed F{step + 1}", **SKIP).returncode == 0
        git(made.root, "reset", "-q", "--soft", "HEAD")
        wanted.add(f"F{step + 1}")
        subject = made.git("log", "-1", "--format=%s")
        process = hook(made, "post-commit")
        time.sleep(whole * (0.3 + step / 16))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert made.git("log", "-1", "--format=%s") == subject
        # The commit took "mine" with it: it was staged, and is staged again for the next round.
        (made.root / "mine").write_text(f"staged {step}\n")
        git(made.root, "add", "mine", check=False)
        (made.root / ".git" / "index.lock").unlink(missing_ok=True)
        git(made.root, "add", "mine")
        heal(made, wanted)


@posix
def test_on_a_full_disk_the_commit_stands_and_the_next_sync_makes_up(made: Made) -> None:
    (made.root / "mine").write_text("staged\n")
    (made.root / "other").write_text("not staged\n")
    path = made.root / "feature_list.json"
    path.write_text(path.read_text().replace("d" * 40, "d" * 400))
    git(made.root, "commit", "-q", "-m", "longer", "feature_list.json")
    # No file may grow beyond 64 KiB: git's own small ones fit, and so does what Python compiles (it takes a short write
    # for a whole one, which would leave broken modules behind); the feature list does not.
    assert path.stat().st_size > 1 << 17
    limited = subprocess.run(
        ["sh", "-c", "ulimit -f 128; trap '' XFSZ; exec git commit -q --allow-empty -m 'session: completed F7'"],
        cwd=made.root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert limited.returncode == 0
    assert "orchestrator: warning: post-commit: " in limited.stderr
    assert "run `orchestrator sync`" in limited.stderr
    assert len(limited.stderr.strip().splitlines()) == 1
    assert passing((made.root / "feature_list.json").read_bytes()) == set()
    git(made.root, "add", "mine")
    heal(made, {"F7"})


@pytest.mark.parametrize("what", ["list", "store"])
def test_what_cannot_be_written_is_one_warning_and_no_more(made: Made, what: str) -> None:
    (made.root / "mine").write_text("staged\n")
    git(made.root, "add", "mine")
    (made.root / "other").write_text("not staged\n")
    if what == "list":
        (made.root / "feature_list.json").chmod(0o444)
    else:
        store = made.root / ".git" / "orchestrator"
        store.rename(store.with_name("moved"))
        store.write_text("a file where our folder should be")
    done = commit(made, "session: completed F9")
    assert done.returncode == 0, done.stderr
    warnings = [line for line in done.stderr.splitlines() if line.startswith("orchestrator: warning: post-commit: ")]
    assert len(warnings) == 1, done.stderr
    assert "Traceback" not in done.stderr
    if what == "list":
        (made.root / "feature_list.json").chmod(0o644)
    else:
        store.unlink()
        store.with_name("moved").rename(store)
    (made.root / "mine").write_text("staged again\n")
    git(made.root, "add", "mine")
    heal(made, {"F9"})


def test_a_clock_that_jumps_changes_no_flag(made: Made) -> None:
    for number, date in enumerate(("2040-01-01T00:00:00Z", "1999-01-01T00:00:00Z", "2020-01-01T00:00:00Z"), 1):
        done = commit(made, f"session: completed F{number}", GIT_COMMITTER_DATE=date, GIT_AUTHOR_DATE=date)
        assert done.returncode == 0
        os.utime(made.root / "feature_list.json", (4_000_000_000 - number, 4_000_000_000 - number))
    assert made.git("revert", "--no-edit", "HEAD~2") or True
    assert passing(made.git("show", "HEAD:feature_list.json")) == {"F2", "F3"}
    assert made.clean()

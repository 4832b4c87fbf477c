"""The installed hooks under real git: verdicts, what starts no Python, and that they go without a trace. What happens
to the flips is told by the tables of test_hook_operations.py and test_hook_scenarios.py.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.projects import Made, make

FEATURES = [{"id": f"F{n}", "name": f"feature {n}", "description": "d", "passes": False} for n in (1, 2, 3)]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    project = make(tmp_path / "pro jekt é", FEATURES)
    project.run("orchestrator", "hooks", "install")
    return project


def work(made: Made, name: str, message: str, *args: str) -> None:
    (made.root / name).write_text(f"{name} {message}\n")
    made.git("add", name)
    made.git("commit", "-q", "-m", message, *args)


def at_head(made: Made, commit: str = "HEAD") -> str:
    """The flags that the commit's own list has, as "tff"."""
    listed = json.loads(made.git("show", f"{commit}:feature_list.json"))
    return "".join("t" if feature["passes"] else "f" for feature in listed["features"])


def now(made: Made) -> str:
    return "".join("t" if feature["passes"] else "f" for feature in made.features().values())


def settled(made: Made, flags: str) -> None:
    """HEAD, index and work tree all say `flags`, and a sync has nothing to add."""
    assert (at_head(made), now(made), made.git("status", "--porcelain")) == (flags, flags, "")
    made.run("orchestrator", "sync", "--check")


def test_a_commit_carries_its_own_flip(made: Made) -> None:
    work(made, "a", "session: completed F1")
    settled(made, "tff")
    assert made.git("show", "--format=", "--name-only").split() == ["a", "feature_list.json"]
    assert "Feature-Digest: F1 " in made.git("log", "-1", "--format=%b")


def test_an_unknown_id_is_refused_with_the_nearest(made: Made) -> None:
    with pytest.raises(AssertionError, match=r"names 'F11'.*Did you mean 'F1'\?"):
        made.git("commit", "-q", "--allow-empty", "-m", "session: completed F11")
    assert made.git("log", "-1", "--format=%s") == "base"


def test_a_list_that_does_not_validate_is_refused(made: Made) -> None:
    (made.root / "feature_list.json").write_text('{"features": [{"id": "F1"}, {"id": "F1"}]}')
    made.git("add", "-A")
    with pytest.raises(AssertionError, match=r"feature_list\.json:1"):
        made.git("commit", "-q", "-m", "break the list")
    assert made.git("log", "-1", "--format=%s") == "base"


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX sh")
def test_a_commit_that_does_not_matter_starts_no_python(made: Made, tmp_path: Path) -> None:
    marker = tmp_path / "python-was-started"
    for name in ("commit-msg", "post-commit"):
        hook = made.root / ".git" / "hooks" / name
        real = re.findall(r"(?m)^python=(.*)$", hook.read_text())[0]
        wrapper = tmp_path / "python"
        wrapper.write_text(f'#!/bin/sh\ntouch "{marker}"\nexec "{real}" "$@"\n')
        wrapper.chmod(0o755)
        hook.write_text(hook.read_text().replace(f"python={real}\n", f"python={wrapper}\n"))
    time.sleep(1.1)  # shells compare whole seconds
    work(made, "first", "the list is validated once after it was written")
    marker.unlink(missing_ok=True)
    work(made, "a", "fix: nothing about features")
    assert not marker.exists()
    work(made, "b", "session: completed F1")
    assert marker.exists()


def test_settings_that_change_after_the_installation_count_from_the_next_commit_on(made: Made) -> None:
    made.git("mv", "feature_list.json", "back log.json")
    settings = '[project]\nfeatures = "back log.json"\n[history]\ncompleted = "done:"\n'
    (made.root / "orchestrator.toml").write_text(settings)
    made.git("add", "-A")
    made.git("commit", "-q", "-m", "other words")
    made.git("commit", "-q", "--allow-empty", "-m", "done: F1")
    made.git("commit", "-q", "--allow-empty", "-m", "session: completed F2")
    listed = json.loads(made.git("show", "HEAD:back log.json"))["features"]
    assert [feature["id"] for feature in listed if feature["passes"]] == ["F1"]
    assert made.clean()
    assert made.json("hooks", "status")["hooks"][0]["state"] == "installed"
    made.run("orchestrator", "hooks", "status")
    (made.root / "orchestrator.toml").write_text(f'{settings}write = "worktree"\n')
    made.git("commit", "-q", "-a", "-m", "done: F3")
    assert made.git("status", "--porcelain") == ' M "back log.json"'


def test_without_python_the_commit_goes_through_with_a_warning(made: Made) -> None:
    for name in ("commit-msg", "post-commit"):
        hook = made.root / ".git" / "hooks" / name
        hook.write_text(re.sub(r"(?m)^python=.*$", "python=/gone/python", hook.read_text()))
    git_only = str(Path(shutil.which("git") or "").parent)
    done = subprocess.run(
        ["git", "commit", "--allow-empty", "-m", "session: completed F1"], cwd=made.root, text=True,
        capture_output=True, env={**os.environ, "PATH": git_only}, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert "orchestrator: warning" in done.stderr or now(made) == "tff"


def snapshot(root: Path) -> dict[str, tuple[bytes, int]]:
    found = {}
    for path in sorted((root / ".git").rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.is_file() and not name.startswith(".git/orchestrator/"):
            found[name] = (path.read_bytes(), path.stat().st_mode)
    return found


def test_uninstall_leaves_every_byte_as_it_was_and_chained_hooks_run(tmp_path: Path) -> None:
    made = make(tmp_path / "project", FEATURES)
    own = made.root / ".git" / "hooks" / "post-commit"
    own.parent.mkdir(exist_ok=True)
    own.write_text("#!/bin/sh\necho ran >> hook-ran\n")
    own.chmod(0o755)
    (made.root / ".git" / "info").mkdir(exist_ok=True)
    (made.root / ".git" / "info" / "attributes").write_bytes(b"*.png binary")
    before = snapshot(made.root)
    made.run("orchestrator", "hooks", "install")
    made.run("orchestrator", "hooks", "status")
    assert "already" in made.run("orchestrator", "hooks", "install")
    installed = snapshot(made.root)
    made.run("orchestrator", "hooks", "uninstall")
    assert {name: content for name, content in snapshot(made.root).items() if name in before} == before
    assert set(snapshot(made.root)) == set(before)
    made.run("orchestrator", "hooks", "install")
    assert snapshot(made.root) == installed
    work(made, "a", "session: completed F1")
    assert (made.root / "hook-ran").read_text() == "ran\n"
    assert at_head(made) == "tff"


def test_husky_calls_us_from_its_own_files(tmp_path: Path) -> None:
    made = make(tmp_path / "project", FEATURES)
    folder = made.root / ".husky"
    (folder / "_").mkdir(parents=True)
    (folder / "_" / "post-commit").write_text(
        '#!/bin/sh\n[ ! -f .husky/post-commit ] || sh -e .husky/post-commit "$@"\n'
    )
    (folder / "_" / "post-commit").chmod(0o755)
    (folder / "post-commit").write_text("echo mine >> husky-ran\n")
    made.git("config", "core.hooksPath", ".husky/_")
    before = (folder / "post-commit").read_bytes()
    made.run("orchestrator", "hooks", "install")
    work(made, "a", "session: completed F1")
    assert at_head(made) == "tff"
    assert (made.root / "husky-ran").exists()
    made.run("orchestrator", "hooks", "uninstall")
    assert (folder / "post-commit").read_bytes() == before
    assert sorted(path.name for path in folder.iterdir()) == ["_", "post-commit"]

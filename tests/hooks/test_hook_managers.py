"""Beside the real lefthook, husky and pre-commit: their hooks run and ours, whoever is installed first."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from support.hooks import (
    ALL,
    commit,
    completes,
    differences,
    found_beside,
    install,
    project,
    script,
    snapshot,
    states,
    uninstall,
)
from support.projects import Made
from support.repos import require

pytestmark = pytest.mark.real
ROOT = Path(__file__).parent.parent.parent
ALL_INSTALLED = dict.fromkeys(ALL, "installed")


def run(root: Path, *command: str, env: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(
        command, cwd=root, capture_output=True, text=True, encoding="utf-8", env={**os.environ, **(env or {})}
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def ran(root: Path) -> list[str]:
    """The marks that their hooks left since the last time."""
    path = root / ".git" / "ran"
    marks = path.read_text().split() if path.exists() else []
    path.unlink(missing_ok=True)
    return marks


# lefthook


@pytest.fixture
def lefthook(monkeypatch: pytest.MonkeyPatch) -> str:
    found = found_beside("lefthook") or shutil.which("lefthook") or ""
    require("lefthook", found)
    monkeypatch.setenv("LEFTHOOK_BIN", found)
    monkeypatch.setenv("LEFTHOOK_OUTPUT", "failure,execution_out")
    return found


def lefthook_yml(*names: str) -> str:
    return "".join(f"{name}:\n  commands:\n    mark:\n      run: echo {name} >> .git/ran\n" for name in names)


@pytest.mark.parametrize("folder", ["project", "pro [jekt] é $HOME 'x' {1} \\n *"])
def test_beside_lefthook(lefthook: str, tmp_path: Path, folder: str) -> None:
    made = project(tmp_path / folder, {"lefthook.yml": lefthook_yml("pre-commit", "commit-msg", "post-commit")})
    run(made.root, lefthook, "install")
    before = snapshot(made.root)
    install(made.root)
    assert states(made.root) == ALL_INSTALLED
    assert made.clean()
    assert completes(made.root, "F1") == ""
    assert sorted(ran(made.root)) == ["commit-msg", "post-commit"]  # pre-commit: nothing is staged
    assert "Did you mean 'F1'" in (refused := commit(made.root, "session: completed F11")).stdout + refused.stderr
    assert refused.returncode == 1
    ran(made.root)
    run(made.root, lefthook, "install", "-f")
    assert states(made.root) == ALL_INSTALLED
    assert completes(made.root, "F2") == ""
    assert install(made.root) == ["git hooks: all installed already"]
    uninstall(made.root)
    run(made.root, lefthook, "install", "-f")
    assert differences(before, snapshot(made.root)) == {}
    assert commit(made.root, "session: completed F11").returncode == 0


def test_a_command_of_lefthook_after_a_commit_sees_the_commit_that_carries_the_flip(
    lefthook: str, tmp_path: Path
) -> None:
    own = "post-commit:\n  commands:\n    a-mark:\n      run: git rev-parse HEAD >> .git/ran\n"
    made = project(tmp_path / "project", {"lefthook.yml": own})
    run(made.root, lefthook, "install")
    install(made.root)
    assert completes(made.root, "F1") == ""
    assert ran(made.root) == [made.git("rev-parse", "HEAD")]


def test_lefthook_that_comes_later_is_reported_and_mended(lefthook: str, tmp_path: Path) -> None:
    made = project(tmp_path / "project")
    own = script(made.root / ".git" / "hooks" / "commit-msg", "echo own >> .git/ran")
    without = snapshot(made.root)
    install(made.root)
    (made.root / "lefthook.yml").write_text(lefthook_yml("commit-msg", "post-commit"))
    made.git("add", "-A")
    made.git("commit", "-q", "-m", "lefthook")
    run(made.root, lefthook, "install")
    assert states(made.root) == {**ALL_INSTALLED, "commit-msg": "foreign", "post-commit": "foreign"}
    install(made.root)
    assert states(made.root) == ALL_INSTALLED
    ran(made.root)
    assert completes(made.root, "F1") == ""
    assert sorted(ran(made.root)) == ["commit-msg", "post-commit"]
    uninstall(made.root)
    assert (own.with_name("commit-msg.old")).read_text() == "#!/bin/sh\necho own >> .git/ran\n"
    run(made.root, lefthook, "uninstall")
    after = {name: entry for name, entry in snapshot(made.root).items() if "lefthook" not in name}
    assert differences(without, after) == {}


def test_lefthook_in_a_repository_that_was_moved(lefthook: str, tmp_path: Path) -> None:
    made = project(tmp_path / "project", {"lefthook.yml": lefthook_yml("commit-msg")})
    run(made.root, lefthook, "install")
    install(made.root)
    made.root.rename(tmp_path / "moved")
    assert completes(tmp_path / "moved", "F1") == ""
    install(tmp_path / "moved")
    assert states(tmp_path / "moved") == ALL_INSTALLED


def test_the_settings_that_lefthook_keeps_for_a_clone_stay_theirs(lefthook: str, tmp_path: Path) -> None:
    made = project(tmp_path / "project", {"lefthook.yml": lefthook_yml("commit-msg"), ".gitignore": "lefthook-local*"})
    local = made.root / "lefthook-local.yml"
    local.write_bytes(b"post-commit:\r\n  commands:\r\n    mark:\r\n      run: echo local >> .git/ran")
    run(made.root, lefthook, "install")
    before = snapshot(made.root)
    install(made.root)
    assert states(made.root) == ALL_INSTALLED
    assert completes(made.root, "F1") == ""
    assert sorted(ran(made.root)) == ["commit-msg", "local"]
    uninstall(made.root)
    assert (
        differences(before, {**snapshot(made.root), "git/info/lefthook.checksum": before["git/info/lefthook.checksum"]})
        == {}
    )


def test_lefthook_in_a_linked_work_tree(lefthook: str, tmp_path: Path) -> None:
    """Each work tree has settings of its own; what manages the hooks is asked for in each."""
    made = project(tmp_path / "project", {"lefthook.yml": lefthook_yml("commit-msg").replace(".git/ran", "../ran")})
    run(made.root, lefthook, "install")
    before = snapshot(made.root)
    linked = Made(tmp_path / "lin [k] ed")
    made.git("worktree", "add", "-q", str(linked.root), "-b", "side")
    install(made.root)
    assert states(linked.root) == {**ALL_INSTALLED, "commit-msg": "foreign"}
    install(linked.root)
    assert (made.clean(), linked.clean()) == (True, True)
    assert completes(linked.root, "F1") == ""
    assert (tmp_path / "ran").read_text() == "commit-msg\n"
    assert states(made.root) == states(linked.root) == ALL_INSTALLED
    assert completes(made.root, "F2") == ""
    uninstall(made.root)
    assert linked.git("status", "--porcelain", "--ignored") == ""
    made.git("worktree", "remove", str(linked.root))
    changed = differences(before, snapshot(made.root))
    changed.pop("git/info/lefthook.checksum", None)  # lefthook's own: the time of the lefthook.yml it saw
    assert changed == {}


# husky


@pytest.fixture
def husky(tmp_path: Path) -> Path:
    """A folder for `node_modules` that holds husky."""
    found = ROOT / ".cache" / "husky" / "node_modules"
    require("husky", (found / "husky" / "package.json").is_file() and shutil.which("node"))
    return found


def with_husky(root: Path, node_modules: Path) -> Made:
    made = project(root, {".gitignore": "node_modules\n", "package.json": '{"name": "x", "private": true}\n'})
    (made.root / "node_modules").symlink_to(node_modules)
    run(made.root, "node", "node_modules/husky/bin.js", "init")
    script(made.root / ".husky" / "pre-commit", "echo pre-commit >> .git/ran", first="# husky")
    made.git("add", "-A")
    made.git("commit", "-q", "-m", "husky")
    ran(made.root)
    return made


@pytest.mark.parametrize("own", [True, False])
def test_beside_husky(husky: Path, tmp_path: Path, own: bool) -> None:
    made = with_husky(tmp_path / "pro jekt $é", husky)
    if own:
        (made.root / ".husky" / "post-commit").write_text("echo post-commit >> .git/ran")
        (made.root / ".husky" / "commit-msg").write_text("#!/usr/bin/env sh\r\n")
    before = snapshot(made.root)
    install(made.root)
    assert states(made.root) == ALL_INSTALLED
    assert completes(made.root, "F1") == ""
    assert ran(made.root) == (["pre-commit", "post-commit"] if own else ["pre-commit"])
    assert commit(made.root, "session: completed F11").returncode == 1
    run(made.root, "node", "node_modules/husky/bin.js")  # what package.json's `prepare` does after every `npm install`
    assert states(made.root) == ALL_INSTALLED
    assert completes(made.root, "F2") == ""
    assert commit(made.root, "something else", "--amend").returncode == 0
    assert made.features()["F2"]["passes"] is False
    made.git("reset", "-q", "--hard", "HEAD~1")
    uninstall(made.root)
    assert differences(before, snapshot(made.root)) == {}


def test_husky_that_comes_later_is_reported_and_mended(husky: Path, tmp_path: Path) -> None:
    made = project(tmp_path / "project")
    install(made.root)
    made = with_husky(tmp_path / "project", husky)
    assert states(made.root) == dict.fromkeys(ALL, "absent")
    install(made.root)
    assert states(made.root) == ALL_INSTALLED
    ran(made.root)
    assert completes(made.root, "F1") == ""
    assert ran(made.root) == ["pre-commit"]
    uninstall(made.root)
    assert not [path for path in (made.root / ".git" / "hooks").iterdir() if path.suffix != ".sample"]


# pre-commit


@pytest.fixture
def pre_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    found = found_beside("pre-commit") or shutil.which("pre-commit") or ""
    require("pre-commit", found)
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "cache"))
    return found


def pre_commit_yaml(*stages: str) -> str:
    hooks = "".join(
        f"      - id: {stage}\n        name: {stage}\n        entry: sh -c 'echo {stage} >> .git/ran'\n"
        f"        language: system\n        stages: [{stage}]\n        always_run: true\n"
        for stage in stages
    )
    return f"repos:\n  - repo: local\n    hooks:\n{hooks}"


STAGES = ("commit-msg", "post-commit")
PRE_COMMIT = [f"--hook-type={stage}" for stage in STAGES]


@pytest.fixture
def legacy(tmp_path: Path) -> Made:
    """A project with hooks of its own and a configuration of pre-commit."""
    made = project(tmp_path / "pro jekt é", {".pre-commit-config.yaml": pre_commit_yaml(*STAGES)})
    for stage in STAGES:
        script(made.root / ".git" / "hooks" / stage, f"echo own-{stage} >> .git/ran")
    return made


EACH_ONCE = ["commit-msg", "own-commit-msg", "own-post-commit", "post-commit"]


def works(made: Made, id: str) -> None:
    ran(made.root)
    assert completes(made.root, id) == ""
    assert sorted(ran(made.root)) == EACH_ONCE


def test_installed_after_pre_commit(pre_commit: str, legacy: Made) -> None:
    run(legacy.root, pre_commit, "install", *PRE_COMMIT)
    before = snapshot(legacy.root)
    install(legacy.root)
    works(legacy, "F1")
    assert states(legacy.root) == ALL_INSTALLED
    run(legacy.root, pre_commit, "install", *PRE_COMMIT)
    assert states(legacy.root) == ALL_INSTALLED
    works(legacy, "F2")
    assert install(legacy.root) == ["git hooks: all installed already"]
    uninstall(legacy.root)
    assert differences(before, snapshot(legacy.root)) == {}


def test_installed_before_pre_commit(pre_commit: str, legacy: Made) -> None:
    alone = snapshot(legacy.root)
    install(legacy.root)
    run(legacy.root, pre_commit, "install", *PRE_COMMIT)
    assert states(legacy.root) == ALL_INSTALLED
    works(legacy, "F1")
    assert install(legacy.root) == ["git hooks: all installed already"]
    uninstall(legacy.root)
    ran(legacy.root)
    commit(legacy.root, "without ours")
    assert sorted(ran(legacy.root)) == EACH_ONCE
    run(legacy.root, pre_commit, "uninstall", *PRE_COMMIT)
    assert differences(alone, snapshot(legacy.root)) == {}


def test_pre_commit_that_goes_leaves_ours_where_it_was(pre_commit: str, legacy: Made) -> None:
    alone = snapshot(legacy.root)
    run(legacy.root, pre_commit, "install", *PRE_COMMIT)
    install(legacy.root)
    run(legacy.root, pre_commit, "uninstall", *PRE_COMMIT)
    assert states(legacy.root) == ALL_INSTALLED
    assert completes(legacy.root, "F1") == ""
    assert sorted(ran(legacy.root)) == ["own-commit-msg", "own-post-commit"]
    uninstall(legacy.root)
    assert differences(alone, snapshot(legacy.root)) == {}


def test_pre_commit_that_overwrites_is_reported(pre_commit: str, legacy: Made) -> None:
    install(legacy.root)
    run(legacy.root, pre_commit, "install", "-f", *PRE_COMMIT)
    assert states(legacy.root) == {**ALL_INSTALLED, **dict.fromkeys(STAGES, "foreign")}
    install(legacy.root)
    assert states(legacy.root) == ALL_INSTALLED
    assert completes(legacy.root, "F1") == ""


def test_pre_commit_that_refuses_a_message_has_the_first_word(pre_commit: str, tmp_path: Path) -> None:
    refuses = pre_commit_yaml("commit-msg").replace("sh -c 'echo commit-msg >> .git/ran'", "'false'")
    made = project(tmp_path / "project", {".pre-commit-config.yaml": refuses})
    run(made.root, pre_commit, "install", "--hook-type=commit-msg")
    install(made.root)
    head = made.git("rev-parse", "HEAD")
    assert commit(made.root, "session: completed F1").returncode == 1
    assert made.git("rev-parse", "HEAD") == head

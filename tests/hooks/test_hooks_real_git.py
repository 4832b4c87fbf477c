"""The installed hooks under real git operations: the completing commit carries its flip, and nothing else moves."""

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
from e2e.projects import Made, make
from support import git

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


@pytest.mark.parametrize("how", ["all", "partial", "no-verify", "empty", "editor", "subdirectory"])
def test_however_it_is_committed(made: Made, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    work(made, "a", "something")
    (made.root / "a").write_text("changed\n")
    (made.root / "b").write_text("staged\n")
    (made.root / "sub").mkdir()
    left = ""
    if how == "all":
        made.git("commit", "-q", "-a", "-m", "session: completed F2")
        left = "?? b"
    elif how == "partial":
        made.git("add", "b")
        made.git("commit", "-q", "-m", "session: completed F2", "a")
        left = "A  b"
    elif how == "no-verify":
        made.git("commit", "-q", "-a", "--no-verify", "-m", "session: completed F2")
        left = "?? b"
    elif how == "empty":
        made.git("commit", "-q", "--allow-empty", "-m", "session: completed F2")
        left = " M a\n?? b"
    elif how == "editor":
        monkeypatch.setenv("GIT_EDITOR", "sh -c 'echo session: completed F2 > \"$1\"' -")
        made.git("commit", "-q", "-a")
        left = "?? b"
    else:
        git(made.root / "sub", "commit", "-q", "-a", "-m", "session: completed F2")
        left = "?? b"
    assert (at_head(made), now(made)) == ("ftf", "ftf")
    assert made.git("status", "--porcelain") == left


def test_an_amended_message_takes_the_completion_away_or_brings_it(made: Made) -> None:
    work(made, "a", "fix something")
    made.git("commit", "-q", "--amend", "-m", "session: completed F2")
    settled(made, "ftf")
    made.git("commit", "-q", "--amend", "-m", "fix something after all")
    settled(made, "fff")


def test_reverts_follow(made: Made) -> None:
    work(made, "a", "session: completed F1")
    work(made, "b", "session: completed F2")
    made.git("revert", "--no-edit", "HEAD~1")
    settled(made, "ftf")
    made.git("revert", "--no-edit", "HEAD")
    settled(made, "ttf")
    made.git("revert", "--no-edit", "HEAD~4..HEAD~2")
    settled(made, "fff")


def test_both_sides_of_a_merge_complete_features(made: Made) -> None:
    made.git("checkout", "-q", "-b", "side")
    work(made, "a", "session: completed F1")
    made.git("checkout", "-q", "main")
    work(made, "b", "session: completed F2")
    made.git("merge", "-q", "--no-edit", "side")
    settled(made, "ttf")


def test_a_rebase_carries_the_flips_along(made: Made) -> None:
    made.git("checkout", "-q", "-b", "side")
    work(made, "a", "session: completed F1")
    work(made, "b", "session: completed F2")
    made.git("checkout", "-q", "main")
    work(made, "c", "session: completed F3")
    made.git("checkout", "-q", "side")
    (made.root / "c2").write_text("dirty\n")
    made.git("add", "c2")
    made.git("rebase", "-q", "--autostash", "main")
    assert (at_head(made), now(made)) == ("ttt", "ttt")
    assert made.git("status", "--porcelain") == "A  c2"


def test_cherry_picks_and_mailed_patches_carry_them_too(made: Made, tmp_path: Path) -> None:
    made.git("checkout", "-q", "-b", "side")
    work(made, "a", "session: completed F1")
    work(made, "b", "session: completed F2")
    made.git("format-patch", "-q", "-o", str(tmp_path / "patches"), "main")
    made.git("checkout", "-q", "-b", "other", "main")
    made.git("cherry-pick", "main..side")
    settled(made, "ttf")
    made.git("checkout", "-q", "-b", "mailed", "main")
    settled(made, "fff")
    made.git("am", "-q", *sorted(str(path) for path in (tmp_path / "patches").iterdir()))
    settled(made, "ttf")


def test_switching_and_resetting_needs_no_hook(made: Made) -> None:
    work(made, "a", "session: completed F1")
    made.git("checkout", "-q", "HEAD~1")
    settled(made, "fff")
    made.git("checkout", "-q", "main")
    settled(made, "tff")
    made.git("reset", "-q", "--hard", "HEAD~1")
    settled(made, "fff")


def test_a_linked_work_tree_has_its_own_list(made: Made, tmp_path: Path) -> None:
    made.git("worktree", "add", "-q", str(tmp_path / "linked"), "-b", "side")
    linked = Made(tmp_path / "linked")
    work(linked, "a", "session: completed F2")
    settled(linked, "ftf")
    settled(made, "fff")


def test_git_dir_and_work_tree_given_by_hand(made: Made, tmp_path: Path) -> None:
    (made.root / "a").write_text("a\n")
    where = (f"--git-dir={made.root}/.git", f"--work-tree={made.root}")
    git(tmp_path, *where, "add", "-A")
    git(tmp_path, *where, "commit", "-q", "-m", "session: completed F1")
    settled(made, "tff")


def test_staged_and_unstaged_edits_of_the_list_stay_what_they_are(made: Made) -> None:
    path = made.root / "feature_list.json"
    original = path.read_text()
    path.write_text(original.replace("feature 2", "staged name"))
    made.git("add", "feature_list.json")
    path.write_text(path.read_text().replace("feature 3", "unstaged name"))
    (made.root / "a").write_text("a\n")
    made.git("add", "a")
    made.git("commit", "-q", "-m", "session: completed F1", "a")
    assert at_head(made) == "tff"
    staged, unstaged = made.git("diff", "--cached"), made.git("diff")
    changes = [
        line for line in (staged + "\n" + unstaged).splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")
    ]
    assert [line.strip() for line in changes] == [
        '-      "name": "feature 2",', '+      "name": "staged name",',
        '-      "name": "feature 3",', '+      "name": "unstaged name",',
    ]  # fmt: skip


def test_a_signed_commit_is_signed_again(made: Made, tmp_path: Path) -> None:
    if not shutil.which("ssh-keygen"):
        pytest.skip("needs ssh-keygen")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "key")], check=True)
    for name, value in (
        ("gpg.format", "ssh"),
        ("user.signingKey", str(tmp_path / "key.pub")),
        ("commit.gpgSign", "true"),
    ):
        made.git("config", name, value)
    work(made, "a", "session: completed F1")
    settled(made, "tff")
    assert "gpgsig -----BEGIN SSH SIGNATURE" in made.git("cat-file", "commit", "HEAD")


def test_author_dates_and_message_stay(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_AUTHOR_DATE", "2001-02-03T04:05:06+0100")
    work(made, "a", "session: completed F1", "--author=Some One <some@one.example>")
    assert made.git("log", "-1", "--format=%an|%ae|%ai|%s") == (
        "Some One|some@one.example|2001-02-03 04:05:06 +0100|session: completed F1"
    )


def test_what_is_on_a_remote_is_not_made_again(made: Made) -> None:
    (made.root / "orchestrator.toml").write_text('[history]\nwrite = "worktree"\n')
    made.git("commit", "-q", "-am", "flips stay in the work tree")
    work(made, "a", "session: completed F1")
    head = made.git("rev-parse", "HEAD")
    assert (at_head(made), now(made), made.git("rev-parse", "HEAD")) == ("fff", "tff", head)
    assert made.git("status", "--porcelain") == " M feature_list.json"


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

"""Clients that are not git, and what they hand to hooks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support.hook_twins import Repo, make
from support.repos import require

from orchestrator import project as projects
from orchestrator.hooks.install import installing

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the scripts are for sh")
COMMIT = """
import sys
from dulwich import porcelain
from dulwich.repo import Repo
repo = Repo(sys.argv[1])
porcelain.commit(repo, message=sys.argv[2].encode(), author=b"A <a@example.com>", committer=b"C <c@example.com>")
"""


def dulwich(repo: Repo, message: str) -> str:
    """What a commit by dulwich says on stderr."""
    import_it = [sys.executable, "-c", "import dulwich"]
    require("dulwich", subprocess.run(import_it, capture_output=True, check=False).returncode == 0)
    done = subprocess.run(
        [sys.executable, "-c", COMMIT, str(repo.root), message], cwd=repo.root.parent, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    return done.stderr


@pytest.mark.real
def test_hooks_that_dulwich_starts_inside_the_git_dir_find_the_project(tmp_path: Path) -> None:
    ours = make(tmp_path, hooked=True)
    ours.run("work 'about something else'; file mine")
    assert dulwich(ours, "session: completed F1") == ""
    assert (ours.committed(), ours.present(), ours.status()) == ("tff", "tff", "")
    assert ours.git("log", "-1", "--format=%B").startswith("session: completed F1\n\nFeature-Digest: F1 ")
    ours.run("file other", start=2000)
    assert "Did you mean 'F1'" in dulwich(ours, "session: completed F11")
    assert ours.git("log", "-1", "--format=%s") == "session: completed F1"


@pytest.mark.parametrize("folder", [".git/worktrees/linked", "../linked/.git of a submodule"])
def test_hooks_that_start_inside_another_git_dir_find_its_work_tree(folder: str, tmp_path: Path) -> None:
    if "submodule" in folder:
        add = "git -C ../super -c protocol.file.allow=always submodule --quiet add"
        ours = make(tmp_path, f'git init -q ../super; {add} "$PWD" module', project="../super/module", hooked=True)
    else:
        make(tmp_path, "git worktree add -q -b side ../linked", hooked=True)
        ours = Repo(tmp_path / "linked", tmp_path / "linked")
    ours.run(f"cd '{ours.root}'; file a; tick; git -c core.hooksPath=/dev/null commit -q -m 'session: completed F1'")
    git_dir = Path(ours.git("rev-parse", "--absolute-git-dir"))
    hook = Path(ours.git("rev-parse", "--git-path", "hooks/post-commit"))
    done = subprocess.run([ours.root / hook], cwd=git_dir, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert (ours.committed(), ours.present(), ours.status()) == ("tff", "tff", "")


@pytest.mark.real
def test_a_post_commit_hook_of_the_user_starts_where_dulwich_started_ours(tmp_path: Path) -> None:
    mine = "mkdir -p .git/hooks; printf '#!/bin/sh\\npwd >>ran; git rev-parse HEAD >>ran\\n' >.git/hooks/post-commit;"
    ours = make(tmp_path, mine + "chmod +x .git/hooks/post-commit", hooked=True)
    ours.run("git add feature_list.json")
    assert dulwich(ours, "session: completed F1") == ""
    assert (ours.root / ".git" / "ran").read_text().split() == [str(ours.root / ".git"), ours.git("rev-parse", "HEAD")]


def test_a_message_without_a_last_line_break_gets_its_trailer_below_its_subject(tmp_path: Path) -> None:
    ours = make(tmp_path, hooked=True)
    ours.run("printf 'session: completed F1' >../said; file a; commit --cleanup=verbatim -F ../said")
    subject, blank, trailer, *rest = ours.git("log", "-1", "--format=%B").split("\n")
    assert (subject, blank, trailer[:19], rest) == ("session: completed F1", "", "Feature-Digest: F1 ", [])


@pytest.mark.parametrize("content", ["\0\udcff", "/etc", "../up", "nowhere", ""])
def test_what_is_no_folder_among_the_projects_is_passed_over(content: str, tmp_path: Path) -> None:
    ours = make(tmp_path, hooked=True)
    known = ours.root / ".git" / "orchestrator" / "projects"
    known.write_bytes(f"{content}\n".encode("utf-8", "surrogateescape"))
    said = ours.run("completes F1")
    assert (ours.committed(), ours.present()) == ("tff", "tff")
    line = (
        f"orchestrator: warning: lines that are no folders are passed over ({known}). Run `orchestrator hooks install`"
    )
    assert (line in said) == (content != "nowhere")
    installing.install(projects.load(ours.root))
    assert "." in known.read_text().splitlines()
    assert "orchestrator" not in ours.run("completes F2", start=2000)


@pytest.mark.skipif(not hasattr(__import__("os"), "geteuid"), reason="needs users")
def test_a_folder_that_cannot_be_written_is_one_clear_line_and_stops_no_commit(tmp_path: Path) -> None:
    ours = make(tmp_path, hooked=True)
    store = ours.root / ".git" / "orchestrator"
    store.chmod(0o555)
    try:
        if (store / "x").exists() or _writable(store):
            pytest.skip("root may write anything")
        said = ours.run("work 'something else'; completes F1")
    finally:
        store.chmod(0o755)
    lines = [line for line in said.splitlines() if line]
    assert lines == [
        "orchestrator: warning: post-commit: the folder of orchestrator's state can't be written "
        f"({store}). {lines[0].rpartition(').')[2].strip()}"
    ]
    assert "chown -R" in lines[0]


def _writable(folder: Path) -> bool:
    try:
        (folder / "probe").touch()
        (folder / "probe").unlink()
    except OSError:
        return False
    return True


@pytest.mark.parametrize("how", ["git init --shared", "a setting that comes later"])
def test_core_shared_repository_is_obeyed(how: str, tmp_path: Path) -> None:
    set_up = "git init -q --shared=group" if "init" in how else "git config core.sharedRepository group"
    ours = make(tmp_path, f"umask 022; {set_up}", hooked=True)
    ours.run("umask 022; completes F1; work it; git revert --no-edit HEAD~1")
    store = ours.root / ".git" / "orchestrator"
    assert store.stat().st_mode & 0o2070 == 0o2070
    closed = [path.name for path in store.iterdir() if path.stat().st_mode & 0o060 != 0o060 and path.name != "seen"]
    assert closed == []


def test_a_repository_of_one_user_stays_closed(tmp_path: Path) -> None:
    ours = make(tmp_path, hooked=True)
    ours.run("umask 022; completes F1")
    assert not any(path.stat().st_mode & 0o020 for path in (ours.root / ".git" / "orchestrator").iterdir())

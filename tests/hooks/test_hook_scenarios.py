"""With hooks installed the list follows the history through every way to change it: each case is a shell script that
runs in a repository with the hooks and in one without.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support.hook_twins import Repo, cases, check, make
from support.repos import require

from orchestrator import project as projects
from orchestrator.hooks.install import installing

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the scripts are for sh and GNU sed")
CASES = {case.name: case for case in cases("scenarios.txt")}


@pytest.mark.parametrize("name", CASES)
def test_the_list_follows_the_history(name: str, tmp_path: Path) -> None:
    check(CASES[name], tmp_path)


def test_a_shallow_clone_says_nothing_about_what_is_beyond_its_border(tmp_path: Path) -> None:
    far = make(tmp_path / "far", hooked=True)
    far.run("completes F1; work it; work last")
    far.run(f"git clone -q --depth 1 'file://{far.root}' ../near")
    near = Repo(tmp_path / "far" / "near", tmp_path / "far" / "near")
    installing.install(projects.load(near.root))
    near.run("completes F2", start=2000)
    assert (near.committed(), near.present(), near.status()) == ("ttf", "ttf", "")
    near.run("git fetch -q --unshallow; completes F3; git revert --no-edit HEAD~4", start=3000)
    assert (near.committed(), near.present(), near.status()) == ("ftt", "ftt", "")
    assert near.sync() == []


@pytest.mark.parametrize("how", ["by configuration", "by the command line", "by an option"])
def test_a_signed_commit_is_signed_again(how: str, tmp_path: Path) -> None:
    require("ssh-keygen", shutil.which("ssh-keygen"))
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    public = key.with_suffix(".pub").read_text()
    (tmp_path / "allowed").write_text(f"committer@example.com {public}")
    ours = make(tmp_path, hooked=True)
    ours.run(f"git config gpg.ssh.allowedSignersFile '{tmp_path}/allowed'")
    settings = {"gpg.format": "ssh", "user.signingKey": str(key), "commit.gpgSign": "true"}
    given = " ".join(f"-c '{name}={value}'" for name, value in settings.items())
    if how == "by configuration":
        ours.run("".join(f"git config {name} '{value}'\n" for name, value in settings.items()) + "completes F1")
    elif how == "by the command line":
        ours.run(f"file a; git {given} commit -q -m 'session: completed F1'")
    else:
        ours.run(f"file a; git {given.replace('=true', '=false')} commit -q -S -m 'session: completed F1'")
    assert (ours.committed(), ours.present(), ours.status()) == ("tff", "tff", "")
    assert ours.git("log", "-1", "-g", "--format=%gs") == "orchestrator: the completing commit carries its flip"
    said = [ours.git("log", "-1", "--format=%G? %GS", commit) for commit in ("HEAD", "HEAD@{1}")]
    assert said == ["G committer@example.com", "G committer@example.com"]


@pytest.mark.parametrize("signed", [True, False])
def test_a_merge_keeps_the_signed_tag_that_it_merged(signed: bool, tmp_path: Path) -> None:
    require("ssh-keygen", shutil.which("ssh-keygen"))
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    ours = make(tmp_path, f"git config gpg.format ssh; git config user.signingKey '{key}'", hooked=True)
    ours.run(
        "onto -b side; work it; git tag -s -m tagged v1; onto main; work here; git merge -q --no-commit v1;"
        f"commit {'-S' if signed else '--no-gpg-sign'} -m 'session: completed F1'"
    )
    stored = ours.git("cat-file", "commit", "HEAD")
    assert ("\nmergetag object " in stored, "\ngpgsig " in stored) == (True, signed)
    # git can't be asked to sign a commit with such a field: that one stays as it was made.
    assert (ours.committed(), ours.present()) == ("fff" if signed else "tff", "tff")
    assert ours.status() == ""
    ours.run("work later", start=2000)
    assert (ours.committed(), ours.present(), ours.status()) == ("tff", "tff", "")


def test_two_work_trees_commit_at_the_same_time(tmp_path: Path) -> None:
    one = make(tmp_path, "git worktree add -q -b side ../linked", hooked=True)
    other = Repo(tmp_path / "linked", tmp_path / "linked")
    rounds = "for n in 1 2 3; do completes F1; work it; completes F2; git revert --no-edit HEAD; completes F3; done"
    with ThreadPoolExecutor() as pool:
        said = list(pool.map(lambda repo: repo.run(rounds), (one, other)))
    assert [text for text in said if "orchestrator" in text] == []
    for repo in (one, other):
        assert (repo.committed(), repo.present(), repo.status()) == ("tft", "tft", "")
        assert repo.sync() == []
    assert one.git("fsck", "--strict", "--no-dangling") == ""

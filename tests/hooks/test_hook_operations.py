"""The completing commit carries its flip through whatever git does, and the hooks change nothing else: each case is a
shell script that runs in a repository with the hooks and in one without.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from hook_twins import LIST, TEXT, Case, Repo, cases, flags, make, seen

from orchestrator.errors import OrchestratorError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX sh")
CASES = {case.name: case for case in cases("operations.txt")}


@pytest.mark.parametrize("name", CASES)
def test_the_flip_goes_along_and_nothing_else_moves(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    _skip_unless_git_can(case)
    ours, bare = (make(tmp_path / twin, case.before, case.project, hooked=twin == "ours") for twin in ("ours", "bare"))
    said = ours.run(case.script)
    bare.run(case.script)
    assert "orchestrator: error" not in said
    assert "Traceback" not in said
    of_ours, of_bare = seen(ours), seen(bare)
    for part in of_bare:
        assert of_ours[part] == of_bare[part], part
    assert (ours.committed(), ours.present(), ours.staged()) == (case.committed, case.present, case.staged)
    assert _more(ours, bare) == (f" M {LIST}" if "modified" in case.said else "")
    if "carried" in case.said:
        _assert_made_again(ours)
    if case.present not in ("-", "?"):
        assert ours.sync() == []


def test_a_link_to_a_list_of_the_repository_is_followed(tmp_path: Path) -> None:
    link = "git mv feature_list.json real.json; ln -s real.json feature_list.json; git add -A; commit -m link"
    ours, bare = (make(tmp_path / twin, link, hooked=twin == "ours") for twin in ("ours", "bare"))
    for repo in (ours, bare):
        repo.run("completes F1")
    assert seen(ours) == seen(bare)
    committed = ours.git("show", "HEAD:real.json").encode()
    assert (flags(committed), ours.present(), ours.status()) == ("tff", "tff", "")
    assert ours.list_path().is_symlink()


def test_a_link_to_a_list_elsewhere_is_no_list_of_this_repository(tmp_path: Path) -> None:
    ours = make(tmp_path, hooked=True)
    link = "mv feature_list.json ../real.json; ln -s ../real.json feature_list.json; git add -A; commit -m link;"
    said = ours.run(link + "completes F1")
    assert re.sub(r"/\S*/", "", said).splitlines() == [
        f"orchestrator: warning: {hook}: feature_list.json is real.json, outside of the repository (repo). "
        "Keep it in the repository that it is about; run `orchestrator sync`"
        for hook in ("commit-msg", "commit-msg", "post-commit")
    ]
    assert (ours.git("log", "-1", "--format=%s"), ours.present()) == ("session: completed F1", "fff")
    with pytest.raises(OrchestratorError, match="outside of the repository"):
        ours.sync()


def test_a_list_that_is_unmerged_stays_unmerged(tmp_path: Path) -> None:
    ours = make(tmp_path, hooked=True)
    ours.run(
        "onto -b side; edit F2 theirs; commit -a -m there; onto main; edit F2 ours; commit -a -m here; completes F1;"
        "refused git merge -q side"
    )
    stages = ours.git("ls-files", "-u")
    broken = ours.list_path().read_bytes()
    assert "<<<<<<<" in broken.decode()
    ours.run("git checkout -q HEAD -- a")  # post-checkout: a sync at once, but for the merge
    with pytest.raises(OrchestratorError, match="unresolved merge conflict"):
        ours.sync()
    assert (ours.git("ls-files", "-u"), ours.list_path().read_bytes()) == (stages, broken)
    ours.list_path().write_text(TEXT)
    assert ours.sync() == ["F1"]
    assert (ours.git("ls-files", "-u"), ours.present()) == (stages, "tff")
    ours.run("git add feature_list.json; commit --no-edit")
    assert (ours.committed(), ours.present(), ours.status()) == ("tff", "tff", "")


def _skip_unless_git_can(case: Case) -> None:
    if "--ref-format=reftable" in case.before:
        said = subprocess.run(["git", "init", "-h"], capture_output=True, text=True, check=False).stdout
        if "--ref-format" not in said:
            pytest.skip("this git has no table of refs")


def _more(ours: Repo, bare: Repo) -> str:
    """What git status says of one and not of the other."""
    return "\n".join(sorted(set(ours.status().splitlines()) ^ set(bare.status().splitlines())))


def _assert_made_again(ours: Repo) -> None:
    """HEAD took the place of the commit that git had made: alike but for flags of the list, and its signature."""
    assert ours.git("log", "-1", "-g", "--format=%gs") == "orchestrator: the completing commit carries its flip"
    before, after = (_stored(ours, commit) for commit in ("HEAD@{1}", "HEAD"))
    assert before == after
    changed = ours.git("diff-tree", "-r", "--name-only", "-z", "HEAD@{1}", "HEAD").rstrip("\0").split("\0")
    assert [path.rpartition("/")[2] for path in changed] == [LIST]


def _stored(repo: Repo, commit: str) -> bytes:
    raw = subprocess.run(["git", "cat-file", "commit", commit], cwd=repo.root, capture_output=True, check=True).stdout
    return re.sub(rb"(?m)^tree .*\n", b"", raw)

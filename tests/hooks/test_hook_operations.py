"""The completing commit carries its flip through whatever git does, and the hooks change nothing else: each case is a
shell script that runs in a repository with the hooks and in one without.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from support.hook_twins import TEXT, cases, check, flags, make, seen

from orchestrator.errors import OrchestratorError

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the scripts are for sh and GNU sed")
CASES = {case.name: case for case in cases("operations.txt")}


@pytest.mark.parametrize("name", CASES)
def test_the_flip_goes_along_and_nothing_else_moves(name: str, tmp_path: Path) -> None:
    check(CASES[name], tmp_path)


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
    assert ours.sync() == []  # against HEAD's list: for all we know somebody wants it so
    assert (ours.git("ls-files", "-u"), ours.present()) == (stages, "fff")
    ours.run("git add feature_list.json; commit --no-edit")
    assert (ours.committed(), ours.present(), ours.status()) == ("tff", "tff", "")

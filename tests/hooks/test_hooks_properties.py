"""Random git operations in two repositories, one with the hooks and one without: the hooks change nothing but flags."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.hook_twins import IDS, LIST, Repo, make, seen

from orchestrator import project as projects
from orchestrator.history import index, sync
from orchestrator.history.flips import flips

THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
LISTED = {f" M {LIST}", f"M  {LIST}", f"MM {LIST}", f"AM {LIST}", f"A  {LIST}"}


class Twin:
    """The same operations in a repository with hooks (`ours`) and in one without (`bare`)."""

    def __init__(self, folder: Path) -> None:
        self.ours, self.bare = folder / "ours", folder / "bare"
        self.clock = 1_700_000_000
        features = [{"id": id, "name": id, "description": "d", "passes": False} for id in IDS]
        for root in (self.ours, self.bare):
            subprocess.run(["git", "init", "-q", "-b", "main", str(root)], check=True)
            (root / LIST).write_text(json.dumps({"features": features}, indent=1))
            for name in ("a", "b"):
                (root / name).write_text(f"{name}\n")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "base")
        from orchestrator.hooks.install import installing

        installing.install(projects.load(self.ours))

    def git(self, *args: str) -> tuple[int, int]:
        """Exit codes with hooks and without."""
        self.clock += 10
        date = f"@{self.clock} +0000"
        env = {**os.environ, "GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
        codes = []
        for root in (self.ours, self.bare):
            done = subprocess.run(["git", *args], cwd=root, env=env, capture_output=True, check=False)
            codes.append(done.returncode)
        return codes[0], codes[1]

    def write(self, name: str, text: str) -> None:
        for root in (self.ours, self.bare):
            (root / name).write_text(text)

    def edit(self, id: str, name: str) -> None:
        for root in (self.ours, self.bare):
            data = json.loads((root / LIST).read_text())
            next(feature for feature in data["features"] if feature["id"] == id)["name"] = name
            (root / LIST).write_text(json.dumps(data, indent=1))

    def busy(self) -> bool:
        names = ("rebase-merge", "rebase-apply", "MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "sequencer")
        return any((root / ".git" / name).exists() for root in (self.ours, self.bare) for name in names)

    def is_root(self, commit: str) -> bool:
        """Whether the commit brought the list itself (or is none)."""
        argv = ["git", "rev-parse", "-q", "--verify", f"{commit}^"]
        return subprocess.run(argv, cwd=self.bare, capture_output=True, check=False).returncode != 0

    def out(self, root: Path, *args: str) -> str:
        return subprocess.run(["git", *args], cwd=root, capture_output=True, text=True, check=True).stdout


# What may be staged, changed and left about when a commit is made. Each is a line of shell that may fail.
NAMES = st.sampled_from(["a", "b", LIST])
EDITS = st.lists(
    st.one_of(
        st.builds("file {}".format, st.sampled_from(["a", "b", "new/one"])),
        st.builds("echo {1} >>{0}".format, st.sampled_from(["a", "b", "loose"]), st.sampled_from("xyz")),
        st.builds("[ ! -f feature_list.json ] || edit {} {}".format, st.sampled_from(IDS), st.sampled_from("pqr")),
        st.builds("git add {}".format, NAMES),
        st.builds("git add -N {}".format, st.sampled_from([LIST, "loose"])),
        st.builds("git rm -q --cached {}".format, NAMES),
        st.builds("rm {}".format, NAMES),
        st.builds("git mv {} moved.json".format, NAMES),
        st.builds("chmod +x {}".format, NAMES),
        st.builds("rm b; ln -s {} b".format, st.sampled_from(["a", "nowhere"])),
        st.just("git stash -q; git stash pop -q --index"),
    ),
    max_size=7,
)
COMMITS = st.builds(
    "commit -m SAID {} {}".format,
    st.sampled_from(["--allow-empty", "--amend --allow-empty", "--allow-empty --no-verify"]),
    st.sampled_from(["", "", "-a", "a", "--only -- b", f"-- {LIST}", "--include a"]),
)
MERGES = st.sampled_from(
    ["git merge -q --no-ff -m SAID side", "git cherry-pick side", "git merge -q --squash side; commit -m SAID"]
)


def quick(examples: int) -> settings:
    return settings(max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def fresh() -> Path:
    return Path(tempfile.mkdtemp(prefix="hooks-"))


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX sh")
@quick(400 if THOROUGH else 25)
@given(before=EDITS, how=st.one_of(COMMITS, COMMITS, MERGES), id=st.sampled_from(IDS))
@example(before=[f"git rm -q --cached {LIST}", f"git add -N {LIST}"], how="commit -m SAID --allow-empty", id="F1")
@example(before=["edit F2 p", f"git add {LIST}", "edit F3 q"], how="commit -m SAID --allow-empty", id="F2")
@example(before=["edit F2 p", f"git add {LIST}", "edit F3 q"], how="git cherry-pick side", id="F2")
@example(before=["chmod +x a", "rm b; ln -s a b"], how="git merge -q --no-ff -m SAID side", id="F3")
def test_staged_and_unstaged_work_is_never_disturbed(before: list[str], how: str, id: str) -> None:
    folder = fresh()
    try:
        ours, bare = (make(folder / name, hooked=name == "ours") for name in ("ours", "bare"))
        said = f"'session: completed {id}'"
        # The other branch carries no flip: a changed list would be in its way, with hooks and rightly so.
        branch = f"git branch side; export ORCHESTRATOR_SKIP=1; onto side; file c; commit -m {said}; onto main\n"
        how = how.replace("SAID", said)
        for repo in (ours, bare):
            repo.run(branch + "file d; commit -m here; unset ORCHESTRATOR_SKIP; set +e\n" + "\n".join([*before, ":"]))
        ended = [repo.run(f"{{ {how}; }} >/dev/null 2>&1 || echo refused", start=2000) for repo in (ours, bare)]
        assert ended[0] == ended[1]
        assert seen(ours) == seen(bare)
        # In the middle of a merge or a cherry-pick no commit is made again: the flip is left in the work tree.
        left = set() if how.startswith("commit") else LISTED
        assert (set(ours.status().splitlines()) ^ set(bare.status().splitlines())) <= left
        if ended[1] == "":
            _assert_flipped(ours, id, carried=how.startswith("commit"))
    finally:
        shutil.rmtree(folder)


def _assert_flipped(repo: Repo, id: str, *, carried: bool) -> None:
    """Whichever of HEAD, index and work tree has the list has its flip, HEAD and index where it is carried."""
    completed = "".join("t" if id == other else "f" for other in IDS)
    places = [repo.present(), *([repo.committed(), repo.staged()] if carried else [])]
    assert [flags for flags in places if flags not in ("-", "?", completed)] == []


OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("complete"), st.sampled_from(IDS)),
        st.tuples(st.just("reopen"), st.sampled_from(IDS)),
        st.tuples(st.just("plain"), st.just("")),
        st.tuples(st.just("revert"), st.sampled_from(["HEAD", "HEAD~1"])),
        st.tuples(st.just("amend"), st.sampled_from(["session: completed F3", "fix: it"])),
        st.tuples(st.just("branch"), st.sampled_from(["x", "y"])),
        st.tuples(st.just("switch"), st.sampled_from(["main", "x", "y"])),
        st.tuples(st.just("merge"), st.sampled_from(["main", "x", "y"])),
        st.tuples(st.just("rebase"), st.sampled_from(["main", "x", "y"])),
        st.tuples(st.just("pick"), st.sampled_from(["main", "x", "y"])),
        st.tuples(st.just("reset"), st.sampled_from(["HEAD~1", "HEAD"])),
    ),
    min_size=3,
    max_size=9,
)
COMMANDS: dict[str, Callable[[str], list[str]]] = {
    "complete": lambda arg: ["commit", "-q", "--allow-empty", "-m", f"session: completed {arg}"],
    "reopen": lambda arg: ["commit", "-q", "--allow-empty", "-m", f"session: reopened {arg}"],
    "plain": lambda arg: ["commit", "-q", "--allow-empty", "-m", "something else"],
    "revert": lambda arg: ["revert", "--no-edit", arg],
    "amend": lambda arg: ["commit", "-q", "--amend", "--allow-empty", "-m", arg],
    "branch": lambda arg: ["checkout", "-q", "-b", arg],
    "switch": lambda arg: ["checkout", "-q", arg],
    "merge": lambda arg: ["merge", "-q", "--no-edit", arg],
    "rebase": lambda arg: ["rebase", "-q", arg],
    "pick": lambda arg: ["cherry-pick", arg],
    "reset": lambda arg: ["reset", "-q", "--hard", arg],
}


@quick(300 if THOROUGH else 20)
@given(operations=OPERATIONS)
def test_hooks_never_make_git_fail_and_sync_has_the_last_word(operations: list[tuple[str, str]]) -> None:
    folder = fresh()
    try:
        twin = Twin(folder)
        for number, (what, argument) in enumerate(operations):
            if what == "revert" and twin.is_root(argument):
                continue  # the list itself would go, and a list with a flag is another one: a conflict as it should be
            if what in ("complete", "reopen", "plain"):
                twin.write(f"new{number}", what)
                twin.git("add", f"new{number}")
            ours, bare = twin.git(*COMMANDS[what](argument))
            assert not (bare == 0 and ours != 0), (what, argument)
            if twin.busy() or not (twin.ours / LIST).exists():
                return  # a conflict that plain git has too, or the base reverted: not this test's subject
            project = projects.load(twin.ours)
            place = project.repository
            assert index.read(place, project.words).standing == index.scan(place, project.words).standing
            sync.worktree(place, project.features_path, project.list_lock, project.words)
            assert flips(_features(project), index.scan(place, project.words)) == []
            twin.git("commit", "-q", "--no-verify", "-m", "what sync left", "--", LIST)
    finally:
        shutil.rmtree(folder)


def _features(project: projects.Project) -> Any:
    from orchestrator.features import model

    return model.parse(project.read_features()).features

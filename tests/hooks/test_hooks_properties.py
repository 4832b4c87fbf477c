"""Random git operations in two repositories, one with the hooks and one without: the hooks change nothing but flags."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrator import project as projects
from orchestrator.history import index, sync
from orchestrator.history.flips import flips

IDS = ("F1", "F2", "F3")
LIST = "feature_list.json"


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
        from orchestrator import hooks

        hooks.install(projects.load(self.ours))

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


def unflagged(text: str) -> Any:
    """A list without what hooks may change of it."""
    data = json.loads(text)
    for feature in data["features"]:
        feature.pop("passes", None)
        feature.pop("passes_from", None)
    return data


def same_but_for_flags(twin: Twin) -> None:
    """Index, work tree and HEAD of both are alike, the flags of the list aside."""
    for listing in (["ls-files", "-s"], ["ls-tree", "-r", "HEAD"]):
        ours, bare = (
            [line for line in twin.out(root, *listing).splitlines() if not line.endswith(f"\t{LIST}")]
            for root in (twin.ours, twin.bare)
        )
        assert ours == bare, listing
    for name in ("a", "b"):
        assert (twin.ours / name).read_bytes() == (twin.bare / name).read_bytes()
    assert unflagged((twin.ours / LIST).read_text()) == unflagged((twin.bare / LIST).read_text())
    for revision in ("HEAD", ""):
        ours, bare = (twin.out(root, "show", f"{revision}:{LIST}") for root in (twin.ours, twin.bare))
        assert unflagged(ours) == unflagged(bare)


EDITS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.sampled_from(["a", "b"]), st.text("xyz\n", min_size=1, max_size=5)),
        st.tuples(st.just("edit"), st.sampled_from(IDS), st.text("pqr", min_size=1, max_size=3)),
        st.tuples(st.just("add"), st.sampled_from(["a", "b", LIST]), st.just("")),
    ),
    max_size=6,
)
HOW = st.sampled_from([[], ["-a"], ["a"], ["--", "b"], ["--", LIST], ["--allow-empty"], ["--no-verify", "-a"]])


def quick(examples: int) -> settings:
    return settings(max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def fresh() -> Path:
    return Path(tempfile.mkdtemp(prefix="hooks-"))


@quick(15)
@given(before=EDITS, how=HOW, id=st.sampled_from(IDS))
def test_staged_and_unstaged_work_is_never_disturbed(
    before: list[tuple[str, str, str]], how: list[str], id: str
) -> None:
    folder = fresh()
    try:
        twin = Twin(folder)
        for what, name, text in before:
            if what == "write":
                twin.write(name, text)
            elif what == "edit":
                twin.edit(name, text)
            else:
                twin.git("add", name)
        ours, bare = twin.git("commit", "-q", "-m", f"session: completed {id}", *how)
        assert ours == bare
        same_but_for_flags(twin)
        if ours == 0:
            committed = json.loads(twin.out(twin.ours, "show", f"HEAD:{LIST}"))
            assert {f["id"]: f["passes"] for f in committed["features"]} == {other: other == id for other in IDS}
    finally:
        shutil.rmtree(folder)


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
COMMANDS = {
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


@quick(20)
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

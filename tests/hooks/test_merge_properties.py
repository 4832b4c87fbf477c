"""Random work on two branches, brought together by real git, against an oracle that knows features and fields only."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from support.hooks import LIST, commit, install, project
from support.repos import git

EXAMPLES = 150 if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" else 12
FIELDS = ("name", "description", "priority", "note")
Flat = dict[str, dict[str, Any]]

WORDS = st.sampled_from(["x", "y"])
OLD = st.sampled_from(["F1", "F2", "F3"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("complete"), OLD, st.just("")),
        st.tuples(st.just("delete"), OLD, st.just("")),
        st.tuples(st.just("add"), st.sampled_from(["N1", "N2", "N3"]), WORDS),
        *[st.tuples(st.just(field), OLD, WORDS) for field in FIELDS],
        st.tuples(st.just("reverse"), st.just(""), st.just("")),
    ),
    max_size=5,
)  # fmt: skip


def do(root: Path, step: tuple[str, str, str], branch: str) -> None:
    """One step as a commit; one that can't be done here is none. Both branches' are never one commit, not even where
    the same is done in the same second.
    """
    what, id, value = step
    path = root / LIST
    data = json.loads(path.read_text())
    items: list[dict[str, Any]] = data["features"]
    known = {item["id"]: item for item in items}
    if what == "complete" and id in known:
        assert commit(root, f"session: completed {id}", "-m", branch).returncode == 0
    elif what == "reverse":
        items.reverse()
    elif what == "delete" and id in known:
        items.remove(known[id])
    elif what == "add" and id not in known:
        items.append({"id": id, "name": value, "description": "d", "passes": False})
    elif what in FIELDS and id in known:
        known[id][what] = value if what != "priority" else 1 + len(value) + (value == "y")
    if what != "complete":
        path.write_text(json.dumps(data, indent=2) + "\n")
        assert commit(root, "work", "-a", "-m", branch).returncode == 0


def flat(text: str) -> Flat:
    """By id; whose word a flag is does not matter here."""
    return {
        item.pop("id"): {k: v for k, v in item.items() if k != "passes_from"} for item in json.loads(text)["features"]
    }


def told(base: Flat, ours: Flat, theirs: Flat) -> tuple[Flat, set[str]]:
    """What both sides did, and the features about which they disagree."""
    merged: Flat = {}
    clashes: set[str] = set()
    for id in {*base, *ours, *theirs}:
        was, one, other = base.get(id), ours.get(id), theirs.get(id)
        if one == other or other == was:
            chosen = one
        elif one == was:
            chosen = other
        elif one is None or other is None or was is None:
            clashes.add(id)
            continue
        else:
            chosen = {}
            for key in {*was, *one, *other}:
                values = [side.get(key) for side in (was, one, other)]
                if values[1] != values[2] and values[0] not in values[1:]:
                    clashes.add(id)
                value = values[2] if values[1] == values[0] else values[1]
                if value is not None:
                    chosen[key] = value
        if chosen is not None and id not in clashes:
            merged[id] = chosen
    return merged, clashes


def completed(root: Path) -> set[str]:
    found = git(root, "log", "--format=%s").splitlines()
    return {line.split()[-1] for line in found if line.startswith("session: completed ")}


def at(root: Path, commit: str) -> Flat:
    return flat(git(root, "show", f"{commit}:{LIST}"))


def stashed(root: Path) -> list[str]:
    """The other side's work, but for its completions, as one that was never committed; what brings it back."""
    git(root, "checkout", "-q", "-b", "other", "start")
    flags = {id: item["passes"] for id, item in at(root, "start").items()}
    listed = json.loads(git(root, "show", f"side:{LIST}"))
    for item in listed["features"]:
        item.pop("passes_from", None)
        item["passes"] = flags.get(item["id"], False)
    (root / LIST).write_text(json.dumps(listed, indent=2) + "\n")
    commit(root, "as it is to be stashed", "-a", env={"ORCHESTRATOR_SKIP": "1"})
    git(root, "checkout", "-q", "--detach", "start")
    git(root, "checkout", "-q", "other", "--", LIST)
    kept = git(root, "stash") != "No local changes to save"
    git(root, "checkout", "-q", "main")
    return ["git", "stash", "pop"] if kept else ["git", "status"]


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ours=STEPS, theirs=STEPS, how=st.sampled_from(["merge", "merge", "no-ff", "stash"]))
def test_what_both_sides_did_is_there_and_nothing_else(
    ours: list[tuple[str, str, str]], theirs: list[tuple[str, str, str]], how: str
) -> None:
    folder = Path(tempfile.mkdtemp(prefix="merges-"))
    try:
        root = project(folder / "project").root
        install(root)
        git(root, "branch", "start")
        git(root, "checkout", "-q", "-b", "side")
        for step in theirs:
            do(root, step, "side")
        git(root, "checkout", "-q", "main")
        for step in ours:
            do(root, step, "main")
        argv = ["git", "merge", "--no-edit", *(["--no-ff"] if how == "no-ff" else []), "side"]
        if how == "stash":
            argv = stashed(root)
        merged, clashes = told(at(root, "start"), at(root, "main"), at(root, "other" if how == "stash" else "side"))
        event(f"{how}, {'clash' if clashes else 'clean'}")
        done = subprocess.run(argv, cwd=root, capture_output=True, text=True, check=False)
        said = done.stdout + done.stderr
        assert done.returncode == (1 if clashes else 0), said
        text = (root / LIST).read_text()
        if clashes:
            assert {line.split(": ")[2] for line in said.splitlines() if "orchestrator: conflict" in line} == clashes
            assert git(root, "status", "--porcelain") == f"UU {LIST}"
            assert text.count("<<<<<<< ours\n") == text.count(">>>>>>> theirs\n") == len(clashes)
            return
        assert flat(text) == merged
        assert {id for id, item in merged.items() if item["passes"]} == completed(root) & set(merged)
        if how != "stash":
            assert git(root, "status", "--porcelain") == ""
    finally:
        shutil.rmtree(folder)

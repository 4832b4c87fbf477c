"""A build that would do over most of what is finished, for no reason of the user's, asks first."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from support.projects import BIN, Made
from support.repos import git
from support.scripted_builds import feature, project

from orchestrator import __version__
from orchestrator import project as projects
from orchestrator.staleness import facts, rerun
from orchestrator.staleness.rerun import Rebuilt
from orchestrator.staleness.state import states

COMMITS = 'mkdir -p src && echo more >> "src/$1" && git add src && git commit -q -m "session: completed $1"\n'
VERIFY = '[verify]\ncommand = "sh check.sh"\n'
WORKTREE = VERIFY + '[history]\nwrite = "worktree"\n'
ROUND = VERIFY + '[features]\nbookkeeping = ["round"]\n'
STOPPED = "orchestrator: error: 3 of 3 finished features would be built again because of other settings"


def built(tmp_path: Path, settings: str = VERIFY, **fields: Any) -> Made:
    """A project of three features, all of them built."""
    made = project(tmp_path, [feature(id, **fields) for id in ("F1", "F2", "F3")], COMMITS, settings)
    made.run("orchestrator", "build")
    assert set(made.states().values()) == {"done"}
    return made


def settings(made: Made, old: str, new: str) -> None:
    path = made.root / "orchestrator.toml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def commit(made: Made, message: str = "edit") -> None:
    made.git("commit", "-q", "-a", "-m", message)


def look(made: Made) -> Rebuilt | None:
    return rerun.look(projects.load(made.root))


def kept(made: Made, **changes: object) -> dict[str, Any]:
    """What the last build kept, with some of it changed."""
    path = projects.load(made.root).store / rerun.FILE
    data: dict[str, Any] = {**json.loads(path.read_bytes()), **changes}
    path.write_text(json.dumps(data))
    return data


def test_other_words_of_completions_stop_a_build_before_anything_is_changed(tmp_path: Path) -> None:
    made = built(tmp_path, WORKTREE)
    settings(made, WORKTREE, WORKTREE + 'completed = "built:"\nreopened = "again:"\n')
    before = (made.root / "feature_list.json").read_bytes()

    assert "asks first, for 3 of 3 finished features" in made.run("orchestrator", "build", "--dry-run")
    for command in (("orchestrator", "build"), ("doit", "build")):
        said = made.run(*command, code=1)
        assert f"{STOPPED} ([history] completed, [history] reopened), not because of what they ask for" in said
        assert "`orchestrator build --yes`" in said
    assert len(made.sessions()) == 3
    assert (made.root / "feature_list.json").read_bytes() == before

    settings(made, "built:", "session: completed")
    settings(made, "again:", "session: reopened")
    assert "nothing" in made.run("orchestrator", "build", "--dry-run")
    made.run("orchestrator", "build")
    assert len(made.sessions()) == 3


def test_yes_goes_on_and_the_next_build_does_not_ask_again(tmp_path: Path) -> None:
    made = built(tmp_path, ROUND, round=1)
    for id in ("F1", "F2", "F3"):
        made.edit(id, round=2)
    commit(made)
    assert set(made.states().values()) == {"done"}
    settings(made, 'bookkeeping = ["round"]', "")
    commit(made)
    assert STOPPED in made.run("orchestrator", "build", code=1)

    made.run("orchestrator", "build", "--yes", "--max-sessions", "1", code=1)
    assert len(made.sessions()) == 4
    made.run("orchestrator", "build")
    assert len(made.sessions()) == 6
    assert set(made.states().values()) == {"done"}


def test_a_clone_knows_it_from_the_settings_that_commits_have(tmp_path: Path) -> None:
    made = built(tmp_path, ROUND, round=1)
    for id in ("F1", "F2", "F3"):
        made.edit(id, round=2)
    commit(made)
    settings(made, 'bookkeeping = ["round"]', "")
    commit(made)
    git(tmp_path, "clone", "-q", str(made.root), "clone")
    git(tmp_path / "clone", "config", "user.name", "Test")
    git(tmp_path / "clone", "config", "user.email", "test@example.com")

    assert STOPPED in Made(tmp_path / "clone").run("orchestrator", "build", code=1)


@pytest.mark.parametrize("bookkeeping", ["", 'bookkeeping = ["else"]'])
def test_what_the_user_edits_is_built_without_a_question(tmp_path: Path, bookkeeping: str) -> None:
    made = built(tmp_path, ROUND, round=1)
    settings(made, 'bookkeeping = ["round"]', bookkeeping)
    for id in ("F1", "F2", "F3"):
        made.edit(id, description="something else")
    commit(made)

    made.run("orchestrator", "build")

    assert len(made.sessions()) == 6


def test_settings_that_were_changed_beside_most_edits_of_the_user_do_not_ask(tmp_path: Path) -> None:
    """Of three, the one of the settings is the smaller part."""
    made = built(tmp_path, ROUND)
    made.edit("F1", round=2)
    commit(made)
    settings(made, 'bookkeeping = ["round"]', "")
    for id in ("F2", "F3"):
        made.edit(id, description="something else")

    assert look(made) is None


def test_a_named_feature_is_built_as_it_was_asked_for(tmp_path: Path) -> None:
    made = built(tmp_path, ROUND, round=1)
    for id in ("F1", "F2", "F3"):
        made.edit(id, round=2)
    commit(made)
    settings(made, 'bookkeeping = ["round"]', "")
    commit(made)

    made.run("orchestrator", "build", "F2")

    assert len(made.sessions()) == 4
    assert "would be built again" in made.run("orchestrator", "build", code=1)


def test_a_word_that_the_settings_no_longer_know_as_done_stops_a_build(tmp_path: Path) -> None:
    features = [feature(id, status="fertig") for id in (1, 2)]
    made = project(tmp_path, features, COMMITS, VERIFY + '[features]\ndone = ["fertig"]\n')
    settings(made, 'done = ["fertig"]', 'not_done = ["fertig"]')

    said = made.run("orchestrator", "build", code=1)

    assert "2 of 2 finished features would be built again because of other settings ([features] done, " in said
    assert made.sessions() == []


def test_a_terminal_is_asked(tmp_path: Path) -> None:
    pexpect = pytest.importorskip("pexpect")
    made = built(tmp_path, WORKTREE)
    settings(made, WORKTREE, WORKTREE + 'completed = "built:"\nreopened = "again:"\n')
    child = pexpect.spawn(str(BIN / "orchestrator"), ["build"], cwd=str(made.root), encoding="utf-8", timeout=60)
    child.expect(r"3 of 3 finished features.*Build them again\? \[y/N\]")
    child.sendline("n")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 1
    assert len(made.sessions()) == 3


def completes(made: Made, *, edit: Mapping[str, object] | None = None) -> None:
    """Commits that complete the features, with digests that no version known to us gives."""
    for number, id in enumerate(("F1", "F2"), 1):
        if edit:
            made.edit(id, **edit)
        made.git(
            "commit", "-q", "-a", "--allow-empty", "-m", f"session: completed {id}\n\nFeature-Digest: {id} {number:040}"
        )


def test_digests_of_a_version_that_nobody_knows_are_no_edits(tmp_path: Path) -> None:
    made = project(tmp_path, [feature("F1"), feature("F2")], COMMITS)
    completes(made)
    assert set(made.states().values()) == {"changed"}

    found = look(made)

    assert found == Rebuilt(2, 2, "another version of orchestrator, not because of what they ask for")
    assert str(found) in made.run("orchestrator", "build", code=1)
    assert made.sessions() == []


def test_a_commit_that_completes_and_edits_at_once_is_an_edit(tmp_path: Path) -> None:
    made = project(tmp_path, [feature("F1"), feature("F2")], COMMITS)
    completes(made, edit={"description": "as it became in a squash"})
    assert set(made.states().values()) == {"changed"}
    assert look(made) is None


def test_what_another_version_had_finished_is_asked_about_unless_somebody_edited_or_reopened_it(tmp_path: Path) -> None:
    made = project(tmp_path, [feature("F1"), feature("F2"), feature("F3")], COMMITS)
    rerun.remember(projects.load(made.root), states(facts.load(projects.load(made.root))))
    kept(made, version="0.0.9", finished=["F1", "F2", "F3"])
    assert look(made) == Rebuilt(3, 3, "another version of orchestrator, not because of what they ask for")

    kept(made, version=__version__)
    assert look(made) is None
    kept(made, version="0.0.9")
    for id in ("F1", "F2", "F3"):
        made.edit(id, description="something else")
    commit(made)
    assert look(made) is None


def test_what_was_reopened_since_is_no_fault_of_a_version(tmp_path: Path) -> None:
    made = built(tmp_path)
    made.git("commit", "-q", "--allow-empty", "-m", "session: reopened F1, F2, F3")
    kept(made, version="0.0.9")
    assert look(made) is None
    made.run("orchestrator", "build")
    assert len(made.sessions()) == 6


def test_a_damaged_record_says_nothing(tmp_path: Path) -> None:
    made = project(tmp_path, [feature("F1")], COMMITS)
    path = projects.load(made.root).store / rerun.FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    for text in (
        "[]",
        "{",
        '{"version": "0", "words": 3, "head": "none", "finished": ["F1"]}',
        '{"version": "0", "head": 1}',
    ):
        path.write_text(text)
        assert look(made) is None

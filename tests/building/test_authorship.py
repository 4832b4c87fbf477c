"""A session's commits, and those of persons who work at the same time; real git, real builds."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support.projects import BIN, Made
from support.repos import git
from support.scripted_builds import COMMITS, WORKS, feature, project

from orchestrator.building import authorship, bypassed
from orchestrator.building.attempts import Attempts
from orchestrator.git import place

# What a person types in another terminal while the agent works: none of the agent's environment.
PERSON = 'person() { env -i PATH="$PATH" HOME="$HOME" "$@"; }\n'


def commit(repo: Path, message: str) -> str:
    git(repo, "commit", "-q", "--allow-empty", "-m", message)
    return git(repo, "rev-parse", "HEAD")


def test_commits_are_told_apart_by_what_moved_head(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = commit(repo, "base")
    kept = Attempts(before_head=base, session=7)
    hers = commit(repo, "a person's")
    for name, value in authorship.environment(7).items():
        monkeypatch.setenv(name, value)
    own = commit(repo, "the session's")
    git(repo, "commit", "-q", "--amend", "--allow-empty", "-m", "the session's, reworded")
    amended = git(repo, "rev-parse", "HEAD")
    for name, value in authorship.environment(77).items():
        monkeypatch.setenv(name, value)
    earlier = commit(repo, "what an earlier session made")
    made = authorship.since(place.find(repo), kept)
    assert made.commits == (hers, amended, earlier)
    assert (made.own, made.others) == ({amended, earlier}, (hers,))
    assert own not in made.own


def test_a_commit_is_whose_made_it_whoever_went_back_to_it(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = commit(repo, "base")
    monkeypatch.setenv("GIT_REFLOG_ACTION", "orchestrator-session 7")
    own = commit(repo, "the session's")
    monkeypatch.delenv("GIT_REFLOG_ACTION")
    git(repo, "checkout", "-q", "-b", "elsewhere", base)
    git(repo, "checkout", "-q", "main")
    assert authorship.since(place.find(repo), Attempts(before_head=base, session=7)).own == {own}


def test_without_a_reflog_every_commit_is_a_persons(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = commit(repo, "base")
    git(repo, "config", "core.logAllRefUpdates", "false")
    shutil.rmtree(repo / ".git/logs")
    monkeypatch.setenv("GIT_REFLOG_ACTION", "orchestrator-session 1")
    hers = commit(repo, "whose?")
    made = authorship.since(place.find(repo), Attempts(before_head=base, session=1))
    assert (made.own, made.others) == (frozenset(), (hers,))


def blocked_while_a_person_commits(tmp_path: Path, what: str) -> Made:
    """F1's sessions commit something broken and fail; in the first a person commits."""
    script = PERSON + f"if [ ! -f ../once ]; then touch ../once; {what}; fi\n"
    script += "mkdir -p src; echo broken > src/it; git add src; git commit -qm work\n"
    made = project(tmp_path, [feature("F1"), feature("F2")], 'if [ "$1" = F2 ]; then exit 1; fi\n' + script)
    made.run("doit", "build:F1", code=1)
    return made


def test_a_persons_commit_survives_that_the_feature_is_blocked(tmp_path: Path) -> None:
    what = "echo mine > mine.txt; person git add mine.txt; person git commit -qm 'by hand'"
    made = blocked_while_a_person_commits(tmp_path, what)
    assert made.states()["F1"] == "blocked"
    assert (made.root / "mine.txt").read_text() == "mine\n"
    assert made.git("show", "HEAD:mine.txt") == "mine"
    assert "src/it" not in made.git("ls-files").split()
    assert made.clean()


@pytest.mark.parametrize("how", ["orchestrator complete F2 -a -m 'by hand'", "git commit -qm 'session: completed F2'"])
def test_a_persons_completion_stands_and_is_built_no_more(tmp_path: Path, how: str) -> None:
    program = "person " + how.replace("orchestrator", f"{BIN}/orchestrator")
    script = PERSON + (
        'if [ "$1" = F1 ]; then echo x > two.txt; person git add two.txt\n'
        f'{program}; fi\n'
    ) + COMMITS  # fmt: skip
    made = project(tmp_path, [feature("F1"), feature("F2")], script)
    made.run("orchestrator", "hooks", "install")
    made.run("doit", "build")
    assert made.states() == {"F1": "done", "F2": "done"}
    assert [session["feature"] for session in made.sessions()] == ["F1"]
    assert "reopened" not in made.git("log", "--format=%B")


def test_a_feature_that_a_person_blocks_meanwhile_is_not_built(tmp_path: Path) -> None:
    script = (
        PERSON
        + 'if [ "$1" = F1 ]; then person ORCH block F2 -m later; fi\n'.replace("ORCH", f"{BIN}/orchestrator")
        + COMMITS
    )
    made = project(tmp_path, [feature("F1"), feature("F2")], script.replace("ORCH", f"{BIN}/orchestrator"))
    made.run("doit", "build", code=1)
    assert made.states() == {"F1": "done", "F2": "blocked"}
    assert made.features()["F2"]["blocked_reason"] == "later"
    assert [session["feature"] for session in made.sessions()] == ["F1"]


def test_an_agent_that_blocks_another_feature_is_undone(tmp_path: Path) -> None:
    script = 'if [ "$1" = F1 ]; then ORCH block F2 -m no || exit 9; fi\n' + COMMITS
    made = project(tmp_path, [feature("F1"), feature("F2")], script.replace("ORCH", f"{BIN}/orchestrator"))
    made.run("doit", "build")
    assert made.states() == {"F1": "done", "F2": "done"}


def test_a_session_that_hides_whose_its_commits_are_is_known_by_its_processes(tmp_path: Path) -> None:
    script = COMMITS + 'echo x > two.txt; git add two.txt; env -i PATH="$PATH" git commit -qm "session: completed F2"\n'
    made = project(tmp_path, [feature("F1"), feature("F2", verify="test -f three.txt")], script)
    made.run("orchestrator", "hooks", "install")
    made.run("orchestrator", "build", "F1")
    assert made.states() == {"F1": "done", "F2": "todo"}


def test_a_commit_past_the_pre_commit_hook_asks_for_a_review(tmp_path: Path) -> None:
    script = WORKS + 'git add src; git commit -qnm "session: completed F1"\n'
    made = project(tmp_path, [feature("F1")], script)
    hook = made.root / ".git/hooks/pre-commit"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    said = made.run("doit", "build")
    assert "--no-verify, past the pre-commit hook" in said
    assert made.features()["F1"]["needs_review"] is True


@pytest.mark.parametrize(
    ("words", "skips"),
    [
        ("git commit -m x", False),
        ("git commit -nm x", True),
        ("git commit -m -n", False),
        ("git commit -mn", False),
        ("git -c a=b commit --no-verify", True),
        ("git commit -am x -- -n", False),
        ("git merge --no-verify side", True),
        ("git log -n 3", False),
        ("git merge -n side", False),
    ],
)
def test_what_skips_the_hook_is_told_by_its_arguments(words: str, skips: bool) -> None:
    assert bypassed._skips(words.split()) is skips


def test_what_a_user_had_uncommitted_is_uncommitted_again(tmp_path: Path) -> None:
    script = (
        WORKS
        + 'git add -A; git commit -qm "part one"\n'
        + COMMITS.replace("git add src", "echo more > src/x; git add -A")
    )
    made = project(tmp_path, [feature("F1")], script)
    (made.root / "notes.txt").write_text("mine\n")
    (made.root / "check.sh").write_text("# mine\ntrue\n")
    (made.root / "staged.txt").write_text("staged\n")
    made.git("add", "staged.txt")
    said = made.run("doit", "build")
    assert made.states() == {"F1": "done"}
    status = set(made.git("status", "--porcelain").splitlines())
    assert status == {"A  staged.txt", " M check.sh", "?? notes.txt"}
    assert "it is uncommitted again: check.sh, notes.txt, staged.txt" in said
    assert {"notes.txt", "staged.txt"} & set(made.git("log", "--format=", "--name-only").split()) == set()
    assert (made.root / "notes.txt").read_text() == "mine\n"


def test_blocked_work_leaves_nothing_staged_for_the_next_feature(tmp_path: Path) -> None:
    script = (
        'if [ "$1" = F1 ]; then mkdir -p src; echo broken > src/left; git add src; exit; fi\n'
        'echo fine > two; git add two; git commit -qm "session: completed F2"\n'
    )
    made = project(tmp_path, [feature("F1"), feature("F2")], script)
    made.run("doit", "build", code=1)
    assert made.states() == {"F1": "blocked", "F2": "done"}
    assert "src/left" not in made.git("log", "--format=", "--name-only").split()
    assert made.clean()

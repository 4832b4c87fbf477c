"""A session that takes back what others completed, or leaves a repository inside the repository."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.projects import Made
from support.repos import git
from support.scripted_builds import feature, project

CHECK = '[verify]\ncommand = "true"\n'
FIRST = 'mkdir -p src; echo one > src/one; git add -A; git commit -q -m "session: completed F1"\n'


def two(tmp_path: Path, script: str, settings: str = CHECK) -> Made:
    whole = f'if test "$1" = F1; then\n{FIRST}else\n{script}\nfi\n'
    return project(tmp_path, [feature("F1"), feature("F2", priority=200)], whole, settings)


@pytest.mark.parametrize(
    "how",
    [
        "git revert --no-edit HEAD >/dev/null; echo 2 > src2; git add src2; git commit -q -m 'session: completed F2'",
        "echo 2 > src2; git add src2; git commit -q -m 'session: completed F2' -m 'session: reopened F1'",
        "git revert --no-edit HEAD >/dev/null; echo 2 > src2",
        "git commit -q --allow-empty -m 'session: reopened F1'; echo 2 > src2",
    ],
)
@pytest.mark.parametrize("hooks", [False, True])
def test_what_others_completed_stands_again_with_its_files(tmp_path: Path, how: str, hooks: bool) -> None:
    made = two(tmp_path, how)
    if hooks:
        made.run("orchestrator", "hooks", "install")
    output = made.run("orchestrator", "build")
    assert made.states() == {"F1": "done", "F2": "done"}
    assert [session["feature"] for session in made.sessions()] == ["F1", "F2"]
    assert made.git("show", "HEAD:src/one") == "one"
    assert made.git("show", "HEAD:src2") == "2"
    assert output.count("F1: was completed, and the session took it back; it is complete again") == 2
    assert made.clean()


def test_a_revert_that_cannot_be_undone_fails_the_attempt_and_changes_nothing(tmp_path: Path) -> None:
    script = "git revert --no-edit HEAD >/dev/null; mkdir -p src; echo other > src/one; git add src; git commit -q -m x"
    made = two(tmp_path, script)
    made.run("orchestrator", "build", "--max-sessions", "2", code=1)
    assert made.states() == {"F1": "done", "F2": "todo"}
    assert (made.root / "src" / "one").read_text() == "one\n"
    assert "its own work is in the way" in made.sessions()[1]["error"]
    assert made.clean()


NESTED = "mkdir lib; echo x > lib/code; git -C lib init -q; "
COMMITTED = "git -C lib add code; git -C lib -c user.name=n -c user.email=e commit -q -m x; "


@pytest.mark.parametrize(
    "inner", [NESTED, NESTED + COMMITTED, NESTED + COMMITTED + "git add -A 2>/dev/null; git commit -qm w"]
)
def test_a_repository_that_a_session_made_is_not_finished_and_nothing_of_it_is_deleted(
    tmp_path: Path, inner: str
) -> None:
    script = f'cp "$2" ../prompt; echo x >> y; test -e lib || {{ {inner.rstrip("; ")}; }}\n'
    made = project(tmp_path, [feature("F1")], script, CHECK)
    made.run("orchestrator", "build", "--max-sessions", "2", code=1)
    assert made.states() == {"F1": "todo"}
    assert (made.root / "lib" / "code").read_text() == "x\n"
    assert "lib is a repository of its own" in made.sessions()[0]["error"]
    assert "lib is a repository of its own" in (tmp_path / "prompt").read_text()
    (tmp_path / "agent.sh").write_text("#!/bin/sh\nrm -rf lib/.git; git rm -q --cached lib 2>/dev/null; exit 0\n")
    made.run("orchestrator", "build")
    assert made.states() == {"F1": "done"}
    assert made.git("show", "HEAD:lib/code") == "x"


def test_a_repository_that_the_user_has_inside_is_left_alone(tmp_path: Path) -> None:
    made = two(tmp_path, "echo 2 > src2")
    git(made.root, "init", "-q", "mine")
    (made.root / "mine" / "x").write_text("x")
    (tmp_path / "agent.sh").write_text((tmp_path / "agent.sh").read_text().replace("git add -A", "git add src"))
    made.run("orchestrator", "build")
    assert made.states() == {"F1": "done", "F2": "done"}
    assert (made.root / "mine" / "x").exists()


def test_what_a_session_deletes_of_ours_costs_no_traceback(tmp_path: Path) -> None:
    made = two(tmp_path, "rm -rf .git/orchestrator feature_list.json; mkdir feature_list.json; echo 2 > src2")
    output = made.run("orchestrator", "build")
    assert made.states() == {"F1": "done", "F2": "done"}
    assert "Traceback" not in output


def test_a_lock_that_a_killed_git_left_is_named_and_the_work_is_not_paid_twice(tmp_path: Path) -> None:
    made = two(tmp_path, "echo 2 > src2; touch .git/refs/heads/main.lock")
    output = made.run("orchestrator", "build", code=2)
    lock = made.root / ".git" / "refs" / "heads" / "main.lock"
    assert f"rm {lock}" in output
    lock.unlink()
    made.run("orchestrator", "build")
    assert made.states() == {"F1": "done", "F2": "done"}
    assert len(list((tmp_path / "project" / ".agent" / "sessions").glob("session-*.json"))) == 2


def with_submodule(tmp_path: Path, script: str) -> Made:
    made = project(tmp_path, [feature("F1")], script, CHECK)
    origin = tmp_path / "origin"
    git(tmp_path, "init", "-q", "--bare", str(origin))
    git(tmp_path, "clone", "-q", str(origin), str(tmp_path / "seed"))
    (tmp_path / "seed" / "a").write_text("a\n")
    git(tmp_path / "seed", "add", "a")
    git(tmp_path / "seed", "commit", "-q", "-m", "a")
    git(tmp_path / "seed", "push", "-q", "origin", "HEAD")
    made.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(origin), "sub")
    made.git("commit", "-q", "-m", "sub")
    return made


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("echo b > sub/b; git -C sub add b; git -C sub commit -q -m b; git add sub", "which none of its remotes has"),
        ("echo b > sub/a", "has work that is not committed in it"),
        ("echo b > sub/new", "has work that is not committed in it"),
    ],
)
def test_work_in_a_submodule_that_no_clone_would_have_is_not_finished(tmp_path: Path, script: str, reason: str) -> None:
    made = with_submodule(tmp_path, "echo x > y; " + script + "\n")
    head = made.git("-C", "sub", "rev-parse", "HEAD")
    made.run("orchestrator", "build", code=1)
    assert made.states() == {"F1": "blocked"}
    assert reason in made.sessions()[0]["error"]
    assert made.git("-C", "sub", "rev-parse", "HEAD") == head
    assert made.git("-C", "sub", "status", "--porcelain") == ""
    assert made.clean()


def test_work_in_a_submodule_that_was_pushed_is_done(tmp_path: Path) -> None:
    script = "echo b > sub/b; git -C sub add b; git -C sub commit -q -m b; git -C sub push -q origin HEAD\n"
    made = with_submodule(tmp_path, script)
    made.run("orchestrator", "build")
    assert made.states() == {"F1": "done"}
    assert made.git("-C", "sub", "rev-parse", "HEAD").strip() in made.git("ls-tree", "HEAD", "sub")

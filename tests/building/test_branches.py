"""A session that moves the branch or rewrites commits: all is put back, with its own work on top."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.projects import Made
from support.scripted_builds import feature, project

FIRST = "mkdir -p src tests; echo one > src/one; echo 'def test_one(): pass' > tests/test_one.py\n"
CLAIM = 'git add -A; git commit -q -m "session: completed $1"\n'
SECOND = "mkdir -p src; echo two > src/two\n"
CHECK = '[verify]\ncommand = "test ! -e src/two || test -e src/one"\n'


def built(tmp_path: Path, script: str, settings: str = CHECK) -> Made:
    """F1 is built as usual; for F2 the script runs."""
    whole = f'if test "$1" = F1; then\n{FIRST}{CLAIM}else\n{script}\nfi\n'
    made = project(tmp_path, [feature("F1"), feature("F2", priority=200)], whole, settings)
    (made.root / "notes.txt").write_text("the user's\n")
    (made.root / "orchestrator.toml").write_text((made.root / "orchestrator.toml").read_text() + "# the user's\n")
    (made.root / "check.sh").write_text("# edited by the user, not committed\n")
    made.git("add", "orchestrator.toml")
    made.git("commit", "-q", "-m", "settings")
    return made


STASHED = "git stash -q -u; {}; git stash pop -q; "
COMMIT = "git add src; git commit -q -m 'session: completed F2'"
FILTER = "git filter-branch -f --msg-filter 'cat; echo x' HEAD >/dev/null 2>&1"
PRUNE = "git reflog expire --expire=now --all; git gc -q --prune=now"
MOVES = {
    "reset --hard with the user's changes kept": STASHED.format("git reset -q --hard HEAD~1") + SECOND + COMMIT,
    "reset --hard of everything": "git reset -q --hard HEAD~1; " + SECOND + COMMIT,
    "reset --soft": "git reset -q --soft HEAD~1; " + SECOND + CLAIM,
    "reset --mixed": "git reset -q HEAD~1; " + SECOND + CLAIM,
    "amend of another's commit": SECOND + "git add src; git commit -q --amend --no-edit",
    "amend into its own claim": SECOND + 'git add src; git commit -q --amend -m "session: completed F2"',
    "a branch of its own": "git checkout -q -b topic; " + SECOND + COMMIT,
    "a detached HEAD": "git checkout -q --detach; " + SECOND + COMMIT,
    "another branch after its own commit": SECOND + COMMIT + "; git checkout -q -f -b topic HEAD~2",
    "the branch deleted": SECOND + "git checkout -q --detach; git branch -q -D main",
    "the branch moved by update-ref": SECOND + "git update-ref refs/heads/main HEAD~1",
    "HEAD deleted": SECOND + "git update-ref -d HEAD",
    "filter-branch": SECOND + STASHED.format(FILTER),
    "a rebase": STASHED.format("git reset -q --hard HEAD~2; git cherry-pick main@{1} >/dev/null") + SECOND,
    "an orphan branch": "git checkout -q --orphan fresh; git rm -rq --cached .; " + SECOND + COMMIT,
    "gc that prunes": f"git reset -q --hard HEAD~1; {PRUNE}; " + SECOND,
}  # fmt: skip


@pytest.mark.parametrize("how", MOVES)
def test_what_the_branch_held_stays_and_the_sessions_work_is_on_top(tmp_path: Path, how: str) -> None:
    made = built(tmp_path, MOVES[how])
    made.run("orchestrator", "build", "--max-sessions", "2", code=None)
    assert made.states() == {"F1": "done", "F2": "done"}, made.sessions()
    assert made.git("branch", "--show-current").strip() == "main"
    committed = set(made.git("ls-tree", "-r", "--name-only", "HEAD").split())
    assert {"src/one", "src/two", "tests/test_one.py"} <= committed
    assert (made.root / "src" / "one").exists()
    subjects = made.git("log", "--format=%s").splitlines()
    assert sum(subject.startswith("session: completed F1") for subject in subjects) == 1
    assert sum(subject.startswith("session: completed F2") for subject in subjects) == 1
    assert (made.root / "notes.txt").read_text() == "the user's\n"
    assert made.git("fsck", "--no-dangling") == ""


def test_work_that_conflicts_with_what_was_taken_off_the_branch_fails_the_attempt(tmp_path: Path) -> None:
    script = "git reset -q --hard HEAD~1; mkdir -p src; echo another > src/one; " + CLAIM
    made = built(tmp_path, script, '[verify]\ncommand = "true"\n[agent.models]\n')
    made.run("orchestrator", "build", "--max-sessions", "2", code=1)
    assert made.states() == {"F1": "done", "F2": "todo"}
    assert (made.root / "src" / "one").read_text() == "one\n"
    log = made.sessions()[1]
    assert "conflicts with the commits that it took off the branch" in log["error"]
    shown = next(line for line in log["guard"] if "git log refs/" in line).rpartition("git log ")[2].split(")")[0]
    assert "another" in made.git("show", f"{shown.strip()}:src/one")


@pytest.mark.parametrize(
    "how", ["git checkout -q -- check.sh", "git stash -q", "git reset -q --hard", "git clean -fdq", "rm notes.txt"]
)
def test_what_the_user_had_uncommitted_is_not_thrown_away(tmp_path: Path, how: str) -> None:
    made = built(tmp_path, how + "; " + SECOND, '[verify]\ncommand = "true"\n')
    (tmp_path / "agent.sh").write_text((tmp_path / "agent.sh").read_text().replace("git add -A", "git add src tests"))
    made.run("orchestrator", "build")
    assert made.states() == {"F1": "done", "F2": "done"}
    assert (made.root / "notes.txt").read_text() == "the user's\n"
    assert (made.root / "check.sh").read_text() == "# edited by the user, not committed\n"
    assert made.git("status", "--porcelain").split() == ["M", "check.sh", "??", "notes.txt"]


def test_a_branch_of_the_users_that_a_session_deletes_can_be_had_back(tmp_path: Path) -> None:
    made = built(tmp_path, "git branch -q -D topic; git branch -qf other HEAD; " + SECOND)
    made.git("branch", "topic", "HEAD~1")
    made.git("commit", "-q", "--allow-empty", "-m", "on other")
    made.git("branch", "other")
    made.git("reset", "-q", "--soft", "HEAD~1")
    kept = {name: made.git("rev-parse", name).strip() for name in ("topic", "other")}
    made.run("orchestrator", "build")
    said = " ".join(made.sessions()[1]["guard"])
    for name, sha in kept.items():
        assert f"the branch {name}" in said
        assert f"git branch -f {name} {sha[:10]}" in said
        assert sha in made.git("for-each-ref", "--format=%(objectname)", "refs/orchestrator")

"""A check that does more than checking: it runs tests that the session wrote."""

from __future__ import annotations

from pathlib import Path

from support.projects import Made
from support.scripted_builds import feature, project

TOKEN = "ghp_" + "a1B2" * 9
CHECK = '[verify]\ncommand = "test -f f1.txt && if test -f tests/t.sh; then sh tests/t.sh; fi"\n'


def built(tmp_path: Path, test: str, *more: dict[str, object], code: int | None = None) -> tuple[Made, str]:
    """F1's session commits its work and a test that runs `test` when the check runs it."""
    script = (
        '[ "$1" = F1 ] || exit 0\nmkdir -p tests; touch f1.txt\n'
        f"cat > tests/t.sh <<'X'\n{test}\nX\ngit add f1.txt tests; git commit -qm 'session: completed F1'\n"
    )
    made = project(tmp_path, [feature("F1"), *more], script, CHECK + "[agent.models]\n")
    return made, made.run("orchestrator", "build", "F1", "--max-sessions", "1", code=code)


def test_a_check_that_claims_another_feature_is_undone_and_not_done(tmp_path: Path) -> None:
    made, said = built(
        tmp_path, 'git commit -q --allow-empty -m "session: completed F2"', feature("F2", verify="false")
    )
    assert made.states()["F2"] == "todo"
    assert made.states()["F1"] == "todo"
    assert "the check committed or moved the branch" in said
    assert "session: completed F2" not in made.git("log", "--format=%s")


def test_what_a_check_commits_does_not_stay_on_the_branch(tmp_path: Path) -> None:
    test = (
        f'echo "t={TOKEN}" > leak.py; git add leak.py; git commit -qm leak; echo true > check.sh; git commit -qam soft'
    )
    made, _ = built(tmp_path, test)
    assert "leak.py" not in made.git("log", "--format=", "--name-only").split()
    assert made.git("show", "HEAD:check.sh") != "true"
    assert not (made.root / "leak.py").exists()


def test_a_check_that_leaves_the_branch_is_brought_back(tmp_path: Path) -> None:
    made, _ = built(tmp_path, "git checkout -qb tmp; echo w > w; git add w; git commit -qm w")
    assert made.git("branch", "--show-current") == "main"


def test_what_the_user_had_uncommitted_survives_a_check_that_throws_it_away(tmp_path: Path) -> None:
    script = (
        "mkdir -p tests; touch f1.txt; echo 'git checkout -qf .; git clean -fdq' > tests/t.sh; git add f1.txt tests\n"
        "git commit -qm 'session: completed F1'\n"
    )
    made = project(tmp_path, [feature("F1")], script, CHECK)
    (made.root / "check.sh").write_text("# mine\n")
    (made.root / "new.txt").write_text("mine\n")
    said = made.run("orchestrator", "build")
    assert made.states() == {"F1": "done"}
    assert (made.root / "check.sh").read_text() == "# mine\n"
    assert (made.root / "new.txt").read_text() == "mine\n"
    assert "new.txt: was not committed, and thrown away by the check; put back" in said


def test_files_that_the_check_changes_are_named(tmp_path: Path) -> None:
    script = "touch f1.txt; git add f1.txt; git commit -qm 'session: completed F1'\n"
    made = project(tmp_path, [feature("F1")], script, '[verify]\ncommand = "echo x >> snapshot.lock"\n')
    said = made.run("orchestrator", "build")
    assert "the check changed what is not committed with it: snapshot.lock" in said
    assert made.git("status", "--porcelain") == "?? snapshot.lock"


def test_a_secret_in_a_merge_of_a_session_is_seen(tmp_path: Path) -> None:
    script = (
        "git checkout -qb side; echo a > a; git add a; git commit -qm a; git checkout -q main; touch f1.txt\n"
        "git add -A\n"
        "git commit -qm 'session: completed F1'; git merge -q --no-commit --no-ff side\n"
        f"echo 't={TOKEN}' > c.py; git add -A; git commit -qm merged\n"
    )
    made = project(tmp_path, [feature("F1")], script, CHECK)
    made.run("orchestrator", "build", "--max-sessions", "1", code=1)
    assert TOKEN not in made.git("log", "-p", "--cc", "main")


def test_a_refused_commit_does_not_come_back_by_its_ref(tmp_path: Path) -> None:
    script = (
        "r=refs/orchestrator/undone/session-001\n"
        "if git rev-parse -q --verify $r >/dev/null; then git clean -fdq; git merge -q --ff-only $r; git rm -q c.py\n"
        "git commit -qm 'take out the token'\n"
        f"else touch f1.txt; echo 't={TOKEN}' > c.py; git add -A; git commit -qm 'session: completed F1'; fi\n"
    )
    made = project(tmp_path, [feature("F1")], script, CHECK)
    made.run("orchestrator", "build", "--max-sessions", "2", code=1)
    assert TOKEN not in made.git("log", "-p", "main")

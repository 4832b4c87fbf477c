"""What a session may not do, and what it may do in sight only."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.projects import Made
from support.scripted_builds import COMMITS, WORKS, feature, project

TWO = [feature("F1"), feature("F2", description="the second", priority=200)]


def only(id: str, script: str) -> str:
    """The script where the session is for this feature; the usual work where it is for another."""
    return f'if test "$1" = {id}; then\n{script}\nelse\n{COMMITS}\nfi\n'


def notes(made: Made, session: int = 0) -> list[str]:
    log = made.sessions()[session]
    return [*log["guard"], *log["notes"]]


def said(made: Made, words: str, session: int = 0) -> str:
    """The one sentence of a session's log that holds the words."""
    found = [sentence for sentence in notes(made, session) if words in sentence]
    assert len(found) == 1, notes(made, session)
    return found[0]


CLAIM_BOTH = WORKS + 'git add src && git commit -q -m "session: completed F1, F2"\n'


def test_a_claim_of_another_feature_whose_check_passes_stands_and_is_said_to(tmp_path: Path) -> None:
    made = project(tmp_path, TWO, CLAIM_BOTH)
    output = made.run("orchestrator", "build")
    assert made.states() == {"F1": "done", "F2": "done"}
    assert [session["feature"] for session in made.sessions()] == ["F1"]
    assert output.count("claimed F2 too; its check passed, so it counts") == 2
    assert made.clean()


def test_a_claim_of_another_feature_whose_check_fails_does_not_stand(tmp_path: Path) -> None:
    features = [feature("F1"), feature("F2", verify="test -e src/second")]
    made = project(tmp_path, features, only("F1", CLAIM_BOTH).replace("else", "else\nmkdir -p src; touch src/second"))
    made.run("orchestrator", "build")
    assert [session["feature"] for session in made.sessions()] == ["F1", "F2"]
    assert made.states() == {"F1": "done", "F2": "done"}
    said(made, "claimed F2, whose check does not pass; reopened")


def test_a_claim_of_another_feature_can_be_kept_from_ever_counting(tmp_path: Path) -> None:
    settings = '[verify]\ncommand = "true"\n[guard]\nforeign_claims = "reopen"\n'
    made = project(tmp_path, TWO, only("F1", CLAIM_BOTH), settings)
    made.run("orchestrator", "build")
    assert [session["feature"] for session in made.sessions()] == ["F1", "F2"]


def test_a_changed_feature_is_not_settled_by_the_session_of_another(tmp_path: Path) -> None:
    second = feature("F2", verify="! grep -q 'in gree[n]' feature_list.json || test -e src/green", priority=200)
    made = project(tmp_path, [feature("F1"), second], COMMITS)
    made.run("orchestrator", "build")
    made.edit("F1", description="anew")
    made.edit("F2", description="in green")
    made.git("commit", "-q", "-am", "reworded")
    assert made.states() == {"F1": "changed", "F2": "changed"}
    (tmp_path / "agent.sh").write_text(
        "#!/bin/sh\n" + only("F1", 'echo >> src/x; git add src; git commit -q -m "session: completed F1, F2"')
    )
    made.run("orchestrator", "build", "--max-sessions", "1", code=1)
    assert made.states()["F1"] == "done"
    assert made.states()["F2"] in ("todo", "changed")
    said(made, "claimed F2, whose check does not pass", 2)


def test_a_claim_that_stood_falls_with_the_work_that_is_taken_back(tmp_path: Path) -> None:
    script = 'mkdir -p src; echo two > src/two; git add src; git commit -q -m "session: completed F2"\n'
    script += "echo broken > src/one\n"
    features = [feature("F1", verify="! grep -q broken src/one"), feature("F2", verify="test -e src/two", priority=200)]
    made = project(tmp_path, features, only("F1", script))
    made.run("orchestrator", "build", "--max-sessions", "3", code=1)
    assert made.states() == {"F1": "blocked", "F2": "todo"}
    assert not (made.root / "src" / "two").exists()


def test_what_was_done_before_stays_done_when_a_session_that_claims_it_too_fails(tmp_path: Path) -> None:
    script = 'mkdir -p src; echo broken >> src/two; git add src; git commit -q -m "session: completed F1, F2"'
    made = project(tmp_path, TWO, only("F2", script))
    made.run("orchestrator", "build", code=1)
    assert made.states() == {"F1": "done", "F2": "blocked"}
    assert "session: reopened F1" not in made.git("log", "--format=%s%n%b")
    said(made, "claimed F1 too, which was done before", 1)


def test_a_completion_by_somebody_else_while_a_session_runs_is_said_to_be_one(tmp_path: Path) -> None:
    script = WORKS + "env -u GIT_REFLOG_ACTION git commit -q --allow-empty -m 'session: completed F2'"
    made = project(tmp_path, TWO, only("F1", script))
    output = made.run("orchestrator", "build")
    assert made.states() == {"F1": "done", "F2": "done"}
    assert output.count("F2 was completed while the session ran, by somebody else") == 2


SETTINGS = '[verify]\ncommand = "sh check.sh"\n'


def test_what_steers_the_build_is_put_back_and_kept(tmp_path: Path) -> None:
    script = 'echo "[verify]\ncommand = \'true\'" >> orchestrator.toml; echo "import os" >> dodo.py\n' + (
        "mkdir -p .agent/prompts; echo hi > .agent/prompts/implement.md\n" + WORKS
        + 'git add -A; git commit -q -m "session: completed $1"\n'
    )  # fmt: skip
    made = project(tmp_path, [feature("F1")], script)
    before = {name: (made.root / name).read_bytes() for name in ("orchestrator.toml", "dodo.py")}
    output = made.run("orchestrator", "build")
    assert {name: (made.root / name).read_bytes() for name in before} == before
    assert not (made.root / ".agent" / "prompts" / "implement.md").exists()
    assert made.clean()
    assert made.git("diff", "--stat", "HEAD~1", "HEAD", "--", "orchestrator.toml", "dodo.py", ".agent") == ""
    assert output.count("orchestrator.toml: was changed; put back") == 2
    shown = said(made, "what was undone is kept: git show ").rpartition("git show ")[2]
    assert "+import os" in made.git("show", shown)


def test_gits_configuration_and_hooks_are_put_back_before_git_runs_again(tmp_path: Path) -> None:
    script = (
        'git config core.fsmonitor "$PWD/../spy.sh"; git config alias.x "!touch ../owned"\n'
        "mkdir -p .git/hooks; printf '#!/bin/sh\\ntouch ../owned\\n' > .git/hooks/post-commit; chmod +x .git/hooks/*\n"
        "echo '*' >> .git/info/exclude\n" + WORKS
    )  # fmt: skip
    made = project(tmp_path, [feature("F1")], script)
    spy = tmp_path / "spy.sh"
    spy.write_text("#!/bin/sh\ntouch ../owned\n")
    spy.chmod(0o755)
    before = (made.root / ".git" / "config").read_bytes()
    made.run("orchestrator", "build")
    assert (made.root / ".git" / "config").read_bytes() == before
    assert not (made.root / ".git" / "hooks" / "post-commit").exists()
    assert not (tmp_path / "owned").exists()
    assert made.states() == {"F1": "done"}
    assert "git-dir/config: was changed; put back" in notes(made)


def test_the_users_own_protected_files_are_put_back(tmp_path: Path) -> None:
    made = project(
        tmp_path, [feature("F1")], "echo x >> check.sh\n" + COMMITS, SETTINGS + "[guard]\nprotect = ['*.sh']\n"
    )
    before = (made.root / "check.sh").read_bytes()
    made.run("orchestrator", "build")
    assert (made.root / "check.sh").read_bytes() == before
    said(made, "check.sh: was changed; put back")


def test_the_guard_holds_while_the_check_runs(tmp_path: Path) -> None:
    script = WORKS + "echo 'echo broken >> orchestrator.toml; sed -i s/second/hijacked/ feature_list.json' > src/t.sh\n"
    made = project(tmp_path, TWO, script, '[verify]\ncommand = "sh src/t.sh"\n')
    before = (made.root / "orchestrator.toml").read_bytes()
    made.run("orchestrator", "build", "--max-sessions", "1", code=1)
    assert (made.root / "orchestrator.toml").read_bytes() == before
    assert made.features()["F2"]["description"] == "the second"
    said(made, "while the check ran, orchestrator.toml: was changed; put back")
    said(made, "while the check ran, F2: description was changed; restored")


MAKEFILE = "test:\n\tsh check.sh\n"


def with_makefile(tmp_path: Path, script: str, settings: str = "") -> Made:
    made = project(tmp_path, [feature("F1")], script, '[verify]\ncommand = "make test"\n' + settings)
    (made.root / "Makefile").write_text(MAKEFILE)
    (made.root / "tests").mkdir()
    (made.root / "tests" / "test_a.py").write_text("def test_a():\n    assert 1\n\n\ndef test_b():\n    assert 2\n")
    made.git("add", "-A")
    made.git("commit", "-q", "-m", "more")
    return made


SOFT = "printf 'test:\\n\\ttrue\\n' > Makefile; printf 'def test_a():\\n    assert 1\\n' > tests/test_a.py\n"


def test_a_softened_check_is_shown_and_needs_review_until_it_is_accepted(tmp_path: Path) -> None:
    made = with_makefile(tmp_path, SOFT + WORKS + 'git add -A; git commit -q -m "session: completed $1"\n')
    output = made.run("orchestrator", "build")
    assert made.states() == {"F1": "done"}
    assert made.features()["F1"]["needs_review"] is True
    assert made.git("show", "HEAD:feature_list.json").count('"needs_review": true') == 1
    assert made.clean()
    assert output.count("Makefile: -sh check.sh / +true") == 2
    assert output.count("tests/test_a.py: 1 test fewer") == 2
    for command in (("orchestrator", "build"), ("orchestrator", "status")):
        assert "needs review: F1" in made.run(*command)
    made.run("orchestrator", "accept", "F1", "-m", "looked at it")
    assert "needs_review" not in made.features()["F1"]
    assert "needs review" not in made.run("orchestrator", "status")
    assert made.states() == {"F1": "done"}
    assert made.clean()


def test_a_softened_check_can_fail_the_attempt(tmp_path: Path) -> None:
    script = (
        f'if grep -q "softened its" "$2"; then git checkout -q HEAD~2 -- Makefile tests; else {SOFT.strip()}; fi\n'
        + WORKS
    )
    made = with_makefile(
        tmp_path, script + 'git add -A; git commit -q -m "session: completed $1"\n', '[guard]\non_weakened = "fail"\n'
    )
    made.run("orchestrator", "build")
    assert [session["success"] for session in made.sessions()] == [False, True]
    assert "softened its check" in made.sessions()[0]["error"]
    assert "needs_review" not in made.features()["F1"]
    assert (made.root / "Makefile").read_text() == MAKEFILE


def test_what_one_attempt_softened_is_seen_when_a_later_one_passes(tmp_path: Path) -> None:
    script = (
        f"if test -e src; then rm -f src/broken; else {SOFT.strip()}; mkdir src; echo broken > src/broken; fi\n" + WORKS
    )
    made = with_makefile(tmp_path, script.replace("\\ttrue", "\\t! test -e src/broken"))
    made.run("orchestrator", "build")
    assert [session["success"] for session in made.sessions()] == [False, True]
    assert made.features()["F1"]["needs_review"] is True


@pytest.mark.parametrize(
    "harmless", ["echo 'lint:' >> Makefile", "echo '# more' >> tests/test_a.py", "touch tests/test_b.py"]
)
def test_what_softens_nothing_needs_no_review(tmp_path: Path, harmless: str) -> None:
    made = with_makefile(tmp_path, harmless + "\n" + WORKS)
    made.run("orchestrator", "build")
    assert "needs_review" not in made.features()["F1"]
    assert notes(made) == []


def test_without_any_check_what_is_completed_needs_review(tmp_path: Path) -> None:
    made = project(tmp_path, [feature("F1")], COMMITS, '[verify]\ncommand = ""\n')
    made.run("orchestrator", "build")
    assert made.features()["F1"]["needs_review"] is True
    (tmp_path / "b").mkdir()
    made = project(
        tmp_path / "b",
        [feature("F1")],
        'git commit -q --allow-empty -m "session: completed $1"\n',
        '[verify]\ncommand = ""\n',
    )
    made.run("orchestrator", "build", code=1)
    assert made.states() == {"F1": "blocked"}


def test_tracked_hooks_and_included_configuration_are_put_back_in_the_commit_too(tmp_path: Path) -> None:
    script = "echo 'touch ../PWNED' >> .githooks/post-commit; printf '[alias]\\n  x = y\\n' >> .gitsettings\n" + COMMITS
    made = project(tmp_path, [feature("F1")], script.replace("git add src", "git add -A"))
    (made.root / ".githooks").mkdir()
    (made.root / ".githooks" / "post-commit").write_text("#!/bin/sh\n")
    (made.root / ".githooks" / "post-commit").chmod(0o755)
    (made.root / ".gitsettings").write_text("[user]\n\tname = U\n")
    made.git("add", "-A")
    made.git("commit", "-qm", "hooks")
    made.git("config", "core.hooksPath", ".githooks")
    made.git("config", "include.path", "../.gitsettings")
    said = made.run("orchestrator", "build")
    assert made.states() == {"F1": "done"}
    assert ".gitsettings: was changed; put back" in said
    assert made.git("show", "HEAD:.githooks/post-commit") == "#!/bin/sh"
    assert "alias" not in made.git("show", "HEAD:.gitsettings")
    assert made.clean()

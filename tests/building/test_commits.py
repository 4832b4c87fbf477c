"""What a build commits for an agent, and what it takes out of an agent's own commits."""

from __future__ import annotations

from pathlib import Path

from support.projects import Made
from support.scripted_builds import WORKS, feature, project

KEY = "-----BEGIN PRIVATE KEY-----\\nMIIEowIBAAKCAQEAvv7G9Hk2p1q3r5s7t9u1v3\\n"
SECRETS = f"""echo PASSWORD=hunter2 > .env
printf '%b' '{KEY}' > server.pem
mkdir -p node_modules/left-pad && echo '{{}}' > node_modules/left-pad/package.json
"""


def hook(made: Made, script: str) -> None:
    path = made.root / ".git" / "hooks" / "pre-commit"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def committed(made: Made) -> set[str]:
    """Every path that any commit of the branch ever had."""
    return set(made.git("log", "--format=", "--name-only").split())


def test_secrets_and_folders_of_tools_stay_in_the_work_tree_and_are_named(tmp_path: Path) -> None:
    made = project(tmp_path, [feature("F1")], WORKS + SECRETS)
    said = made.run("doit", "build")
    assert made.states() == {"F1": "done"}
    assert committed(made) & {".env", "server.pem", "node_modules/left-pad/package.json"} == set()
    assert set(made.git("status", "--porcelain").splitlines()) == {"?? .env", "?? node_modules/", "?? server.pem"}
    for words in (
        ".env (usually holds secrets)",
        "server.pem (holds a secret (private key))",
        "packages that npm installed",
    ):
        assert words in said
    assert ".env" in str(made.sessions()[0]["notes"])


def test_a_secret_in_the_agents_own_commit_fails_the_attempt_and_leaves_the_branch(tmp_path: Path) -> None:
    script = (
        'if [ -f tried ]; then grep -q "must not be committed" "$2" && rm .env && git add -A && '
        'git commit -qm "session: completed F1"; exit; fi\n'
        "touch tried\n" + WORKS + 'echo KEY=1 > .env; git add -A; git commit -qm "session: completed F1"\n'
        'git rm -q --cached .env; git commit -qm "without it"\n'
    )
    made = project(tmp_path, [feature("F1")], script)
    made.run("doit", "build")
    assert [session["success"] for session in made.sessions()] == [False, True]
    assert ".env" not in committed(made)
    assert made.states() == {"F1": "done"}
    kept = made.git("for-each-ref", "--format=%(refname)", "refs/orchestrator/undone").split()
    assert any(".env" in made.git("log", "--format=", "--name-only", ref) for ref in kept)


def test_the_users_pre_commit_hook_sees_what_is_committed_for_the_agent(tmp_path: Path) -> None:
    made = project(tmp_path, [feature("F1")], WORKS)
    hook(made, "git diff --cached --name-only > .git/seen")
    made.run("doit", "build")
    assert [line for line in (made.root / ".git/seen").read_text().split() if line.startswith("src/")]


def test_what_the_hook_refuses_is_told_to_the_next_attempt(tmp_path: Path) -> None:
    script = 'if grep -q "no TABS" "$2"; then echo fine > src/it; else mkdir -p src; echo bad > src/it; fi\n'
    made = project(tmp_path, [feature("F1")], script)
    hook(made, "if grep -q bad src/it; then echo no TABS; exit 1; fi")
    made.run("doit", "build")
    first, second = made.sessions()
    assert (first["success"], second["success"]) == (False, True)
    assert "the pre-commit hook" in first["error"]
    assert made.git("show", "HEAD:src/it") == "fine"
    assert made.clean()


def test_what_the_hook_reformats_is_committed_and_checked_again(tmp_path: Path) -> None:
    made = project(tmp_path, [feature("F1")], "mkdir -p src; echo raw > src/it\n")
    hook(made, "echo formatted > src/it; git add src/it")
    made.run("doit", "build")
    assert made.git("show", "HEAD:src/it") == "formatted"
    assert made.clean()


def test_with_run_hooks_off_no_hook_runs(tmp_path: Path) -> None:
    made = project(tmp_path, [feature("F1")], WORKS)
    with (made.root / "orchestrator.toml").open("a") as file:
        file.write("[history]\nrun_hooks = false\n")
    made.git("commit", "-qam", "settings")
    hook(made, "exit 1")
    made.run("doit", "build")
    assert made.states() == {"F1": "done"}

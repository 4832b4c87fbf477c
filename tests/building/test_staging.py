"""What a completing commit takes from the work tree, and the user's pre-commit hook on it; real git, real hooks."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.repos import git

from orchestrator import project as projects
from orchestrator.building import staging
from orchestrator.project import Project


@pytest.fixture
def made(repo: Path) -> Path:
    (repo / "feature_list.json").write_text('{"features": [{"id": "F1", "name": "n", "description": "d"}]}')
    (repo / "old.txt").write_text("old\n")
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "-m", "start")
    return repo


def hook(repo: Path, script: str) -> None:
    path = repo / ".git" / "hooks" / "pre-commit"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def write(repo: Path, **files: str) -> None:
    for name, text in files.items():
        path = repo / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def passed(repo: Path, *owned: str) -> tuple[Project, staging.Staged, staging.Hooked]:
    project = projects.load(repo)
    staged = staging.stage(project, (), owned)
    return project, staged, staging.pass_hook(project, staged.wanted, 60)


def content(repo: Path, hooked: staging.Hooked, path: str) -> str:
    entry = hooked.wanted[path]
    assert entry is not None
    return git(repo, "cat-file", "blob", entry[1])


def test_a_secret_is_left_in_the_work_tree_and_named(made: Path) -> None:
    (made / ".env").write_text("A=1\n")
    (made / "a.txt").write_text("a\n")
    _, staged, _ = passed(made, ".env", "a.txt", "feature_list.json")
    assert (list(staged.wanted), dict(staged.left_out)) == (["a.txt"], {".env": "usually holds secrets"})
    assert staging.sentence(staged.left_out) == (
        "not committed: .env (usually holds secrets); `git add` what you want in the repository"
    )


def test_many_files_are_one_sentence() -> None:
    left = {f"node_modules/p/{n}.js": "packages that npm installed" for n in range(7)} | {"big": "12.0 MB"}
    assert staging.sentence(left) == (
        "not committed: big (12.0 MB); node_modules/p/0.js, node_modules/p/1.js, node_modules/p/2.js, "
        "node_modules/p/3.js, node_modules/p/4.js and 2 more (packages that npm installed); "
        "`git add` what you want in the repository"
    )


def test_without_a_hook_or_with_it_turned_off_nothing_runs(made: Path) -> None:
    (made / "a.txt").write_text("a\n")
    _, staged, hooked = passed(made, "a.txt")
    assert hooked == staging.Hooked(staged.wanted)
    hook(made, "exit 1")
    (made / "orchestrator.toml").write_text("[history]\nrun_hooks = false\n")
    assert passed(made, "a.txt")[2].refusal is None


def test_the_hook_sees_exactly_what_is_to_be_committed(made: Path) -> None:
    hook(made, 'git diff --cached --name-status >seen; test -z "$(git diff --cached --name-only | grep -v a.txt)"')
    (made / "a.txt").write_text("a\n")
    (made / "users.txt").write_text("mine\n")
    git(made, "add", "users.txt")
    assert passed(made, "a.txt")[2].refusal is None
    assert (made / "seen").read_text() == "A\ta.txt\n"
    assert git(made, "diff", "--cached", "--name-only") == "users.txt"


def test_a_refusal_is_a_failed_check_with_what_the_hook_said(made: Path) -> None:
    hook(made, "echo no tabs here >&2; exit 3")
    (made / "a.txt").write_text("a\n")
    refusal = passed(made, "a.txt")[2].refusal
    assert refusal is not None
    assert (refusal.passed, refusal.command, refusal.exit_code, refusal.output) == (
        False, "the pre-commit hook", 3, "no tabs here\n",
    )  # fmt: skip


def test_what_the_hook_reformats_and_stages_goes_in(made: Path) -> None:
    hook(made, "echo formatted >a.txt; git add a.txt")
    (made / "a.txt").write_text("a\n")
    hooked = passed(made, "a.txt")[2]
    assert (hooked.changed, hooked.refusal, content(made, hooked, "a.txt")) == (True, None, "formatted")
    assert git(made, "status", "--porcelain") == "?? a.txt"


def test_what_the_hook_reformats_and_only_fails_for_goes_in_too(made: Path) -> None:
    """As pre-commit does it: the files are mended, the commit is refused, and the next one goes through."""
    hook(made, "grep -q formatted a.txt && exit 0; echo formatted >a.txt; exit 1")
    (made / "a.txt").write_text("a\n")
    hooked = passed(made, "a.txt")[2]
    assert (hooked.changed, hooked.refusal, content(made, hooked, "a.txt")) == (True, None, "formatted")


def test_a_hook_that_mends_and_still_refuses_refuses(made: Path) -> None:
    hook(made, "echo again >>a.txt; exit 1")
    (made / "a.txt").write_text("a\n")
    assert passed(made, "a.txt")[2].refusal is not None


def test_a_hook_that_hangs_is_ended(made: Path) -> None:
    hook(made, "sleep 600")
    (made / "a.txt").write_text("a\n")
    project = projects.load(made)
    refusal = staging.pass_hook(project, staging.stage(project, (), ["a.txt"]).wanted, 1).refusal
    assert refusal is not None
    assert refusal.exit_code is None


def test_where_only_the_list_would_change_no_hook_runs(made: Path) -> None:
    hook(made, "touch ran")
    (made / "old.txt").write_text("old\n")
    assert passed(made, "old.txt")[2].changed is False
    assert not (made / "ran").exists()

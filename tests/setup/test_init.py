"""`init` in real repositories."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.repos import git

from orchestrator.config import loading
from orchestrator.config.source import parse_toml
from orchestrator.errors import OrchestratorError
from orchestrator.setup.init import Action, init

CREATED = [
    "orchestrator.toml",
    "dodo.py",
    "feature_list.json",
    ".agent/README.md",
    ".agent/memory/strategies/.gitkeep",
    ".agent/memory/constraints/.gitkeep",
    ".agent/memory/failures/.gitkeep",
    ".agent/memory/entities/.gitkeep",
    ".agent/artifacts/.gitkeep",
    ".claude/agents/code-reviewer.md",
    ".claude/agents/test-runner.md",
    ".claude/agents/feature-verifier.md",
    ".gitignore",
]
RUNTIME = [
    ".agent/sessions/session-001.json",
    ".agent/current-prompt.md",
    ".agent/working-context/current.md",
    "agent-progress.txt",
    ".doit.db",
    ".doit.db.lock",
    "__pycache__/dodo.cpython-311.pyc",
    ".orchestrator-0123.tmp",
]


def tree(root: Path) -> dict[str, tuple[bytes, int]]:
    """Content and time of every file outside of .git."""
    return {
        path.relative_to(root).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in root.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(root).parts
    }


def test_an_empty_repository_gets_everything(repo: Path) -> None:
    actions = init(repo)

    assert actions == [Action(path, "created") for path in CREATED]
    assert sorted(tree(repo)) == sorted(CREATED)


def test_twice_changes_nothing(repo: Path) -> None:
    init(repo)
    before = tree(repo)

    actions = init(repo)

    assert tree(repo) == before
    assert actions == [Action(path, "kept") for path in CREATED]


def test_the_settings_are_read_back_as_the_defaults_with_the_folders_name(tmp_path: Path) -> None:
    root = tmp_path / 'a "quoted" näme'
    subprocess.run(["git", "init", "-q", str(root)], check=True)

    init(root)

    text = (root / "orchestrator.toml").read_text(encoding="utf-8")
    assert parse_toml(text, "") == {
        "project": {"name": 'a "quoted" näme'},
        "agent": {"kind": "claude"},
        "verify": {"command": "auto"},
    }
    assert loading.load(root).project.name == 'a "quoted" näme'


def test_existing_files_are_kept_and_named(repo: Path) -> None:
    own = {
        "orchestrator.toml": b'[agent]\nmodel = "opus"\n',
        "dodo.py": b"from orchestrator.tasks import *\n",
        "feature_list.json": b"[]",
        ".claude/agents/test-runner.md": b"mine",
        ".agent/memory/failures/one.md": b"lesson",
    }
    for name, content in own.items():
        (repo / name).parent.mkdir(parents=True, exist_ok=True)
        (repo / name).write_bytes(content)

    actions = init(repo)

    assert {name: (repo / name).read_bytes() for name in own} == own
    assert [action.path for action in actions if action.what == "kept"] == [
        "orchestrator.toml",
        "dodo.py",
        "feature_list.json",
        ".agent/memory/failures/",
        ".claude/agents/test-runner.md",
    ]
    assert not (repo / ".agent/memory/failures/.gitkeep").exists()


def test_a_dodo_of_the_project_is_kept_with_the_line_that_it_needs(repo: Path) -> None:
    (repo / "dodo.py").write_text("def task_x(): return {'actions': None}\n")

    assert Action("dodo.py", "kept", "it must import from orchestrator.tasks") in init(repo)


@pytest.mark.skipif(os.name == "nt", reason="needs symlinks")
def test_a_dangling_symlink_is_a_file_that_exists(repo: Path) -> None:
    (repo / "dodo.py").symlink_to("nowhere.py")

    assert Action("dodo.py", "kept", "it must import from orchestrator.tasks") in init(repo)
    assert not (repo / "nowhere.py").exists()


def test_a_list_of_another_name_is_not_doubled(repo: Path) -> None:
    (repo / "orchestrator.toml").write_text('[project]\nfeatures = "plans/backlog.json"\n')

    actions = init(repo)

    assert Action("plans/backlog.json", "created") in actions
    assert not (repo / "feature_list.json").exists()


def test_git_ignores_what_a_run_writes_and_tracks_the_rest(repo: Path) -> None:
    init(repo)

    ignored = git(repo, "check-ignore", *RUNTIME).splitlines()
    git(repo, "add", "--all")

    assert ignored == RUNTIME
    assert git(repo, "ls-files").splitlines() == sorted(CREATED)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"*.pyc\n", b"*.pyc\n.agent/sessions/\n"),
        (b"*.pyc", b"*.pyc\n.agent/sessions/\n"),
        (b"*.pyc\r\n", b"*.pyc\r\n.agent/sessions/\r\n"),
        (b"*.pyc\r\nx", b"*.pyc\r\nx\r\n.agent/sessions/\r\n"),
        (b"\xff\xfe\n", b"\xff\xfe\n.agent/sessions/\n"),
    ],
)
def test_gitignore_is_only_added_to_in_its_own_line_ends(repo: Path, before: bytes, after: bytes) -> None:
    (repo / ".gitignore").write_bytes(before)

    actions = init(repo)

    content = (repo / ".gitignore").read_bytes()
    assert actions[-1] == Action(".gitignore", "changed")
    assert content.startswith(after)
    assert (b"\r\n" in content) == (b"\r\n" in before)
    assert content.count(b"\r") in (0, content.count(b"\n"))
    assert git(repo, "check-ignore", *RUNTIME).splitlines() == RUNTIME


def test_gitignore_gets_only_the_missing_lines(repo: Path) -> None:
    (repo / ".gitignore").write_bytes(b"/.agent/sessions/\nagent-progress.txt  \n")

    init(repo)

    assert (repo / ".gitignore").read_bytes().decode().splitlines() == [
        "/.agent/sessions/",
        "agent-progress.txt  ",
        ".agent/current-prompt.md",
        ".agent/working-context/",
        ".doit.db*",
        "__pycache__/dodo.*",
        ".workflow-checkpoints/",
        ".orchestrator-*.tmp",
    ]


def test_a_project_in_a_folder_of_the_repository_stays_in_it(repo: Path) -> None:
    project = repo / "services" / "api"
    project.mkdir(parents=True)

    init(project)

    assert sorted(tree(repo)) == sorted(f"services/api/{name}" for name in CREATED)
    assert git(project, "check-ignore", *RUNTIME).splitlines() == RUNTIME


def test_a_linked_worktree_is_a_repository_too(repo: Path, tmp_path: Path) -> None:
    git(repo, "commit", "-q", "--allow-empty", "-m", "root")
    git(repo, "worktree", "add", "-q", str(tmp_path / "linked"))

    assert init(tmp_path / "linked")[0] == Action("orchestrator.toml", "created")


def test_outside_of_git_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(OrchestratorError) as caught:
        init(tmp_path)

    assert str(caught.value) == f"not a git repository ({tmp_path}). Run `git init` there first"
    assert [*tmp_path.iterdir()] == []


def test_a_file_in_the_way_of_a_folder_is_a_one_line_error(repo: Path) -> None:
    (repo / ".agent").write_bytes(b"")

    with pytest.raises(OrchestratorError, match=r"^cannot make a folder: "):
        init(repo)


def test_the_subagents_are_what_claude_code_reads(repo: Path) -> None:
    init(repo)

    for name in ("code-reviewer", "test-runner", "feature-verifier"):
        text = (repo / ".claude" / "agents" / f"{name}.md").read_text(encoding="utf-8")
        front, _, body = text.removeprefix("---\n").partition("\n---\n")
        found = dict(line.split(": ", 1) for line in front.splitlines())
        assert list(found) == ["name", "description", "tools"]
        assert found["name"] == name
        assert not re.search(r": |#", found["description"])
        assert set(found["tools"].split(", ")) <= {"Read", "Grep", "Glob", "Bash", "Edit", "Write"}
        assert len(body.strip().splitlines()) > 3


def test_doit_runs_on_what_was_made(repo: Path) -> None:
    init(repo)
    (repo / "feature_list.json").write_text('{"features": [{"id": "F1", "name": "One", "description": "d"}]}')

    done = subprocess.run(
        [sys.executable, "-m", "doit", "list", "--all"], cwd=repo, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "build:F1" in done.stdout

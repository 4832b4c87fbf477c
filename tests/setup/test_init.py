"""`init` in real repositories."""

from __future__ import annotations

import json
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
from orchestrator.features import document
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
    ".agent/schemas/feature_list.schema.json",
    ".agent/schemas/orchestrator.schema.json",
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
        ".agent/memory/failures/attempt-*.md",
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


def commit_all(root: Path, message: str = "base") -> None:
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", message)


def run(root: Path, *command: str, code: int = 0) -> str:
    """What a command of ours prints."""
    argv = [str(Path(sys.executable).with_name("orchestrator")), *command]
    done = subprocess.run(argv, cwd=root, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


SAMPLES = Path(__file__).resolve().parents[1] / "samples"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("by-category", "Run `orchestrator import feature_list.json`"),
        ("numbered-object", "Run `orchestrator import feature_list.json`"),
        ("unknown-status-word", 'under [features] what each means: done = ["erledigt"]'),
        ("utf-16", "the file is UTF-16, not UTF-8"),
        ("no-backlog", "this is no feature list"),
        ("same-id-twice", "the id 'READ-001' comes twice"),
    ],
)
def test_a_list_that_cannot_be_read_is_refused_with_the_fix_and_nothing_is_installed(
    repo: Path, name: str, said: str
) -> None:
    content = (SAMPLES / f"{name}.json").read_bytes()
    (repo / "feature_list.json").write_bytes(content)
    before = {path: path.read_bytes() for path in (repo / ".git").rglob("*") if path.is_file()}

    output = run(repo, "init", code=2)

    assert len(output.splitlines()) == 1
    assert output.startswith("orchestrator: error: ")
    assert said in output
    assert [path.name for path in repo.iterdir() if path.name != ".git"] == ["feature_list.json"]
    assert (repo / "feature_list.json").read_bytes() == content
    assert {path: path.read_bytes() for path in (repo / ".git").rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(("name", "fix"), [("by-category", "orchestrator import"), ("no-ids", "orchestrator init")])
def test_validate_says_what_to_type(repo: Path, name: str, fix: str) -> None:
    (repo / "feature_list.json").write_bytes((SAMPLES / f"{name}.json").read_bytes())
    assert f". Run `{fix}" in run(repo, "validate", code=2)
    entries = json.loads(run(repo, "validate", "--json", code=2))["errors"]
    assert [fix in entry["fix"] for entry in entries] == [True]


def test_several_errors_are_counted(repo: Path) -> None:
    (repo / "feature_list.json").write_text('[{"id": 1, "passes": "?"}, {"id": 1}]')
    assert "; 1 more: see `orchestrator validate`" in run(repo, "init", code=2)


def test_features_without_ids_get_them(repo: Path) -> None:
    sample = (SAMPLES / "no-ids.json").read_bytes()
    (repo / "feature_list.json").write_bytes(sample)

    assert "changed feature_list.json  (2 features got ids: F001 to F002)" in run(repo, "init")

    after = (repo / "feature_list.json").read_bytes()
    assert after == sample.replace(b"{\n ", b'{\n    "id": "F00X",\n ').replace(b"X", b"1", 1).replace(b"X", b"2", 1)
    assert "the feature list is valid" in run(repo, "validate")
    run(repo, "init")
    assert (repo / "feature_list.json").read_bytes() == after


def test_editors_find_the_schemas_that_the_new_files_name(repo: Path) -> None:
    (repo / "orchestrator.toml").write_text('[project]\nfeatures = "plans/list.json"\n')
    run(repo, "init")
    listed = json.loads((repo / "plans" / "list.json").read_text())
    assert json.loads((repo / "plans" / listed["$schema"]).read_text()) == json.loads(run(repo, "schema", "list"))
    (repo / "orchestrator.toml").unlink()
    run(repo, "init")
    first = (repo / "orchestrator.toml").read_text().splitlines()[0]
    assert first == "#:schema ./.agent/schemas/orchestrator.schema.json"
    named = repo / first.removeprefix("#:schema ")
    assert json.loads(named.read_text()) == json.loads(run(repo, "schema", "config"))


def test_the_line_that_names_the_schema_stays_when_the_list_is_changed(repo: Path) -> None:
    init(repo)
    path = repo / "feature_list.json"
    path.write_bytes(document.append(path.read_bytes(), [{"id": "F1", "name": "n", "description": "d"}]))
    commit_all(repo)
    assert "the feature list is valid" in run(repo, "validate")
    run(repo, "block", "F1", "-m", "why")
    run(repo, "unblock", "F1")
    run(repo, "sync")
    assert json.loads(path.read_text()) == {
        "$schema": "./.agent/schemas/feature_list.schema.json",
        "features": [{"id": "F1", "name": "n", "description": "d"}],
    }


def test_a_schema_of_an_earlier_version_is_renewed_another_file_is_kept(repo: Path) -> None:
    init(repo)
    ours, theirs = (repo / ".agent" / "schemas" / f"{name}.schema.json" for name in ("feature_list", "orchestrator"))
    new = ours.read_bytes()
    ours.write_text('{"$comment": "orchestrator schema list", "old": true}')
    theirs.write_text("{}")

    actions = {action.path: action.what for action in init(repo)}

    assert actions[".agent/schemas/feature_list.schema.json"] == "changed"
    assert ours.read_bytes() == new
    assert actions[".agent/schemas/orchestrator.schema.json"] == "kept"
    assert theirs.read_text() == "{}"


def test_an_id_that_the_history_completed_is_given_to_nobody(repo: Path) -> None:
    git(repo, "commit", "-q", "--allow-empty", "-m", "session: completed F001")
    (repo / "feature_list.json").write_text('[{"description": "d", "passes": false}]')

    assert "1 feature got the id F002" in run(repo, "init")
    assert '"state": "todo"' in run(repo, "status", "--json")


def test_a_list_that_cannot_be_written_installs_nothing(repo: Path) -> None:
    (repo / "feature_list.json").write_text('[{"description": "d"}]')
    (repo / "feature_list.json").chmod(0o444)

    with pytest.raises(OrchestratorError, match="read-only"):
        init(repo)
    assert sorted(tree(repo)) == ["feature_list.json"]


def test_init_says_how_the_list_was_read(repo: Path) -> None:
    (repo / "feature_list.json").write_bytes((SAMPLES / "status-done-integer-ids.json").read_bytes())
    (repo / "Makefile").write_text("test:\n\ttrue\n")

    said = run(repo, "init").partition("\n\n")[2].splitlines()

    assert said == [
        "feature_list.json: 4 features: 1 done, 2 to do, 1 blocked, 0 dropped",
        "  dialect: `status` says whether a feature is done",
        "  status: done: done (1); not done: pending (1), in_progress (1); blocked: blocked (1)",
        "  read: name from `title`, description from `description`, tests from `acceptance`",
        "  not understood, shown to the agent as it is: type (4)",
        "Next: look at `orchestrator build --dry-run`, commit, and run `doit build`.",
    ]


def test_init_says_what_it_made_nothing_of(repo: Path) -> None:
    (repo / "feature_list.json").write_text(
        '[{"id": 1, "title": "a", "verify": "true + look at it", "priority": "Alta", "done": true},'
        ' {"id": 2, "title": "b", "passes": false}, {"id": 3, "title": "c"}]'
    )

    said = run(repo, "init").partition("\n\n")[2].splitlines()

    assert said == [
        "feature_list.json: 3 features: 1 done, 2 to do, 0 blocked, 0 dropped",
        "  dialect: `done` (1), `passes` (1) say whether a feature is done; 1 feature without any, not done",
        "  read: name from `title`, check from `verify`",
        "  checks that are sentences, shown to the agent and not run: 1",
        "  priorities that nobody knows, which count as 99: Alta (1)",
        "no check command was found: what an agent claims will rest on its word. "
        "Set [verify] command in orchestrator.toml",
        "Next: look at `orchestrator build --dry-run`, commit, and run `doit build`.",
    ]


def test_the_backlog_of_another_tool_is_named_with_the_import_to_type(repo: Path) -> None:
    (repo / "prd.json").write_text('{"prd": {"product": "a document"}}')
    (repo / "tasks").mkdir()
    (repo / "tasks" / "tasks.json").write_text('{"tasks": [{"id": 1, "title": "x", "status": "pending"}]}')

    said = run(repo, "init")

    assert "tasks/tasks.json is a backlog of task-master: `orchestrator import --from task-master` brings it in" in said
    assert "prd.json" not in said
    run(repo, "import", "--from", "task-master")
    assert '"total": 1' in run(repo, "status", "--json")


def test_a_project_below_or_beside_another_gets_words_of_its_own(repo: Path) -> None:
    for folder in ("", "sub", "other/sub"):
        (repo / folder).mkdir(parents=True, exist_ok=True)
        run(repo, "-p", str(repo / folder), "init")

    words = [loading.load(repo / folder).history[:2] for folder in ("", "sub", "other/sub")]
    assert words == [
        ("session: completed", "session: reopened"),
        ("session(sub): completed", "session(sub): reopened"),
        ("session(other/sub): completed", "session(other/sub): reopened"),
    ]


def test_a_project_above_one_with_words_of_its_own_gets_the_usual_ones(repo: Path) -> None:
    (repo / "sub").mkdir()
    (repo / "sub" / "orchestrator.toml").write_text(
        '[history]\ncompleted = "session(sub): completed"\nreopened = "session(sub): reopened"\n'
    )
    run(repo, "-p", str(repo / "sub"), "init")
    run(repo, "-p", str(repo), "init")

    assert loading.load(repo).history.completed == "session: completed"


def test_a_project_above_one_with_the_usual_words_gets_its_own(repo: Path) -> None:
    (repo / "sub").mkdir()
    run(repo, "-p", str(repo / "sub"), "init")
    run(repo, "-p", str(repo), "init")

    assert loading.load(repo).history.completed == f"session({repo.name}): completed"


def test_settings_that_clash_with_another_project_are_refused_before_anything_is_installed(repo: Path) -> None:
    (repo / "feature_list.json").write_text('[{"id": "F1", "name": "n"}]')
    run(repo, "init")
    sub = repo / "sub"
    sub.mkdir()
    (sub / "feature_list.json").write_text('[{"id": "F1", "name": "m"}]')
    (sub / "orchestrator.toml").write_text("")

    said = run(sub, "init", code=2)

    assert "sub/feature_list.json and feature_list.json both have F1" in said
    assert sorted(path.name for path in sub.iterdir()) == ["feature_list.json", "orchestrator.toml"]

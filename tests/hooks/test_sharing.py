"""Several projects in one repository: no completion of the one counts for the other."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from support.hooks import commit
from support.repos import git

from orchestrator import project as projects
from orchestrator.errors import OrchestratorError
from orchestrator.features import model
from orchestrator.hooks import sharing
from orchestrator.hooks.install import installing

LIST = json.dumps({"features": [{"id": "F1", "name": "n", "description": "d", "passes": False}]}, indent=1)
FOLDERS = ("", "sub", "two/sub")
OWN = '[history]\ncompleted = "session({0}): completed"\nreopened = "session({0}): reopened"\n'


def put(root: Path, folder: str, settings: str | None = "", text: str = LIST) -> Path:
    """A project in a folder of the repository."""
    (root / folder).mkdir(parents=True, exist_ok=True)
    (root / folder / "feature_list.json").write_text(text)
    if settings is not None:
        (root / folder / "orchestrator.toml").write_text(settings)
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", f"add {folder or 'the top'}")
    return root / folder


def run(root: Path, *command: str, code: int = 0) -> str:
    argv = [str(Path(sys.executable).with_name(command[0])), *command[1:]]
    done = subprocess.run(argv, cwd=root, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def states(root: Path) -> dict[str, str]:
    return {
        folder: json.loads(run(root / folder, "orchestrator", "status", "--json"))["features"][0]["state"]
        for folder in FOLDERS
    }


@pytest.fixture
def three(repo: Path) -> Path:
    """Projects as `init` makes them, with one id in all lists; the hooks serve them all."""
    for folder in FOLDERS:
        (repo / folder).mkdir(parents=True, exist_ok=True)
        (repo / folder / "feature_list.json").write_text(LIST)
        run(repo, "orchestrator", "-p", str(repo / folder), "init")
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "-m", "base")
    return repo


@pytest.mark.parametrize(
    ("message", "done"),
    [
        ("session: completed F1", ""),
        ("session(sub): completed F1", "sub"),
        ("session(two/sub): completed F1", "two/sub"),
    ],
)
def test_a_completion_counts_for_its_own_project_only_here_and_in_clones(
    three: Path, tmp_path: Path, message: str, done: str
) -> None:
    expected = {folder: "done" if folder == done else "todo" for folder in FOLDERS}
    assert commit(three, message).returncode == 0

    assert states(three) == expected
    for folder in FOLDERS:
        listed = model.parse((three / folder / "feature_list.json").read_bytes())
        assert listed.get("F1").passes == (folder == done)
    assert not git(three, "status", "--porcelain")
    git(tmp_path, "clone", "-q", str(three), "clone")
    assert states(tmp_path / "clone") == expected
    reopened = commit(three, message.replace("completed", "reopened"))
    assert (reopened.returncode, reopened.stderr) == (0, "")
    assert states(three) == dict.fromkeys(FOLDERS, "todo")


def test_validate_hooks_install_and_build_refuse_a_clash_naming_both(repo: Path) -> None:
    put(repo, "", settings="")
    sub = put(repo, "sub", settings="")

    for command in (("validate",), ("hooks", "install"), ("build",), ("build", "--dry-run")):
        for folder in (repo, sub):
            said = run(folder, "orchestrator", *command, code=2)
            assert "feature_list.json" in said
            assert "sub/feature_list.json" in said
            assert 'in sub/orchestrator.toml under [history] write completed = "session(sub): completed"' in said
    (repo / "dodo.py").write_text("from orchestrator.tasks import *\n")
    assert "sub/feature_list.json" in run(repo, "doit", "build", code=2)
    assert not (repo / ".git" / "hooks" / "commit-msg").exists()


def test_what_the_refusal_says_to_type_mends_it(repo: Path) -> None:
    put(repo, "", settings="")
    sub = put(repo, "sub", settings="")
    refused = sharing.clash(projects.load(sub))
    assert refused is not None
    new = refused.fix.partition(" write ")[2]
    (sub / "orchestrator.toml").write_text("[history]\n" + new.replace(", ", "\n") + "\n")

    assert sharing.clash(projects.load(sub)) is None
    assert sharing.clash(projects.load(repo)) is None
    assert run(sub, "orchestrator", "validate") == "the feature list is valid\n"


def test_projects_without_a_common_id_may_share_the_words(repo: Path) -> None:
    put(repo, "", settings="")
    sub = put(repo, "sub", settings="", text=LIST.replace("F1", "S1"))
    assert sharing.clash(projects.load(sub)) is None
    put(repo, "sub", settings="", text=LIST)
    assert sharing.clash(projects.load(sub)) is not None


def test_integer_ids_and_texts_are_the_same_ids(repo: Path) -> None:
    put(repo, "", settings="", text='[{"id": 1, "name": "a"}]')
    put(repo, "sub", settings="", text='{"features": [{"id": "1", "name": "a"}]}')
    assert sharing.clash(projects.load(repo)) is not None


@pytest.mark.parametrize("words", ["session:", "session: completed F1"])
def test_words_that_the_others_begin_with_clash_too(repo: Path, words: str) -> None:
    put(repo, "", settings="")
    put(repo, "sub", settings=f'[history]\ncompleted = "{words}"\nreopened = "again:"\n')
    assert sharing.clash(projects.load(repo)) is not None


def test_a_list_alone_is_no_project_until_there_were_sessions(repo: Path) -> None:
    put(repo, "", settings="")
    put(repo, "tests/data", settings=None)
    assert sharing.others(projects.load(repo)) == []
    (repo / "tests" / "data" / ".agent").mkdir()
    assert [other.folder for other in sharing.others(projects.load(repo))] == ["tests/data"]


def test_a_project_that_git_does_not_have_yet_is_known_by_its_hooks_or_from_below(repo: Path) -> None:
    git(repo, "commit", "-q", "--allow-empty", "-m", "base")
    for folder in ("a", "a/b"):
        (repo / folder).mkdir()
        (repo / folder / "orchestrator.toml").write_text(OWN.format(folder))
        (repo / folder / "feature_list.json").write_text(LIST)
    assert sharing.others(projects.load(repo / "a")) == []
    assert [other.folder for other in sharing.others(projects.load(repo / "a" / "b"))] == ["a"]
    installing.install(projects.load(repo / "a" / "b"))
    assert [other.folder for other in sharing.others(projects.load(repo / "a"))] == ["a/b"]


def test_settings_of_another_version_are_no_hindrance_but_broken_ones_are_named(repo: Path) -> None:
    put(repo, "", settings="")
    put(repo, "sub", settings="[new]\nkey = 1\n" + OWN.format("sub"))
    assert [other.words.completed for other in sharing.others(projects.load(repo))] == ["session(sub): completed"]
    (repo / "sub" / "orchestrator.toml").write_text("[")
    with pytest.raises(OrchestratorError, match=r"not valid TOML.*sub/orchestrator\.toml:1"):
        sharing.clash(projects.load(repo))


@pytest.mark.parametrize(
    ("folder", "words"),
    [("a b", "session(a-b): completed"), ("(x)", "session(x): completed"), ("ü", "session(ü): completed")],
)
def test_any_folder_makes_words_of_one_line(repo: Path, folder: str, words: str) -> None:
    put(repo, "", settings="")
    (repo / folder).mkdir()
    assert sharing.own_words(projects.load(repo / folder)).completed == words


def test_words_of_ones_own_are_conventional_where_they_must_be(repo: Path) -> None:
    usual = sharing.CONVENTIONAL
    (repo / "sub").mkdir()
    assert sharing.own_words(projects.load(repo), usual) == usual
    put(repo, "", settings="")
    assert sharing.own_words(projects.load(repo / "sub"), usual).completed == "chore(session-sub): completed"

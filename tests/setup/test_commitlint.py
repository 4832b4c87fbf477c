"""Where `init` finds commitlint, and what it says."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.repos import git

from orchestrator import project as projects
from orchestrator.setup import commitlint
from orchestrator.setup.init import init


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "repo")
    (tmp_path / "package.json").write_text('{"commitlint": {}}')  # beyond the repository
    (tmp_path / "repo" / "sub").mkdir()
    return tmp_path / "repo"


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        (".commitlintrc", "", True),
        (".commitlintrc.yml", "", True),
        ("commitlint.config.mjs", "", True),
        ("commitlint.config.cts", "", True),
        ("package.json", '{"commitlint": {"extends": []}}', True),
        ("package.json", '{"devDependencies": {"@commitlint/cli": "1"}}', False),
        ("package.json", "{", False),
        ("package.json", '["commitlint"]', False),
        ("commitlint.config.txt", "", False),
    ],
)
def test_a_configuration_is_found_from_any_folder_of_the_repository(
    repo: Path, name: str, content: str, found: bool
) -> None:
    (repo / name).write_text(content)
    for folder in (repo, repo / "sub"):
        assert commitlint.find(projects.load(folder)) == (repo / name if found else None)


def test_init_sets_words_that_commitlint_accepts_and_says_so(repo: Path) -> None:
    (repo / ".commitlintrc.json").write_text("{}")
    settings = init(repo)[0]
    assert projects.load(repo).words.completed == "chore(session): completed"
    assert projects.load(repo).words.reopened == "chore(session): reopened"
    assert (
        settings.note == 'for .commitlintrc.json a completion is "chore(session): completed ID"; see docs/commitlint.md'
    )
    assert init(repo)[0].note == ""


def test_init_says_what_to_change_in_settings_that_are_there(repo: Path) -> None:
    (repo / ".commitlintrc.json").write_text("{}")
    (repo / "orchestrator.toml").write_text("")
    assert init(repo)[0].note == (
        '.commitlintrc.json refuses "session: completed ID": set [history] completed to "chore(session): completed"; '
        "see docs/commitlint.md"
    )
    assert (repo / "orchestrator.toml").read_text() == ""


def test_init_says_nothing_without_commitlint(repo: Path) -> None:
    assert init(repo)[0].note == ""
    assert projects.load(repo).words.completed == "session: completed"

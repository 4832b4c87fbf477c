"""What looks like a completion and counts for less than it seems to: it is named, with the words that would count."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from support.history_repos import Repo, init
from support.projects import BIN

from orchestrator import project as projects
from orchestrator.history import nearly, unheard
from orchestrator.history.events import Words, parse
from orchestrator.hooks.install import installing

IDS = ("F1", "F2", "F3", "F4", "a b", "7")


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    repo = init(tmp_path / "repo")
    listed(repo, *IDS)
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", "the list")
    monkeypatch.chdir(repo.root)
    return repo


def listed(repo: Repo, *ids: str) -> None:
    features = [{"id": id, "name": f"feature {id[-1]}", "description": "d", "passes": False} for id in ids]
    (repo.root / "feature_list.json").write_text(json.dumps({"features": features}, indent=1))


def found(repo: Repo) -> list[str]:
    """What is not heard, without the commits' ids."""
    one = projects.load(repo.root)
    return [said.said for said in unheard.find(one.repository, one.features_path, one.words, one.features())]


def run(*command: str) -> tuple[str, str]:
    """What the command prints, which has to succeed."""
    argv = [str(BIN / "orchestrator"), *command]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    return done.stdout, done.stderr


MISSES = {
    "session: completed F3 and F4": "session: completed F3, F4",
    "session: completed F3 F4": "session: completed F3, F4",
    "session: completed F3; F4 & 7": "session: completed F3, F4, 7",
    'session: completed F3 + "a b"': 'session: completed F3, "a b"',
    "Session: completed F3": "session: completed F3",
    "session:completed F3": "session: completed F3",
    "session: Completed: F3, F4": "session: completed F3, F4",
    "session completed F3.": "session: completed F3",
    "feat(login): session: completed F3": "session: completed F3",
    "* SESSION: COMPLETED F3 at last": "session: completed F3",
    "Session: reopened F3": "session: reopened F3",
}
NO_MISSES = (
    "session: completed F3",
    "session: completed F3, F4",
    "session: completed F3 after F4 was in",
    "session: completed F3 for good",
    "Session: completed nothing",
    "session: completed-F3",
    "the session completed F3",
    'Revert "session: completed F3"',
    "Sessions: completed F3",
)


@pytest.mark.parametrize("line", MISSES)
def test_a_miss_is_told_with_the_words_that_would_count(line: str) -> None:
    (miss,) = nearly.misses(nearly.suspicious(f"work\n\n{line}\n", Words()), Words(), IDS)
    assert miss.would == MISSES[line]
    said = parse(miss.would)
    assert {*said.completed, *said.reopened}.issuperset(miss.ids)
    assert not set(miss.ids) & {*parse(line).completed, *parse(line).reopened}


@pytest.mark.parametrize("line", NO_MISSES)
def test_what_counts_as_it_stands_or_means_nothing_is_no_miss(line: str) -> None:
    assert nearly.misses(nearly.suspicious(f"work\n\n{line}\n", Words()), Words(), IDS) == []


def test_words_of_the_project_are_looked_for_as_well() -> None:
    words = Words("chore(session): completed", "chore(session): reopened")
    lines = nearly.suspicious("chore: completed F1\n\nChore(session): completed F1 und F2", words)
    assert [miss.would for miss in nearly.misses(lines, words, IDS)] == ["chore(session): completed F1, F2"]


def test_sync_validate_and_why_name_it_until_it_is_made_good(repo: Repo) -> None:
    sha = repo.commit("work\n\nsession: completed F3 and F4")
    said = (
        '"session: completed F3 and F4" does not count for F4: write "session: completed F3, F4"; '
        "or type `orchestrator accept F4 -m MSG`"
    )
    assert found(repo) == [f"says {said}"]
    assert run("sync")[1] == f"orchestrator: warning: {sha[:10]} says {said}\n"
    assert json.loads(run("sync", "--json")[0])["changed"] == []
    assert f"{sha[:10]}: warning: says {said}\n" in run("validate")[0]
    assert said in run("why", "F4")[0]
    assert said not in run("why", "F2")[0]
    repo.commit("session: completed F4")
    assert found(repo) == []


def test_only_the_history_of_head_is_asked(repo: Repo) -> None:
    repo.git("switch", "-qc", "side")
    repo.commit("Session: completed F3")
    assert len(found(repo)) == 1
    repo.git("switch", "-q", "main")
    assert found(repo) == []


def test_an_id_that_is_no_feature_is_named_with_the_nearest(repo: Repo) -> None:
    repo.commit("session: completed F33")
    assert found(repo) == ['completes F33, which is no feature: "session: completed F3" would count for F3']
    repo.commit("session: completed nowhere")
    assert "completes nowhere, which is no feature" in found(repo)


def test_an_id_that_was_renamed_is_told_and_one_that_was_taken_out_is_not(repo: Repo) -> None:
    repo.commit("session: completed F1")
    repo.commit("session: completed F2")
    listed(repo, "LOGIN-1", "F3")
    assert found(repo) == ["completes F1, which is LOGIN-1 now: `orchestrator accept LOGIN-1 -m MSG` carries it over"]
    repo.commit("session: completed LOGIN-1")
    assert found(repo) == []


@pytest.mark.parametrize("line", ["Session: completed F3", "session:completed F3", "session: completed F1 and F3"])
def test_the_hook_warns_in_one_line_and_lets_the_commit_through(repo: Repo, line: str) -> None:
    installing.install(projects.load(repo.root))
    (repo.root / "work").write_text("work")
    repo.git("add", "work")
    said = repo.git("-c", 'alias.c=!git commit -q -m "$1" 2>&1; :', "c", line)
    assert [one for one in said.splitlines() if "does not count for F3" in one] == said.splitlines()
    assert len(said.splitlines()) == 1
    assert repo.git("log", "-1", "--format=%s") == line

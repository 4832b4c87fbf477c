"""What hosting services write into a history: the words of merged, squashed and undone requests, each setting."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.history_oracle import History
from support.history_repos import Repo, init

from orchestrator.history.events import Message, Revert, parse

DONE = "session: completed F1"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return init(tmp_path / "repo")


def completed(repo: Repo) -> set[str]:
    """The completed features: by the cache, by a scan, and by the oracle, which all agree."""
    found = repo.completed()
    standing = {id: {one.sha for one in all} for id, all in repo.scan().standing.items()}
    assert standing == History(repo.root).standing
    return found


def branch(repo: Repo, *messages: str) -> None:
    """A branch `fa` with a commit for each message, and main one commit on."""
    repo.git("switch", "-qc", "fa")
    for message in messages:
        repo.commit(message)
    repo.git("switch", "-q", "main")
    repo.commit("work on main")


def merged(repo: Repo, message: str) -> None:
    repo.git("merge", "-q", "--no-ff", "-m", message, "fa")


def squashed(repo: Repo, message: str) -> None:
    repo.git("merge", "-q", "--squash", "fa")
    repo.git("commit", "-q", "-m", message)


MERGES = {
    "GitHub": "Merge pull request #12 from o/fa\n\n{}",
    "GitHub, title": "{} (#12)",
    "GitHub, title and description": "{} (#12)\n\nA description.",
    "GitLab": "Merge branch 'fa' into 'main'\n\n{}\n\nSee merge request o/r!12",
    "Azure": "Merged PR 12: {}\n\nA description.",
    "Bitbucket": "Merged in fa (pull request #12)\n\n{}\n\nApproved-by: A",
    "Bitbucket Server": "Pull request #12: {}\n\nMerge in O/R from fa to main\n\n* commit 'abc':\n  {}",
}
REVERTS = {
    "GitHub": 'Revert "{}" (#13)\n\nReverts o/r#12',
    "GitHub, of another fork's words": 'Revert "{}" (#13)\n\nReverts #12\n\nCo-authored-by: A <a@b.example>',
    "GitLab": 'Revert "{}"\n\nThis reverts merge request !12',
    "GitLab, of another project": 'Revert "{}"\n\nThis reverts merge request o/r!12',
    "Azure": 'Merged PR 13: Revert "{}"\n\nReverts !12',
    "Bitbucket": 'Revert "{} (pull request #12)"\n\nThis reverts pull request #12.\n\n> A description.',
}


@pytest.mark.parametrize("service", MERGES)
def test_a_merge_that_repeats_a_completion_falls_with_it(repo: Repo, service: str) -> None:
    branch(repo, DONE)
    merged(repo, MERGES[service].format(DONE, DONE))
    assert completed(repo) == {"F1"}
    repo.git("revert", "--no-edit", "fa")
    assert completed(repo) == set()
    repo.git("revert", "--no-edit", "HEAD")
    assert completed(repo) == {"F1"}


def test_a_merge_falls_with_what_it_repeats_also_when_that_was_undone_before(repo: Repo) -> None:
    branch(repo, DONE)
    repo.git("switch", "-q", "fa")
    repo.git("revert", "--no-edit", "HEAD")
    repo.git("switch", "-q", "main")
    merged(repo, MERGES["GitHub"].format(DONE))
    assert completed(repo) == set()


def test_a_merge_whose_message_alone_completes_does(repo: Repo) -> None:
    branch(repo, "the work")
    merged(repo, MERGES["GitHub"].format(f"{DONE}, F2"))
    assert completed(repo) == {"F1", "F2"}
    repo.git("revert", "--no-edit", "-m", "1", "HEAD")
    assert completed(repo) == set()


def test_a_merge_of_merges_says_nothing_new_either(repo: Repo) -> None:
    branch(repo, DONE)
    repo.git("switch", "-qc", "next", "main~1")
    repo.git("merge", "-q", "--no-ff", "-m", MERGES["GitHub"].format(DONE), "fa")
    repo.git("switch", "-q", "main")
    repo.git("merge", "-q", "--no-ff", "-m", f"release\n\n* {DONE}\n* session: completed F2", "next")
    assert completed(repo) == {"F1", "F2"}
    repo.git("revert", "--no-edit", "fa")
    assert completed(repo) == {"F2"}


def test_what_the_first_parent_has_already_is_not_brought_in(repo: Repo) -> None:
    repo.commit(DONE)
    branch(repo, "the work")
    merged(repo, DONE)
    repo.git("revert", "--no-edit", "fa~1")
    assert completed(repo) == {"F1"}


def name(service: str) -> str:
    return service.partition(",")[0].removesuffix(" Server")


@pytest.mark.parametrize(
    ("service", "undone"), [(one, other) for one in MERGES for other in REVERTS if name(one) == name(other)]
)
@pytest.mark.parametrize("how", ["merge", "squash"])
@pytest.mark.parametrize("title", [DONE, "Login"])
def test_a_revert_request_without_a_sha_undoes_the_request(
    repo: Repo, title: str, how: str, service: str, undone: str
) -> None:
    branch(repo, f"one\n\n{DONE}", "two")
    body = f"\n\n* one\n\n{DONE}\n\n* two" if how == "squash" else ""
    (merged if how == "merge" else squashed)(repo, MERGES[service].format(title, DONE) + body)
    repo.commit("Login\n\nsession: completed F2")  # of the same title, but no request
    assert completed(repo) == {"F1", "F2"}
    repo.commit(REVERTS[undone].format(title))
    assert completed(repo) == {"F2"}
    repo.git("revert", "--no-edit", "HEAD")
    assert completed(repo) == {"F1", "F2"}


@pytest.mark.parametrize(
    ("subject", "revert"),
    [
        (f"{DONE} (#12)", f'Revert "{DONE} (#12)" (#13)'),
        (f"{DONE} (#12)", f'Revert "{DONE}" (#13)'),
        (f"{DONE} (!12)", f'Revert "{DONE} (!12)"'),
        (DONE, f'Revert "{DONE} (#12)" (#13)\n\nSigned-off-by: A <a@b.example>'),
        (f"Login (#12)\n\n{DONE}", 'Revert "Login (#12)" (#13)'),
        (f"Login (#12)\n\n{DONE}", 'Revert "Login"'),
    ],
)
def test_an_empty_body_undoes_what_the_subject_quotes(repo: Repo, subject: str, revert: str) -> None:
    repo.commit(subject)
    repo.commit(revert)
    assert completed(repo) == set()
    repo.commit(f'Revert "{revert.partition(chr(10))[0]}" (#14)')
    assert completed(repo) == {"F1"}


@pytest.mark.parametrize(
    "revert",
    [
        f'Revert "{DONE}"\n\nNot yet, but soon.',
        'Revert "Logout (#13)" (#14)\n\nReverts o/r#13',
        'Revert "Login (#13)" (#14)',
        f"Reverts o/r#12\n\n{DONE.replace('completed', 'is')}",
        "This reverts merge request !12",
    ],
)
def test_other_words_undo_nothing(repo: Repo, revert: str) -> None:
    repo.commit(f"Login (#12)\n\n{DONE}")
    repo.commit(revert)
    assert completed(repo) == {"F1"}


def test_the_newest_of_a_title_is_undone(repo: Repo) -> None:
    first = repo.commit(f"Login\n\n{DONE}")
    repo.commit(f"Login\n\n{DONE}")
    repo.commit('Revert "Login" (#13)')
    assert completed(repo) == {"F1"}
    assert [one.sha for one in repo.scan().standing["F1"]] == [first]


def test_a_plain_commit_of_the_title_is_what_was_undone(repo: Repo) -> None:
    repo.commit(f"Login\n\n{DONE}")
    repo.commit("Login")
    repo.commit('Revert "Login" (#13)')
    assert completed(repo) == {"F1"}


def test_the_last_word_of_a_message_counts() -> None:
    assert parse(f"Login (#12)\n\n* {DONE}\n\n* session: reopened F1") == Message("Login (#12)", (), ("F1",))
    assert parse(f"Login (#12)\n\n* session: reopened F1\n\n* {DONE}, F2") == Message("Login (#12)", ("F1", "F2"))
    assert parse(f"{DONE}\n\nsession: reopened F1") == Message(DONE, (), ("F1",))


def test_the_words_before_a_title_are_passed_over() -> None:
    assert parse(f"Merged PR 12: {DONE}").completed == ("F1",)
    assert parse("Merged PR 12: session: reopened F1").reopened == ("F1",)
    assert parse(f"Merged PR: {DONE}").completed == ()
    assert parse('Merged PR 13: Revert "Merged PR 12: x"\n\nReverts !12').reverts == (
        Revert("", "Merged PR 12: x", request="12"),
    )


def test_a_squash_body_of_titles_alone_counts_its_reverts() -> None:
    assert parse(f'Login (#12)\n\n* {DONE}\n* Revert "{DONE}"\n').completed == ()

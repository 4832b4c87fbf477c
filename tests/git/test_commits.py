"""Commits of ours on top of HEAD."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings
from support.repos import git, require

from orchestrator.errors import GitError, OrchestratorError
from orchestrator.git import commits, snapshot
from orchestrator.git import place as places
from orchestrator.git.commits import Range
from orchestrator.history import undoings


def commit(repo: Path, message: str) -> str:
    git(repo, "commit", "-q", "--allow-empty", "-m", message)
    return git(repo, "rev-parse", "HEAD")


@pytest.mark.parametrize("hash", ["sha1", "sha256"])
def test_a_commit_on_top_of_nothing_and_of_head(tmp_path: Path, hash: str) -> None:
    subprocess.run(["git", "init", "-q", f"--object-format={hash}", str(tmp_path)], check=True)
    for expected in (0, 1):
        place = places.find(tmp_path)
        made = commits.on_top(place, snapshot.tree_of(place, None), "größe\n\nbody\n")
        assert git(tmp_path, "rev-parse", "HEAD") == made
        assert len(git(tmp_path, "log", "-1", "--format=%P", made).split()) == expected
        assert git(tmp_path, "reflog", "-1", "--format=%gs") == "commit: größe"
        assert commits.message_of(place, made) == "größe\n\nbody\n".encode()


def test_messages_are_utf_8_whatever_the_user_commits_in(repo: Path) -> None:
    git(repo, "config", "i18n.commitEncoding", "ISO-8859-1")
    place = places.find(repo)
    made = commits.on_top(place, snapshot.tree_of(place, None), "größe")
    kept = commits.keep(place, "refs/orchestrator/leftovers/x", snapshot.tree_of(place, None), "größe")
    for name in (made, kept):
        assert git(repo, "-c", "i18n.logOutputEncoding=UTF-8", "log", "-1", "--format=%e|%s", name) == "|größe"


def test_a_commit_on_top_is_signed_where_the_user_signs(repo: Path, tmp_path: Path) -> None:
    require("ssh-keygen", shutil.which("ssh-keygen"))
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "key")], check=True)
    for name, value in (("gpg.format", "ssh"), ("user.signingKey", str(tmp_path / "key")), ("commit.gpgSign", "true")):
        git(repo, "config", name, value)
    place = places.find(repo)
    made = commits.on_top(place, snapshot.tree_of(place, None), "signed")
    assert "gpgsig" in git(repo, "cat-file", "commit", made)


def test_a_head_that_moved_meanwhile_is_not_moved(repo: Path) -> None:
    commit(repo, "one")
    place = places.find(repo)
    newer = commit(repo, "two")
    with pytest.raises(OrchestratorError):
        commits.on_top(place, snapshot.tree_of(place, None), "late")
    assert git(repo, "rev-parse", "HEAD") == newer


def test_what_is_kept_keeps_what_was_kept_before(repo: Path) -> None:
    base = commit(repo, "base")
    place = places.find(repo)
    ref, tree = "refs/orchestrator/leftovers/F1", snapshot.tree_of(place, None)
    assert commits.resolve(place, ref) is None
    first = commits.keep(place, ref, tree, "first")
    second = commits.keep(place, ref, tree, "second")
    assert commits.resolve(place, ref) == second
    assert git(repo, "log", "-1", "--format=%P", second).split() == [base, first]
    assert git(repo, "rev-parse", "HEAD") == base


def test_what_came_since_a_commit_is_listed_oldest_first(repo: Path) -> None:
    assert commits.since(places.find(repo), None) == Range((), True)
    one = commit(repo, "one")
    assert commits.since(places.find(repo), None) == Range((one,), True)
    two, three = commit(repo, "two"), commit(repo, "three")
    place = places.find(repo)
    assert commits.since(place, one) == Range((two, three), True)
    assert commits.since(place, three) == Range((), True)
    git(repo, "switch", "-q", "-c", "side", one)
    side = commit(repo, "side")
    assert commits.since(places.find(repo), two) == Range((side,), False)
    git(repo, "merge", "-q", "--no-ff", "-m", "merge", "main")
    found = commits.since(places.find(repo), one)
    assert (set(found.commits), found.linear) == ({two, three, side, git(repo, "rev-parse", "HEAD")}, False)


def test_ancestors(repo: Path) -> None:
    one, two = commit(repo, "one"), commit(repo, "two")
    place = places.find(repo)
    assert place.git.is_ancestor(one, two)
    assert place.git.is_ancestor(one, one)
    assert not place.git.is_ancestor(two, one)
    assert not place.git.is_ancestor("1" * 40, one)
    assert not place.git.is_ancestor(one, "1" * 40)


def test_a_history_that_git_cannot_walk_is_no_answer(repo: Path) -> None:
    one, two, three = (commit(repo, text) for text in ("one", "two", "three"))
    (repo / ".git/objects" / two[:2] / two[2:]).unlink()
    place = places.find(repo)
    with pytest.raises(GitError):
        place.git.is_ancestor(one, three)
    with pytest.raises(GitError):
        undoings.newest_with_subject(place, three, "one")


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("subject\n", "subject\n\nD: F1 abc\n"),
        ("subject\n\nbody\n", "subject\n\nbody\n\nD: F1 abc\n"),
        ("subject\n\nSigned-off-by: A <a@b>\n", "subject\n\nSigned-off-by: A <a@b>\nD: F1 abc\n"),
        ("subject\n\nD: F1 abc\n", "subject\n\nD: F1 abc\n"),
        ("subject\n\nD: F2 def\n", "subject\n\nD: F2 def\nD: F1 abc\n"),
        ("subject\n\nbefore\n---\nafter\n", "subject\n\nbefore\n---\nafter\n\nD: F1 abc\n"),
        ("subject\n\n# a heading\n#12 is fixed\n", "subject\n\n# a heading\n#12 is fixed\n\nD: F1 abc\n"),
    ],
)
def test_trailers_go_where_git_expects_them(repo: Path, message: str, expected: str) -> None:
    assert commits.with_trailers(places.find(repo), message.encode(), {"D": "F1 abc"}).decode() == expected


lines = st.lists(
    st.sampled_from(["text", "", "---", "# note", "A: b", "session: completed F1", "größe", "  x"]), max_size=8
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines)
def test_a_trailer_is_added_once_and_no_line_is_lost(repo: Path, body: list[str]) -> None:
    place = places.find(repo)
    message = "\n".join(["subject", "", *body, ""]).encode()
    once = commits.with_trailers(place, message, {"Feature-Digest": "F1 abc"})
    assert commits.with_trailers(place, once, {"Feature-Digest": "F1 abc"}) == once
    left = [line for line in once.decode().split("\n") if line and line != "Feature-Digest: F1 abc"]
    assert left == [line for line in message.decode().split("\n") if line]
    assert once.decode().split("\n").count("Feature-Digest: F1 abc") == 1


def test_bytes_that_are_no_utf_8_stay(repo: Path) -> None:
    message = "größe\n".encode("latin-1")
    assert commits.with_trailers(places.find(repo), message, {"D": "x"}) == message + b"\nD: x\n"


def test_a_missing_identity_is_told_before_anything_is_done(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commits.need_identity(places.find(repo))
    for name in ("GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"):
        monkeypatch.delenv(name)
    git(repo, "config", "user.useConfigOnly", "true")
    with pytest.raises(OrchestratorError, match="git does not know who you are"):
        commits.need_identity(places.find(repo))

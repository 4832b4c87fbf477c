"""What commit-msg says to real commits: ids, trailers and staged lists, however the message is written."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from support.hooks import LIST, commit, install, project
from support.projects import Made
from support.repos import git


@pytest.fixture
def made(tmp_path: Path) -> Made:
    found = project(tmp_path / "project")
    install(found.root)
    return found


def rename(made: Made, old: str, new: str) -> None:
    data = json.loads((made.root / LIST).read_bytes())
    for feature in data["features"]:
        if feature["id"] == old:
            feature["id"] = new
    (made.root / LIST).write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
    made.git("commit", "-q", "-a", "-m", "ids")


def passing(made: Made, commit: str = "HEAD") -> list[str]:
    listed = json.loads(made.git("show", f"{commit}:{LIST}"))
    return [feature["id"] for feature in listed["features"] if feature["passes"]]


def trailers(made: Made) -> list[str]:
    """The ids of the digests, as git itself finds trailers."""
    return made.git("log", "-1", "--format=%(trailers:key=Feature-Digest,valueonly)").split()[::2]


def written(made: Made, message: bytes, *args: str) -> subprocess.CompletedProcess[bytes]:
    """A commit of that very message, not cleaned unless asked."""
    path = made.root / ".git" / "message"
    path.write_bytes(message)
    argv = ["git", "commit", "-q", "--allow-empty", "-F", str(path), *args]
    return subprocess.run(argv, cwd=made.root, capture_output=True, check=False)


# Ids


@pytest.mark.parametrize(
    ("line", "id", "nearest"),
    [
        ("session: completed F11", "F11", "F1"),
        ("session: completed F1, F22", "F22", "F2"),
        ("session: completed f3", "f3", "F3"),
        ("session: reopened F33", "F33", "F3"),
        ('session: completed "F 2"', "F 2", "F2"),
        ("- session: completed F1,F2,F3,FF1", "FF1", "F1"),
        ("session: completed 1", "1", "F1"),
    ],
)
def test_an_unknown_id_is_refused_with_the_nearest_and_the_message_is_kept(
    made: Made, line: str, id: str, nearest: str
) -> None:
    head = made.git("rev-parse", "HEAD")
    done = commit(made.root, f"subject\n\n{line}")
    assert (done.returncode, done.stderr) == (
        1,
        f"orchestrator: error: the message names {id!r}, which is no feature (feature_list.json). "
        f"Did you mean {nearest!r}?\n",
    )
    assert made.git("rev-parse", "HEAD") == head
    assert (made.root / ".git" / "COMMIT_EDITMSG").read_text() == f"subject\n\n{line}\n"


def test_a_feature_that_only_the_work_trees_list_has_yet_may_be_completed(made: Made) -> None:
    path = made.root / "feature_list.json"
    data = json.loads(path.read_text())
    data["features"].append({"id": "F9", "name": "new", "description": "not committed yet"})
    path.write_text(json.dumps(data))
    (made.root / "work").touch()
    made.git("add", "work")
    assert commit(made.root, "session: completed F9").returncode == 0
    assert [trailer.split()[0] for trailer in trailers(made)] == ["F9"]
    assert commit(made.root, "session: completed F99").returncode == 1


def test_several_ids_and_quoted_ones(made: Made) -> None:
    rename(made, "F2", "a, b")
    rename(made, "F3", 'qu"ote')
    assert commit(made.root, 'session: completed F1, "a, b", "qu\\"ote" with words').returncode == 0
    assert passing(made) == ["F1", "a, b", 'qu"ote']
    body = made.git("log", "-1", "--format=%b").splitlines()
    named = [line.removeprefix("Feature-Digest: ").rpartition(" ")[0] for line in body]
    assert named == ["F1", '"a, b"', '"qu\\"ote"']


def test_no_verify_has_the_last_word_and_the_list_still_follows(made: Made) -> None:
    assert commit(made.root, "session: completed F1\nsession: completed F11", "--no-verify").returncode == 0
    assert passing(made) == ["F1"]
    assert trailers(made) == []
    assert made.clean()


# Trailers


def test_an_amend_adds_no_second_trailer(made: Made) -> None:
    commit(made.root, "session: completed F1")
    body = made.git("log", "-1", "--format=%B")
    made.git("commit", "-q", "--amend", "--no-edit")
    assert made.git("log", "-1", "--format=%B") == body
    made.git("commit", "-q", "--amend", "-m", "session: completed F1, F2")
    assert trailers(made) == ["F1", "F2"]
    assert passing(made) == ["F1", "F2"]


def test_an_amend_with_another_definition_gets_its_trailer(made: Made) -> None:
    commit(made.root, "session: completed F1, F2\n\nCloses: 7\n")
    before = made.git("log", "-1", "--format=%B").splitlines()
    made.edit("F2", name="another name")
    made.git("commit", "-q", "--amend", "-a", "--no-edit")
    after = made.git("log", "-1", "--format=%B").splitlines()
    assert trailers(made) == ["F1", "F2"]
    assert after[:-1] == before[:-1]
    assert after[-1] != before[-1]
    assert made.states() == {"F1": "done", "F2": "done", "F3": "todo"}


DIGEST = r"Feature-Digest: F1 [0-9a-f]{16,}"


@pytest.mark.parametrize(
    ("message", "stored"),
    [
        ("s\n\nsession: completed F1\n\nAcked-by: A\n", rf"s\n\nsession: completed F1\n\nAcked-by: A\n{DIGEST}\n"),
        ("session: completed F1\n\n---\n\ntext below\n", rf"session: completed F1\n\n---\n\ntext below\n\n{DIGEST}\n"),
        ("session: completed F1\n---\n\nAcked-by: A\n", rf"session: completed F1\n---\n\nAcked-by: A\n{DIGEST}\n"),
        ("session: completed F1", rf"session: completed F1\n\n{DIGEST}\n"),
        ("s\n\n\n\nsession: completed F1\n\n\n", rf"s\n\nsession: completed F1\n{DIGEST}\n"),
        ("s\n\n* session: completed F1 (the first)\n", rf"s\n\n\* session: completed F1 \(the first\)\n\n{DIGEST}\n"),
    ],
)  # fmt: skip
def test_the_trailer_goes_below_everything(made: Made, message: str, stored: str) -> None:
    assert written(made, message.encode(), "--cleanup=strip").returncode == 0
    assert re.fullmatch(stored, made.git("log", "-1", "--format=%B") + "\n")
    assert passing(made) == ["F1"]


@pytest.mark.parametrize("cleanup", ["strip", "whitespace", "verbatim", "scissors", "default"])
@pytest.mark.parametrize("comment", ["#", ";", "auto"])
def test_every_way_to_clean_a_message(made: Made, monkeypatch: pytest.MonkeyPatch, cleanup: str, comment: str) -> None:
    """The editor keeps what git has written below, as people do: comments, and the diff with -v."""
    made.git("config", "core.commentChar", comment)
    editor = made.root / ".git" / "editor.sh"
    editor.write_text('{ echo "session: completed F1"; cat "$1"; } > "$1.new" && mv "$1.new" "$1"\n')
    monkeypatch.setenv("GIT_EDITOR", f"sh '{editor}'")
    (made.root / "new").write_text("session: completed F99\n")
    made.git("add", "new")
    made.git("commit", "-q", "-v", f"--cleanup={cleanup}")
    assert passing(made) == ["F1"]
    assert made.git("log", "-1", "--format=%B").count("Feature-Digest: F1 ") == 1
    if cleanup in ("strip", "default", "scissors"):
        assert trailers(made) == ["F1"]


def test_a_message_with_crlf(made: Made) -> None:
    assert written(made, b"session: completed F1\r\n\r\nmore\r\n", "--cleanup=verbatim").returncode == 0
    assert passing(made) == ["F1"]
    assert trailers(made) == ["F1"]
    assert written(made, b"s\r\n\r\nsession: completed F2\r\n\r\nCloses: 7\r\n").returncode == 0
    assert passing(made) == ["F1", "F2"]
    assert trailers(made) == ["F2"]
    assert written(made, b"session: completed F11\r\n").returncode == 1


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "UTF-8", ""])
def test_a_message_in_another_encoding(made: Made, encoding: str) -> None:
    rename(made, "F1", "für")
    if encoding:
        made.git("config", "i18n.commitEncoding", encoding)
        made.git("config", "i18n.logOutputEncoding", "UTF-8")
    message = "session: completed für\n\nmit Grüßen\n".encode(encoding or "utf-8")
    assert written(made, message).stderr == b""
    assert passing(made) == ["für"]
    assert trailers(made) == ["für"]
    assert made.git("log", "-1", "--format=%s") == "session: completed für"
    refused = written(made, "session: completed fürs\n".encode(encoding or "utf-8"))
    assert "names 'fürs'" in refused.stderr.decode()


# Staged lists


BROKEN = '{"features": [\n  {"id": "F1"},\n  {"id": "F1"}\n]}\n'


@pytest.mark.parametrize("message", ["fix", "session: completed F1"])
def test_an_invalid_staged_list_is_refused_with_its_line_and_what_to_do(made: Made, message: str) -> None:
    (made.root / LIST).write_text(BROKEN)
    made.git("add", "-A")
    done = commit(made.root, message)
    assert done.returncode == 1
    assert done.stderr == (
        "orchestrator: error: the id 'F1' comes twice (first in line 2) (feature_list.json:3:4). "
        "Give one of the two another id\n"
    )
    (made.root / LIST).write_text("{")
    made.git("add", "-A")
    done = commit(made.root, message)
    assert done.returncode == 1
    assert re.fullmatch(r"orchestrator: error: .* \(feature_list\.json:\d+:\d+\)\. .*\n", done.stderr)
    assert made.git("log", "-1", "--format=%s") == "base"


def test_a_list_that_is_only_invalid_in_the_work_tree_is_no_matter(made: Made) -> None:
    (made.root / LIST).write_text(BROKEN)
    assert commit(made.root, "fix").returncode == 0
    done = commit(made.root, "session: completed F2")
    assert done.returncode == 0
    assert (made.root / LIST).read_text() == BROKEN


def test_a_list_that_is_staged_but_not_part_of_the_commit_is_no_matter(made: Made) -> None:
    (made.root / LIST).write_text(BROKEN)
    made.git("add", LIST)
    (made.root / "other").write_text("x\n")
    made.git("add", "other")
    assert commit(made.root, "fix", "other").returncode == 0
    assert commit(made.root, "fix").returncode == 1
    assert made.git("show", "--format=", "--name-only", "HEAD").split() == ["other"]
    assert made.git("show", f":{LIST}") + "\n" == BROKEN


def test_a_list_that_was_broken_before_blocks_no_commit(made: Made) -> None:
    (made.root / LIST).write_text(BROKEN)
    made.git("add", "-A")
    assert commit(made.root, "broken", "--no-verify").returncode == 0
    assert commit(made.root, "something else").stderr == ""
    (made.root / LIST).write_text(BROKEN.replace("\n]", ",\n  7]"))
    made.git("add", "-A")
    done = commit(made.root, "broken in another way")
    assert done.returncode == 0
    assert re.fullmatch(
        r"orchestrator: warning: the id 'F1' comes twice .* Give one of the two another id\n", done.stderr
    )
    made.git("rm", "-q", LIST)
    assert commit(made.root, "without a list").returncode == 0


@pytest.mark.parametrize("broken", ["{", '{"features": {"ui": [{"description": "d", "passes": true}]}}'])
def test_a_new_list_that_cannot_be_read_is_warned_of(made: Made, broken: str) -> None:
    made.git("rm", "-q", LIST)
    assert commit(made.root, "no list").returncode == 0
    (made.root / LIST).write_text(broken)
    made.git("add", "-A")
    done = commit(made.root, "the list")
    assert (done.returncode, len(done.stderr.splitlines())) == (0, 1)
    assert done.stderr.startswith("orchestrator: warning: ")


def test_a_list_that_is_mended_is_refused_when_it_breaks_again(made: Made) -> None:
    good = (made.root / LIST).read_text()
    for content, code in ((BROKEN, 1), (good.replace("feature 1", "feature one"), 0), (BROKEN, 1)):
        (made.root / LIST).write_text(content)
        made.git("add", "-A")
        assert commit(made.root, "edit").returncode == code


def test_status_words_that_nobody_knows_warn_in_one_line_and_block_nothing(made: Made) -> None:
    (made.root / LIST).write_text('{"features": [{"id": "F1", "name": "n", "status": "erledigt"}]}')
    made.git("add", "-A")
    done = commit(made.root, "the list")
    assert (done.returncode, len(done.stderr.splitlines())) == (0, 1)
    assert re.search(r'warning: .*"erledigt".*\[features\]', done.stderr)


def test_a_list_that_is_broken_by_resolving_a_merge_is_refused(made: Made) -> None:
    made.git("checkout", "-q", "-b", "side")
    made.edit("F1", name="there")
    made.git("commit", "-q", "-a", "-m", "there")
    made.git("checkout", "-q", "main")
    made.edit("F1", name="here")
    made.git("commit", "-q", "-a", "-m", "here")
    assert "feature_list.json" in git(made.root, "merge", "side", check=False)
    made.git("add", LIST)
    done = subprocess.run(
        ["git", "commit", "--no-edit"], cwd=made.root, capture_output=True, text=True, env=os.environ, check=False
    )
    assert (done.returncode, made.git("log", "-1", "--format=%s")) == (1, "here")
    assert "orchestrator: error: " in done.stderr
    made.git("checkout", "HEAD", "--", LIST)
    made.git("commit", "-q", "-m", "Merge side\n\nsession: completed F2, F77")  # of a merge, no id is judged
    assert made.clean()


def test_a_list_that_the_other_side_of_a_merge_has_broken_blocks_no_merge(made: Made) -> None:
    made.git("checkout", "-q", "-b", "side")
    (made.root / LIST).write_text(BROKEN)
    commit(made.root, "broken", "-a", "--no-verify")
    made.git("checkout", "-q", "main")
    (made.root / "a").write_text("a\n")
    made.git("add", "a")
    commit(made.root, "here")
    made.git("merge", "-q", "--no-edit", "side")
    assert made.git("show", f"HEAD:{LIST}") + "\n" == BROKEN
    assert made.clean()


def test_ids_of_what_is_replayed_are_not_judged(made: Made) -> None:
    made.git("checkout", "-q", "-b", "side")
    (made.root / "a").write_text("there\n")
    made.git("add", "a")
    commit(made.root, "session: completed F9", "--no-verify")
    made.git("checkout", "-q", "main")
    (made.root / "a").write_text("here\n")
    made.git("add", "a")
    commit(made.root, "here")
    git(made.root, "cherry-pick", "side", check=False)
    made.git("add", "a")
    made.git("checkout", "--theirs", "a")
    made.git("add", "a")
    made.git("cherry-pick", "--continue")
    assert made.git("log", "-1", "--format=%s") == "session: completed F9"

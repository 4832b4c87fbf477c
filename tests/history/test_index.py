"""The cache of the history: whatever happens to it, the answer is that of a scan."""

from __future__ import annotations

import json
import multiprocessing
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.history_oracle import History
from support.history_repos import Repo, init, plain, read_often

from orchestrator.git.plumbing import Git
from orchestrator.history import index, walk
from orchestrator.history.events import Words


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = init(tmp_path / "repo")
    repo.commit("session: completed F1")
    repo.git("switch", "-qc", "side")
    repo.commit("session: completed F2\n\nFeature-Digest: F2 abc\nVerified: 123\n")
    repo.git("switch", "-q", "main")
    repo.commit("session: reopened F1")
    repo.git("merge", "-q", "--no-ff", "--no-edit", "side")
    repo.git("revert", "--no-edit", "-m", "1", "HEAD")
    repo.commit("session: completed F3, F2\n\nFeature-Digest: F3 def\n")
    return repo


def cache(repo: Repo) -> Path:
    return repo.root / ".git/orchestrator/events.json"


def walks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The commits that git was asked to walk from, as they are asked."""
    asked: list[str] = []
    real = Git.open

    def noted(self: Git, *args: str) -> subprocess.Popen[bytes]:
        asked.append(args[-2])
        return real(self, *args)

    monkeypatch.setattr(Git, "open", noted)
    return asked


def test_the_second_reading_walks_nothing_and_writes_nothing(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    first = repo.read()
    before = cache(repo).read_bytes()
    cache(repo).chmod(0o444)
    asked = walks(monkeypatch)
    assert plain(repo.read()) == plain(first)
    assert asked == []
    assert cache(repo).read_bytes() == before


@pytest.mark.parametrize("size", [0, 1, 64, 65, 66, 200, -1])
def test_a_truncated_cache_is_made_anew(repo: Repo, size: int) -> None:
    repo.read()
    whole = cache(repo).read_bytes()
    cache(repo).write_bytes(whole[:size])
    assert plain(repo.read()) == plain(repo.scan())
    assert cache(repo).read_bytes() == whole


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_cache_is_made_anew(repo: Repo, data: st.DataObject) -> None:
    repo.read()
    whole = cache(repo).read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    byte = data.draw(st.integers(0, 255))
    cache(repo).write_bytes(whole[:at] + bytes([byte]) + whole[at + 1 :])
    assert plain(repo.read()) == plain(repo.scan())
    assert cache(repo).read_bytes() == whole


@pytest.mark.parametrize("garbage", [b"{}", b"null", b"[]", b"\xff\xfe", b"\0" * 100, b"0" * 64 + b"\n{}"])
def test_garbage_is_made_anew(repo: Repo, garbage: bytes) -> None:
    cache(repo).parent.mkdir(exist_ok=True)
    cache(repo).write_bytes(garbage)
    assert plain(repo.read()) == plain(repo.scan())


def test_a_cache_of_another_version_is_made_anew(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "VERSION", index.VERSION + 1)
    repo.read()
    monkeypatch.undo()
    asked = walks(monkeypatch)
    repo.read()
    assert repo.head() in asked


def test_a_cache_of_other_prefixes_does_not_fit(repo: Repo) -> None:
    repo.commit("fertig F9")
    assert set(repo.read().standing) == {"F2", "F3"}
    assert set(repo.read(Words("fertig", "offen")).standing) == {"F9"}
    assert set(repo.read().standing) == {"F2", "F3"}


def test_an_index_in_memory_is_dropped_when_it_does_not_fit(repo: Repo) -> None:
    kept = index.Kept()
    repo.commit("fertig F9")
    first = index.read(repo.place(), Words(), kept)
    assert index.read(repo.place(), Words(), kept) is first
    assert set(index.read(repo.place(), Words("fertig", "offen"), kept).standing) == {"F9"}
    assert plain(index.read(repo.place(), Words(), kept)) == plain(first)
    repo.git("replace", "--graft", "HEAD")
    assert set(index.read(repo.place(), Words("fertig", "offen"), kept).standing) == {"F9"}
    assert index.read(repo.place(), Words(), kept).standing == {}


def test_the_cache_of_another_repository_is_of_no_harm(repo: Repo, tmp_path: Path) -> None:
    other = init(tmp_path / "other")
    other.commit("session: completed F7")
    other.read()
    repo.read()
    cache(repo).write_bytes(cache(other).read_bytes())
    assert plain(repo.read()) == plain(repo.scan())


def test_a_folder_in_the_place_of_the_cache_costs_time_only(repo: Repo) -> None:
    cache(repo).mkdir(parents=True)
    assert plain(repo.read()) == plain(repo.scan())
    assert [entry.name for entry in cache(repo).parent.iterdir()] == ["events.json"]


def test_a_file_in_the_place_of_the_folder_costs_time_only(repo: Repo) -> None:
    cache(repo).parent.write_text("in the way")
    assert plain(repo.read()) == plain(repo.scan())


def test_heads_that_vanished_are_of_no_harm(repo: Repo) -> None:
    repo.commit("session: completed F5")
    repo.read()
    repo.git("reset", "-q", "--hard", "HEAD~2")
    repo.git("reflog", "expire", "--expire=now", "--all")
    repo.git("gc", "-q", "--prune=now")
    repo.commit("session: completed F6")
    assert plain(repo.read()) == plain(repo.scan())
    assert set(repo.read().standing) == set(History(repo.root).standing) == {"F6"}


def test_a_commit_on_top_is_all_that_is_looked_at(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.read()
    old = repo.head()
    repo.commit("session: completed F1")
    looked: list[str] = []
    real = walk.newer

    def noted(*args: object) -> walk.Walk:
        walked = real(*args)  # type: ignore[arg-type]
        looked.extend(sha for sha, _ in walked.steps)
        return walked

    monkeypatch.setattr(walk, "newer", noted)
    repo.read()
    assert [sha for sha in looked if sha != old] == [repo.head()]


def test_walks_from_known_commits_survive_wrong_clocks(tmp_path: Path) -> None:
    repo = init(tmp_path / "repo")
    for number, jump in enumerate((0, 10**6, -(10**7), 5 * 10**6, -(10**8), 10**8)):
        repo.now += jump
        repo.commit(f"session: completed F{number}")
        repo.git("branch", f"b{number}", "HEAD~1")
        repo.read()
        repo.commit("work")
    for number in range(1, 6):
        repo.now -= 10**7
        repo.git("switch", "-q", f"b{number}")
        repo.commit(f"session: reopened F{number - 1}")
        repo.read()
        repo.git("switch", "-q", "main")
        repo.git("merge", "-q", "--no-ff", "--no-edit", f"b{number}")
        ledger = repo.read()
        assert plain(ledger) == plain(repo.scan())
        assert set(ledger.standing) == set(History(repo.root).standing)


def test_many_heads_are_remembered_and_the_oldest_forgotten(repo: Repo) -> None:
    for number in range(70):
        tree, parent = repo.head("HEAD^{tree}"), repo.head()
        repo.git("update-ref", "HEAD", repo.git("commit-tree", "-p", parent, "-m", f"work {number}", tree))
        repo.read()
    kept = json.loads(cache(repo).read_bytes().partition(b"\n")[2])["tips"]
    assert len(kept) == 64
    assert repo.head() in kept


def test_two_processes_at_once_are_both_right(repo: Repo) -> None:
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=read_often, args=(str(repo.root), 15)) for _ in range(2)]
    for process in processes:
        process.start()
    for number in range(10):
        repo.commit(f"session: completed F{number}")
        cache(repo).unlink(missing_ok=True)
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0]
    assert plain(repo.read()) == plain(repo.scan())


WRITER = """
import sys
from pathlib import Path
from orchestrator.git import place
from orchestrator.history import index
from orchestrator.history.events import Words
while True:
    (Path(sys.argv[1]) / ".git/orchestrator/events.json").unlink(missing_ok=True)
    index.read(place.find(Path(sys.argv[1])), Words())
    print(flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_a_reader_killed_while_it_writes_leaves_a_cache_that_is_right(repo: Repo) -> None:
    for number in range(8):
        process = subprocess.Popen([sys.executable, "-c", WRITER, str(repo.root)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.003 * number)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        assert plain(repo.read()) == plain(repo.scan())


def test_a_git_that_fails_half_way_is_an_error(repo: Repo) -> None:
    """A damaged history is not an empty one."""
    victim = repo.head("HEAD~2")
    path = repo.root / ".git/objects" / victim[:2] / victim[2:]
    path.chmod(0o644)
    path.unlink()
    with pytest.raises(Exception, match="git log failed"):
        repo.scan()
    with pytest.raises(Exception, match="git log failed"):
        repo.read()
    assert not cache(repo).exists()

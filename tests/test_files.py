"""Atomic writes and locks, with real processes, kills and full disks."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from orchestrator import files
from orchestrator.errors import Locked, OrchestratorError

posix = pytest.mark.skipif(os.name == "nt", reason="needs POSIX")

ADD_KEY = """
import json, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from orchestrator import files
path, key = Path(sys.argv[1]), sys.argv[2]
with files.lock(path.with_suffix(".lock"), purpose="add a key"):
    data = json.loads(path.read_bytes())
    data[key] = True
    files.write_atomic(path, json.dumps(data).encode())
"""

HOLD = """
import sys, time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from orchestrator import files
with files.lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""

FORK = """
import os, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from orchestrator import files
from orchestrator.errors import Locked
path = Path(sys.argv[1])
try:
    with files.lock(path):
        child = os.fork()
        if child == 0:
            sys.exit(0)
        os.waitpid(child, 0)
        try:
            with files.lock(path, timeout=0):
                print("lost")
        except Locked:
            print("still held")
finally:
    sys.stdout.flush()
"""

WRITE_OVER_LIMIT = """
import resource, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from orchestrator import files
from orchestrator.errors import OrchestratorError
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    files.write_atomic(Path(sys.argv[1]), b"x" * 5000)
except OrchestratorError as error:
    print(error)
"""

REWRITE_FOR_EVER = """
import itertools, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from orchestrator import files
print("started", flush=True)
for n in itertools.count():
    files.write_atomic(Path(sys.argv[1]), str(n % 10).encode() * 300_000)
"""


def start(code: str, *args: object) -> subprocess.Popen[str]:
    argv = [sys.executable, "-c", code, *map(str, args)]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str]) -> str:
    output, errors = process.communicate(timeout=120)
    assert errors == ""
    assert process.returncode == 0
    return output


def holder(path: Path) -> subprocess.Popen[str]:
    process = start(HOLD, path)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def test_a_new_file_gets_the_bytes_and_the_mode_that_the_umask_gives(tmp_path: Path) -> None:
    path, plain = tmp_path / "new", tmp_path / "plain"
    plain.write_bytes(b"")

    files.write_atomic(path, b"\x00\r\n\xff")

    assert path.read_bytes() == b"\x00\r\n\xff"
    assert path.stat().st_mode == plain.stat().st_mode


@posix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o755])
def test_the_mode_of_an_existing_file_is_kept(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(mode)

    files.write_atomic(path, b"new")

    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", mode)


@posix
@pytest.mark.parametrize("exists", [True, False])
def test_a_symlink_stays_one_and_its_target_is_written(tmp_path: Path, exists: bool) -> None:
    target, link = tmp_path / "folder" / "target", tmp_path / "link"
    target.parent.mkdir()
    if exists:
        target.write_bytes(b"old")
    link.symlink_to("folder/target")

    files.write_atomic(link, b"new")

    assert (link.readlink(), target.read_bytes()) == (Path("folder/target"), b"new")


def test_a_file_name_as_long_as_the_system_allows_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 255 if os.name != "nt" else "n" * 100)

    files.write_atomic(path, b"x")

    assert [child.name for child in tmp_path.iterdir()] == [path.name]


def test_a_read_only_file_is_refused_by_name_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_bytes(b"old")
    path.chmod(0o444)

    with pytest.raises(OrchestratorError) as caught:
        files.write_atomic(path, b"new")

    assert str(caught.value) == f"the file is read-only ({path}). Make it writable and try again"
    assert (path.read_bytes(), [*tmp_path.iterdir()]) == (b"old", [path])


@posix
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    folder.chmod(0o555)

    with pytest.raises(OrchestratorError) as caught:
        files.write_atomic(folder / "file", b"new")

    assert str(caught.value) == f"cannot write file: Permission denied ({folder})"


def test_a_missing_folder_and_a_folder_in_the_way_are_one_line_errors(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()

    for path in (tmp_path / "missing" / "file", tmp_path / "folder"):
        with pytest.raises(OrchestratorError, match=rf"^cannot write {path.name}: "):
            files.write_atomic(path, b"new")

    assert [*tmp_path.rglob("*")] == [tmp_path / "folder"]


@posix
def test_a_write_that_fails_half_way_leaves_the_old_content_and_no_temporary_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    said = finish(start(WRITE_OVER_LIMIT, path))

    assert said == f"cannot write file: File too large ({path})\n"
    assert (path.read_bytes(), [*tmp_path.iterdir()]) == (b"old", [path])


def test_a_reader_sees_the_whole_old_or_the_whole_new_content_even_if_the_writer_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"0" * 300_000)
    for _ in range(3):
        writer = start(REWRITE_FOR_EVER, path)
        assert writer.stdout is not None
        writer.stdout.readline()
        seen = {path.read_bytes() for _ in range(60)}
        end(writer)
        seen.add(path.read_bytes())

        assert {(len(content), len(set(content))) for content in seen} == {(300_000, 1)}


def test_24_processes_that_each_add_a_key_to_one_file_lose_none(tmp_path: Path) -> None:
    path = tmp_path / "data.json"
    path.write_text("{}")

    writers = [start(ADD_KEY, path, f"key-{n}") for n in range(24)]
    for writer in writers:
        finish(writer)

    assert json.loads(path.read_text()) == {f"key-{n}": True for n in range(24)}
    assert sorted(child.name for child in tmp_path.iterdir()) == ["data.json", "data.lock"]


def test_who_waits_in_vain_is_told_who_holds_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "build.lock"
    process = holder(path)
    try:
        with pytest.raises(Locked) as caught, files.lock(path, timeout=0, purpose="build"):
            pass
        who = path.read_text().splitlines()
    finally:
        end(process)

    assert who[0] == str(process.pid)
    assert who[2] == f"-c {path}"
    assert str(caught.value) == (
        f"the lock for build is held by process {process.pid} (-c {path}) since {who[1]} ({path})."
        " Wait until it ends, or end it"
    )


def test_a_killed_holder_frees_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "build.lock"
    process = holder(path)
    end(process)

    with files.lock(path, timeout=0):
        assert path.read_text().splitlines()[0] == str(os.getpid())


def test_a_lock_is_free_after_its_block_however_that_ends(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "x.lock"

    with pytest.raises(KeyError), files.lock(path):
        raise KeyError

    with files.lock(path, timeout=0):
        pass
    assert path.read_text() == ""


def test_threads_of_one_process_exclude_each_other(tmp_path: Path) -> None:
    path, inside, leave = tmp_path / "x.lock", threading.Event(), threading.Event()

    def work() -> None:
        with files.lock(path):
            inside.set()
            leave.wait(60)

    thread = threading.Thread(target=work)
    thread.start()
    assert inside.wait(60)
    with pytest.raises(Locked), files.lock(path, timeout=0):
        pass
    leave.set()
    thread.join()


def test_a_waiter_gets_the_lock_when_it_comes_free(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    process = holder(path)
    threading.Timer(0.2, process.kill).start()

    with files.lock(path, timeout=60):
        held = True

    process.communicate()
    assert held


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_the_end_of_a_forked_child_does_not_free_its_parents_lock(tmp_path: Path) -> None:
    assert finish(start(FORK, tmp_path / "x.lock")) == "still held\n"


def test_a_lock_that_cannot_be_made_is_a_one_line_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    path = tmp_path / "file" / "x.lock"

    with pytest.raises(OrchestratorError, match=r"^cannot lock x\.lock: "), files.lock(path):
        pass


@posix
def test_an_interrupted_waiter_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    first = holder(path)
    second = start(HOLD, path)
    second.send_signal(signal.SIGTERM)
    second.communicate()
    end(first)

    with files.lock(path, timeout=0):
        pass


def test_appended_lines_of_many_writers_stay_whole(tmp_path: Path) -> None:
    path = tmp_path / "log"
    lines = [f"{number} {'x' * 5000}\n".encode() for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda line: files.append(path, line), lines))
    assert sorted(path.read_bytes().splitlines(keepends=True)) == sorted(lines)


def test_a_file_that_cannot_be_appended_to_is_named(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    with pytest.raises(OrchestratorError, match="cannot write log"):
        files.append(tmp_path / "log", b"x")


@pytest.mark.skipif(os.name == "nt", reason="asks for processes by their ids")
@pytest.mark.parametrize("write", [files.write_atomic, files.keep])
def test_a_write_takes_away_what_killed_writers_left(write: Callable[[Path, bytes], None], tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    ages = {f"{child.pid}-0a": 2, f"{child.pid}-0b": 0, f"{os.getpid()}-0c": 60, f"{os.getpid()}-0d": 4000, "0e": 4000}
    for name, age in ages.items():
        path = tmp_path / f".orchestrator-{name}.tmp"
        path.write_bytes(b"half")
        os.utime(path, (time.time() - age, time.time() - age))
    write(tmp_path / "file", b"new")
    left = [f".orchestrator-{name}.tmp" for name in (f"{child.pid}-0b", f"{os.getpid()}-0c")]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*left, "file"])

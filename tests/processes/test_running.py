from __future__ import annotations

import _thread
import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest
from support.agents import MARK, left_over

from orchestrator.processes import running, sweep
from orchestrator.processes.running import CannotStart, Command, Ended, Stop, Tail, run

posix = pytest.mark.skipif(os.name == "nt", reason="POSIX signals and sessions")


def command(folder: Path, code: str, **more: object) -> Command:
    """A Python child that runs `code`."""
    values: dict[str, object] = {
        "argv": (sys.executable, "-c", code),
        "cwd": folder,
        "env": {**os.environ, MARK: str(folder)},
        "stdout": folder / "logs" / "out",
        "stderr": folder / "logs" / "err",
        "timeout": 60,
        "grace": 1,
    }
    return Command(**{**values, **more})  # type: ignore[arg-type]


def collect(asked: Command) -> tuple[Ended, list[bytes]]:
    lines: list[bytes] = []
    return run(asked, lines.append), lines


def test_each_line_is_given_as_it_was_written(tmp_path: Path) -> None:
    code = "import sys; sys.stdout.buffer.write(b'one\\n\\ntw\\xffo\\r\\nlast without end')"
    ended, lines = collect(command(tmp_path, code))
    assert (ended.returncode, ended.stop, ended.swept) == (0, None, ())
    assert lines == [b"one", b"", b"tw\xffo\r", b"last without end"]


def test_lines_are_given_while_the_child_runs(tmp_path: Path) -> None:
    """The child ends only when the file exists that the first line makes us write."""
    code = "import os, time\nprint('go', flush=True)\nwhile not os.path.exists('seen'): time.sleep(0.01)"

    def on_line(line: bytes) -> None:
        (tmp_path / "seen").write_bytes(line)

    assert run(command(tmp_path, code), on_line).stop is None


def test_a_line_of_20_mb_arrives_whole(tmp_path: Path) -> None:
    ended, lines = collect(command(tmp_path, "print('x' * 20_000_000); print('end')"))
    assert ended.returncode == 0
    assert [len(line) for line in lines] == [20_000_000, 3]


def test_what_is_written_right_before_the_end_is_not_lost(tmp_path: Path) -> None:
    code = "import os; os.write(1, b'y' * 3_000_000 + b'\\nend'); os._exit(3)"
    ended, lines = collect(command(tmp_path, code))
    assert ended.returncode == 3
    assert (len(lines[0]), lines[1:]) == (3_000_000, [b"end"])


def test_a_child_that_closes_its_output_early_is_waited_for(tmp_path: Path) -> None:
    code = "import os, time; print('a', flush=True); os.close(1); time.sleep(0.3); open('late', 'w').close()"
    ended, lines = collect(command(tmp_path, code))
    assert (lines, (tmp_path / "late").exists()) == ([b"a"], True)
    assert ended.stop is None


def test_the_prompt_comes_from_its_file_and_is_empty_without_one(tmp_path: Path) -> None:
    (tmp_path / "prompt").write_bytes("äöü ".encode() * 100_000)
    code = "import sys; print(len(sys.stdin.buffer.read()))"
    assert collect(command(tmp_path, code, stdin=tmp_path / "prompt"))[1] == [b"700000"]
    assert collect(command(tmp_path, code))[1] == [b"0"]


def test_the_logs_are_for_the_owner_only_and_begin_anew(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "out").write_text("of an earlier session")
    collect(command(tmp_path, "import sys; print('o'); print('e', file=sys.stderr)"))
    assert (tmp_path / "logs" / "out").read_text().split() == ["o"]
    assert running.tail_of(tmp_path / "logs" / "err").split() == ["e"]
    if os.name != "nt":
        assert {path.stat().st_mode & 0o777 for path in (tmp_path / "logs").iterdir()} == {0o600}


def test_a_truncated_log_is_read_on_from_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"first\nsecond\n")
    with path.open("rb", buffering=0) as file:
        tail = Tail(file)
        assert list(tail.lines()) == [b"first", b"second"]
        path.write_bytes(b"new\n")
        assert list(tail.lines()) == [b"new"]


def test_a_child_that_writes_faster_than_we_read_is_still_watched(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"first\n")
    with path.open("rb", buffering=0) as file, path.open("ab", buffering=0) as writer:
        tail = Tail(file)
        read = []
        for line in tail.lines():
            read.append(line)
            assert len(read) == 1, "reading never ended, so that no limit was looked at"
            writer.write(b"more\nand half a li")
        assert list(tail.lines()) == [b"more"]
        writer.write(b"ne\n")
        assert list(tail.lines()) == [b"and half a line"]


@posix
def test_a_child_that_ignores_signals_is_ended_by_force(tmp_path: Path) -> None:
    code = (
        "import signal, time\nfor number in (2, 15): signal.signal(number, signal.SIG_IGN)\n"
        "print('ready', flush=True); time.sleep(600)"
    )
    ended, lines = collect(command(tmp_path, code, timeout=1, grace=0.2))
    assert (ended.returncode, ended.stop, lines) == (-signal.SIGKILL, Stop.TIMEOUT, [b"ready"])


@posix
def test_a_child_gets_sigint_first_and_may_say_goodbye(tmp_path: Path) -> None:
    code = (
        "import time\nprint('ready', flush=True)\ntry: time.sleep(600)\n"
        "except KeyboardInterrupt: print('goodbye'); raise SystemExit(7)"
    )
    ended, lines = collect(command(tmp_path, code, timeout=1, grace=10))
    assert (ended.returncode, ended.stop, lines) == (7, Stop.TIMEOUT, [b"ready", b"goodbye"])


def test_silence_is_ended_and_speech_is_not(tmp_path: Path) -> None:
    silent = command(tmp_path, "import time; print('a', flush=True); time.sleep(600)", idle_timeout=0.5)
    assert collect(silent)[0].stop is Stop.IDLE
    code = "import time\nfor _ in range(8): print('a', flush=True); time.sleep(0.25)"
    assert collect(command(tmp_path, code, idle_timeout=1.5))[0].stop is None


def test_too_much_output_is_ended(tmp_path: Path) -> None:
    ended, _ = collect(command(tmp_path, "while True: print('x' * 1000)", max_output=100_000))
    assert ended.stop is Stop.OUTPUT


def test_the_reader_may_end_the_child(tmp_path: Path) -> None:
    code = "import time\nfor n in range(600): print(n, flush=True); time.sleep(0.1)"
    ended = run(command(tmp_path, code), lambda line: line == b"2")
    assert ended.stop is Stop.REQUESTED
    assert left_over(tmp_path) == []


def test_an_error_of_the_reader_leaves_no_child(tmp_path: Path) -> None:
    code = "import time; print('a', flush=True); time.sleep(600)"

    def fail(line: bytes) -> None:
        raise RuntimeError("the reader broke")

    with pytest.raises(RuntimeError, match="the reader broke"):
        run(command(tmp_path, code), fail)
    assert left_over(tmp_path) == []


def test_ctrl_c_is_told_and_not_raised(tmp_path: Path) -> None:
    code = "import time; print('ready', flush=True); time.sleep(600)"
    ended = run(command(tmp_path, code), lambda line: _thread.interrupt_main())
    assert ended.stop is Stop.INTERRUPTED
    assert left_over(tmp_path) == []


@posix
def test_a_second_ctrl_c_does_not_wait_for_a_child_that_takes_its_time(tmp_path: Path) -> None:
    code = (
        "import signal, time\nfor number in (2, 15): signal.signal(number, signal.SIG_IGN)\n"
        "print('ready', flush=True); time.sleep(600)"
    )
    second = threading.Timer(0.5, _thread.interrupt_main)

    def on_line(line: bytes) -> None:
        second.start()
        _thread.interrupt_main()

    ended = run(command(tmp_path, code, grace=120), on_line)
    assert (ended.returncode, ended.stop) == (-signal.SIGKILL, Stop.INTERRUPTED)


def test_interrupt_all_ends_the_children_and_pauses_of_other_threads(tmp_path: Path) -> None:
    code = "import time; print('ready', flush=True); time.sleep(600)"
    ready = threading.Barrier(3)
    found: dict[str, object] = {}

    def child() -> None:
        found["child"] = run(command(tmp_path, code), lambda line: ready.wait() and None).stop

    def pause() -> None:
        ready.wait()
        found["pause"] = running.pause(600)

    threads = [threading.Thread(target=child), threading.Thread(target=pause)]
    for thread in threads:
        thread.start()
    ready.wait()
    while any(thread.is_alive() for thread in threads):
        running.interrupt_all()
        time.sleep(0.05)
    assert found == {"child": Stop.INTERRUPTED, "pause": True}
    assert running.pause(0) is False


def test_a_program_that_is_absent_or_no_program_can_not_start(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no program")
    for name in ("absent", "text"):
        with pytest.raises(CannotStart, match=name):
            collect(command(tmp_path, "", argv=(str(tmp_path / name),)))


@posix
@pytest.mark.parametrize(
    "start",
    [
        "subprocess.Popen(['sleep', '600'])",
        "subprocess.Popen(['sleep', '600'], start_new_session=True)",
        "subprocess.Popen(['sh', '-c', 'sleep 600 & sleep 600 & wait'], start_new_session=True)",
        "subprocess.Popen(['sh', '-c', 'nohup sleep 600 >/dev/null 2>&1 &'], start_new_session=True)",
        "subprocess.Popen(['sh', '-c', \"trap '' TERM INT HUP; while :; do sleep 1; done\"])",
    ],
)
@pytest.mark.parametrize("way", ["success", "timeout", "killed"])
def test_whatever_the_child_starts_is_gone_after_it(tmp_path: Path, start: str, way: str) -> None:
    end = {"success": "", "timeout": "time.sleep(600)", "killed": "os.kill(os.getpid(), 9)"}[way]
    code = f"import os, subprocess, time; {start}; print('started', flush=True); {end or 'pass'}"
    ended, lines = collect(command(tmp_path, code, timeout=1.5 if way == "timeout" else 60))
    assert lines == [b"started"]
    assert ended.stop is (Stop.TIMEOUT if way == "timeout" else None)
    assert left_over(tmp_path) == []


@posix
@pytest.mark.parametrize("by", ["terminal session", "descent alone"])
def test_a_child_with_a_clean_environment_is_found_without_a_marker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    monkeypatch.setattr(running, "LOOK_EVERY", 0.1)
    if by == "descent alone":
        monkeypatch.setattr(sweep, "_session_of", lambda pid: None)
    word = f"600.{os.getpid()}"
    code = f"import subprocess, time; subprocess.Popen(['sh', '-c', 'env -i sleep {word}']); time.sleep(1.5)"
    ended, _ = collect(command(tmp_path, code))
    assert ended.stop is None
    assert "sleep" in ended.swept
    assert left_over(tmp_path, word) == []


@posix
def test_processes_of_others_are_left_alone(tmp_path: Path) -> None:
    import subprocess

    mine = subprocess.Popen(["sleep", "600"], start_new_session=True)
    try:
        collect(command(tmp_path, "import subprocess; subprocess.Popen(['sleep', '600'])"))
        assert mine.poll() is None
    finally:
        mine.kill()
        mine.wait()


def test_end_tree_ends_a_child_with_its_children(tmp_path: Path) -> None:
    import subprocess

    code = (
        "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
        " print('ready', flush=True); time.sleep(600)"
    )
    env = {**os.environ, MARK: str(tmp_path)}
    child = subprocess.Popen([sys.executable, "-c", code], env=env, stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.readline()
    running.end_tree(child.pid)
    child.stdout.close()
    child.wait()
    assert left_over(tmp_path) == []
    running.end_tree(child.pid)


@posix
def test_an_attached_child_has_the_terminal_and_ctrl_c_ends_it(tmp_path: Path) -> None:
    import pexpect

    driver = (
        "import os, sys\nfrom pathlib import Path\nfrom orchestrator.processes.running import run_attached\n"
        "code = 'import sys, time; print(sys.stdin.isatty(), flush=True); time.sleep(600)'\n"
        "ended = run_attached((sys.executable, '-c', code), Path.cwd(), dict(os.environ))\n"
        "print('ENDED', ended.stop, flush=True)\n"
    )
    child = pexpect.spawn(sys.executable, ["-c", driver], cwd=str(tmp_path), timeout=30)
    try:
        child.expect_exact("True")
        child.sendintr()
        child.expect_exact("ENDED Stop.INTERRUPTED")
    finally:
        child.close(force=True)

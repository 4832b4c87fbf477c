from __future__ import annotations

import _thread
import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from support.agents import MARK, left_over

from orchestrator.processes import running, starting, table
from orchestrator.processes.running import CannotStart, Command, Ended, Stop, run

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
    assert (tmp_path / "logs" / "err").read_text().split() == ["e"]
    if os.name != "nt":
        assert {path.stat().st_mode & 0o777 for path in (tmp_path / "logs").iterdir()} == {0o600}


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


def test_the_reader_may_end_the_child(tmp_path: Path) -> None:
    code = "import time\nfor n in range(600): print(n, flush=True); time.sleep(0.1)"
    ended = run(command(tmp_path, code), lambda line: Stop.REPEATING if line == b"2" else None)
    assert ended.stop is Stop.REPEATING
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
@pytest.mark.parametrize("way", ["setsid env -i", "setsid nohup env -i sh -c 'exec \"$@\"' x", "env -i setsid -f"])
def test_a_daemon_with_a_clean_environment_is_gone_after_its_session(tmp_path: Path, way: str) -> None:
    if not table.LINUX:
        pytest.skip("needs a subreaper")
    word = f"600.{os.getpid()}"
    asked = command(tmp_path, "", argv=("/bin/sh", "-c", f"{way} sleep {word} >/dev/null 2>&1 & sleep 0.3"))
    ended, _ = collect(asked)
    assert len(ended.swept) == 1
    assert left_over(tmp_path, word) == []


@posix
def test_without_a_subreaper_a_child_with_a_clean_environment_is_known_by_descent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starting, "HAS_WARDENS", False)
    monkeypatch.setattr(table, "LINUX", False)
    monkeypatch.setattr(running, "LOOK_EVERY", 0.1)
    word = f"600.{os.getpid()}"
    code = f"import subprocess, time; subprocess.Popen(['sh', '-c', 'env -i sleep {word}']); time.sleep(1.5)"
    ended, _ = collect(command(tmp_path, code))
    assert (ended.stop, "sleep" in ended.swept) == (None, True)
    assert left_over(tmp_path, word) == []


OWNER = """
import os, sys
from pathlib import Path
from orchestrator.processes.running import Command, run
here = Path.cwd()
code = "import subprocess, time; subprocess.Popen(['sleep', '600'], start_new_session=True);" \
    " subprocess.Popen(['setsid', 'env', '-i', 'sleep', sys.argv[1]]); print('ready', flush=True); time.sleep(600)"
code = "import sys; " + code
run(Command((sys.executable, "-c", code, sys.argv[1]), here, dict(os.environ)),
    lambda line: print(line.decode(), flush=True))
print("ENDED", flush=True)
"""


def word_of(folder: Path) -> str:
    """An argument of `sleep` by which a process of this test is known when it has no environment."""
    return f"600.{int(hashlib.sha256(bytes(folder)).hexdigest()[:8], 16)}"


@pytest.fixture
def owner(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that runs a child with children in sessions of their own; all of them are up."""
    env = {**os.environ, MARK: str(tmp_path)}
    argv = [sys.executable, "-c", OWNER, word_of(tmp_path)]
    with subprocess.Popen(argv, cwd=tmp_path, env=env, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == b"ready\n"
            yield process
        finally:
            process.kill()
            subprocess.run(["pkill", "-f", word_of(tmp_path)], check=False)


def gone(tmp_path: Path, seconds: float = 20) -> list[str]:
    """What is left, once nothing is or the time is up."""
    end = time.monotonic() + seconds
    while (left := left_over(tmp_path, word_of(tmp_path))) and time.monotonic() < end:
        time.sleep(0.05)
    return left


@posix
def test_a_child_and_all_that_it_started_die_with_us(tmp_path: Path, owner: subprocess.Popen[bytes]) -> None:
    assert len(left_over(tmp_path)) >= 3
    owner.kill()
    owner.wait()
    assert gone(tmp_path) == []


@posix
def test_a_child_dies_when_even_its_warden_is_killed(tmp_path: Path, owner: subprocess.Popen[bytes]) -> None:
    warden = next(one for one in psutil.Process(owner.pid).children() if "warden.py" in " ".join(one.cmdline()))
    warden.kill()
    assert owner.stdout is not None
    assert owner.stdout.readline() == b"ENDED\n"
    assert [line for line in gone(tmp_path, 1) if "ready" in line] == []


@posix
def test_three_interrupts_at_once_leave_nothing(tmp_path: Path, owner: subprocess.Popen[bytes]) -> None:
    for _ in range(3):
        owner.send_signal(signal.SIGINT)
        time.sleep(0.1)
    assert owner.stdout is not None
    assert owner.stdout.readline() == b"ENDED\n"
    assert gone(tmp_path) == []


def test_a_result_and_no_end_is_ended_after_its_grace(tmp_path: Path) -> None:
    code = "import time; print('result', flush=True); time.sleep(600)"
    asked = command(tmp_path, code, exit_grace=0.3)
    ended = run(asked, lambda line: Stop.FINISHED if line == b"result" else None)
    assert ended.stop is Stop.FINISHED
    assert left_over(tmp_path) == []


def test_work_after_a_result_is_waited_for(tmp_path: Path) -> None:
    code = "import time; print('result', flush=True); print('work', flush=True); time.sleep(1); print('result')"
    asked = command(tmp_path, code, exit_grace=0.3)
    assert run(asked, lambda line: Stop.FINISHED if line == b"result" else None).stop is None


def test_more_than_any_log_may_hold_is_drained_and_its_end_kept(tmp_path: Path) -> None:
    code = "import sys\nfor _ in range(260): sys.stdout.write('x' * 999_999 + '\\n')\nprint('the end')"
    ended = run(command(tmp_path, code, stdout=None, stderr=None))
    assert (ended.returncode, ended.stop, ended.whole) == (0, None, False)
    assert ended.output.endswith(b"x\nthe end\n")
    assert len(ended.output) == running.TAIL


@posix
def test_processes_of_others_are_left_alone(tmp_path: Path) -> None:
    mine = subprocess.Popen(["sleep", "600"], start_new_session=True)
    try:
        collect(command(tmp_path, "import subprocess; subprocess.Popen(['sleep', '600'])"))
        assert mine.poll() is None
    finally:
        mine.kill()
        mine.wait()


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

"""Running a child to its end: launch, read its output as it comes, stop it with all that it started.

The child writes to regular files which are read from behind: a pipe that nobody drains at once loses the end of
what Claude Code prints, a file never did. The rules and the measurements are in section 7 of the contract.
"""

from __future__ import annotations

import enum
import os
import signal
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from orchestrator.processes.sweep import MARKER, OWNER, Family

TICK = 0.05
LOOK_EVERY = 2.0
MAX_OUTPUT = 200 * 1024 * 1024

_running: set[threading.Event] = set()


class Stop(enum.Enum):
    """Why we ended a child that would have gone on."""

    TIMEOUT = "timeout"
    """Its time was up."""
    IDLE = "idle"
    """It had printed nothing for too long."""
    INTERRUPTED = "interrupted"
    """The user asked for an end."""
    REQUESTED = "requested"
    """Who reads its lines had seen enough."""
    OUTPUT = "output"
    """It printed more than the log may hold."""


class CannotStart(Exception):
    """The program isn't there, or the system refuses to run it."""


@dataclass(frozen=True)
class Command:
    """A child to run, never through a shell. Times are in seconds, 0 is no limit; no `stdin` is an empty one."""

    argv: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str]
    stdout: Path
    stderr: Path
    stdin: Path | None = None
    timeout: float = 0
    idle_timeout: float = 0
    grace: float = 5.0
    max_output: int = MAX_OUTPUT


@dataclass(frozen=True)
class Ended:
    """How a child ended; `swept` names the processes that it left and that were ended after it."""

    returncode: int | None
    stop: Stop | None
    elapsed: float
    swept: tuple[str, ...] = ()


def run(command: Command, on_line: Callable[[bytes], bool | None]) -> Ended:
    """Run `command` to its end, giving each complete line (without its newline) of its output to `on_line`.

    A true answer of `on_line` stops the child. Ctrl+C and `interrupt_all` stop it too and are told in the result,
    not raised. Whatever the end, no process that the child started is left. Raises CannotStart.
    """
    started = time.monotonic()
    with ExitStack() as stack:
        child = _Child(command, stack)
        try:
            stop = child.watch(on_line, started)
        except KeyboardInterrupt:
            stop = Stop.INTERRUPTED
        except BaseException:
            child.end()
            child.family.sweep()
            raise
        if stop:
            child.end()
        swept = child.family.sweep()
        for line in child.tail.rest():
            on_line(line)
        return Ended(child.process.returncode, stop, time.monotonic() - started, swept)


def run_attached(argv: tuple[str, ...], cwd: Path, env: Mapping[str, str]) -> Ended:
    """Run a child that owns the terminal until it ends; Ctrl+C ends it and is told in the result."""
    started = time.monotonic()
    run_id = uuid.uuid4().hex
    process = _start(argv, cwd=cwd, env=_marked(env, run_id))
    stop = None
    try:
        process.wait()
    except KeyboardInterrupt:
        stop = Stop.INTERRUPTED
        _end_alone(process)
    swept = Family(run_id, process.pid).sweep()
    return Ended(process.returncode, stop, time.monotonic() - started, swept)


def interrupt_all() -> None:
    """Stop every child that runs now, in whatever thread: what Ctrl+C does for the main thread's."""
    for flag in list(_running):
        flag.set()


def pause(seconds: float) -> bool:
    """Sleep, and whether `interrupt_all` cut it short; Ctrl+C is raised."""
    flag = threading.Event()
    _running.add(flag)
    try:
        return flag.wait(seconds) if seconds > 0 else flag.is_set()
    finally:
        _running.discard(flag)


def end_tree(pid: int, grace: float = 2.0) -> None:
    """End a process of ours and all that descend from it now: SIGTERM, then by force."""
    import psutil

    try:
        first = psutil.Process(pid)
        tree = [*first.children(recursive=True), first]
    except psutil.Error:
        return
    for step in (psutil.Process.terminate, psutil.Process.kill):
        for process in tree:
            try:
                step(process)
            except psutil.Error:
                continue
        _, tree = psutil.wait_procs(tree, timeout=grace)
        if not tree:
            return


def tail_of(path: Path, size: int = 65536) -> str:
    """The last `size` bytes of a log as text, "" when it is not there."""
    try:
        with path.open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - size))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""


@dataclass
class Tail:
    """Complete lines of a file that another process appends to; a line may have any length."""

    file: IO[bytes]
    pending: list[bytes] = field(default_factory=list)
    total: int = 0

    def lines(self) -> Iterator[bytes]:
        """The lines that are complete by now; what is written while they are read comes the next time, for a child
        may write faster than anyone reads.
        """
        left = os.fstat(self.file.fileno()).st_size - self.file.tell()
        if left < 0:  # the child truncated it, as `> /dev/stdout` does
            left += self.file.tell()
            self.file.seek(0)
        while left > 0 and (chunk := self.file.read(min(left, 1 << 20))):
            left -= len(chunk)
            self.total += len(chunk)
            *complete, rest = chunk.split(b"\n")
            for line in complete:
                yield b"".join([*self.pending, line])
                self.pending.clear()
            if rest:
                self.pending.append(rest)

    def rest(self) -> Iterator[bytes]:
        """What came since, the last line even when its newline is missing: the writer is gone."""
        yield from self.lines()
        if self.pending:
            yield b"".join(self.pending)
            self.pending.clear()


class _Child:
    """A started child, its watcher, its family and its output."""

    def __init__(self, command: Command, stack: ExitStack) -> None:
        self.command = command
        run_id = uuid.uuid4().hex
        command.stdout.parent.mkdir(parents=True, exist_ok=True)
        stdin: Any = stack.enter_context(command.stdin.open("rb")) if command.stdin else subprocess.DEVNULL
        stdout = stack.enter_context(_log(command.stdout))
        stderr = stack.enter_context(_log(command.stderr))
        self.tail = Tail(stack.enter_context(command.stdout.open("rb", buffering=0)))
        self.process = _start(
            command.argv,
            cwd=command.cwd,
            env=_marked(command.env, run_id),
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            **_apart(),
        )
        stack.callback(self._gone)
        self.family = Family(run_id, self.process.pid)
        self.interrupted = threading.Event()
        _running.add(self.interrupted)
        stack.callback(_running.discard, self.interrupted)
        self.done = threading.Event()
        # Popen.wait with a time-out polls with growing pauses; a thread that waits tells of the end at once.
        threading.Thread(target=self._wait, name=f"wait-{self.process.pid}", daemon=True).start()

    def _gone(self) -> None:
        """The last resort, for a Ctrl+C where nothing else watches."""
        if self.process.poll() is None:
            _kill(self.process)
            self.process.wait()

    def _wait(self) -> None:
        self.process.wait()
        self.done.set()

    def watch(self, on_line: Callable[[bytes], bool | None], started: float) -> Stop | None:
        """Read until the child ends (None) or has to be stopped."""
        command = self.command
        heard = looked = started
        ended = False
        while not ended:
            ended = self.done.wait(TICK)
            before = self.tail.total
            for line in self.tail.lines():
                if on_line(line) and not ended:
                    return Stop.REQUESTED
            now = time.monotonic()
            heard = now if self.tail.total != before else heard
            if ended:
                return None
            if self.interrupted.is_set():
                return Stop.INTERRUPTED
            if command.timeout and now - started >= command.timeout:
                return Stop.TIMEOUT
            if command.idle_timeout and now - heard >= command.idle_timeout:
                return Stop.IDLE
            if self.tail.total > command.max_output:
                return Stop.OUTPUT
            if now - looked >= LOOK_EVERY:
                self.family.look()
                looked = now
        return None

    def end(self) -> None:
        """SIGINT to the child alone, which lets Claude Code end its running tool; then its group, then by force."""
        self.family.look()
        steps: tuple[Callable[[subprocess.Popen[bytes]], None], ...] = (_interrupt, _terminate, _kill)
        for step in steps:
            try:
                step(self.process)
                if self._ended_within(self.command.grace):
                    return
            except KeyboardInterrupt:
                break
        _kill(self.process)
        self.done.wait(self.command.grace)

    def _ended_within(self, seconds: float) -> bool:
        """In short waits, because Ctrl+C does not reach a long one on every system."""
        end = time.monotonic() + seconds
        while not self.done.wait(TICK):
            if time.monotonic() >= end:
                return False
        return True


def _start(argv: tuple[str, ...], **options: Any) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(list(argv), **options)
    except (OSError, ValueError) as error:
        raise CannotStart(f"{argv[0]}: {getattr(error, 'strerror', None) or error}") from error


def _marked(env: Mapping[str, str], run_id: str) -> dict[str, str]:
    return {**env, MARKER: run_id, OWNER: str(os.getpid())}


def _log(path: Path) -> IO[bytes]:
    """A new, empty file for the owner's eyes only: the raw stream may hold secrets."""
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600), "wb")


def _apart() -> dict[str, Any]:
    """A group of its own, so that the terminal's Ctrl+C reaches us alone and we stop it in our way."""
    if os.name == "nt":
        return {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
    return {"start_new_session": True}


def _interrupt(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(getattr(signal, "CTRL_BREAK_EVENT", signal.SIGINT))


def _terminate(process: subprocess.Popen[bytes]) -> None:
    _signal_group(process, signal.SIGTERM)


def _kill(process: subprocess.Popen[bytes]) -> None:
    _signal_group(process, getattr(signal, "SIGKILL", signal.SIGTERM))


def _signal_group(process: subprocess.Popen[bytes], number: int) -> None:
    if os.name == "nt":
        process.kill()
        return
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        process.send_signal(number)


def _end_alone(process: subprocess.Popen[bytes], grace: float = 5.0) -> None:
    """End a child that shares our process group: signals to the child only."""
    for step in (process.terminate, process.kill):
        try:
            process.wait(grace)
            return
        except subprocess.TimeoutExpired:
            step()
    process.wait()

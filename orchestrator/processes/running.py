"""Running a child to its end: its output read as it comes, its limits kept, all that it started ended after it."""

from __future__ import annotations

import enum
import os
import subprocess
import tempfile
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from orchestrator.processes import ending, marks, starting, table
from orchestrator.processes.ending import TICK, Asked
from orchestrator.processes.log import Log
from orchestrator.processes.redact import Redactor
from orchestrator.processes.spool import Lines, Spool
from orchestrator.processes.starting import CannotStart
from orchestrator.processes.sweep import Family

__all__ = ["CannotStart", "Command", "Ended", "Stop", "interrupt_all", "pause", "run", "run_attached"]
LOOK_EVERY = 2.0
TAIL = 64 << 10

_running: set[threading.Event] = set()


class Stop(enum.Enum):
    """Why we ended a child that would have gone on."""

    TIMEOUT = "timeout"
    """Its time was up."""
    IDLE = "idle"
    """It had printed nothing for too long."""
    INTERRUPTED = "interrupted"
    """The user asked for an end."""
    REFUSED = "refused"
    """Who reads its lines saw that its key is refused again and again."""
    REPEATING = "repeating"
    """Who reads its lines saw it do one thing over and over."""
    FINISHED = "finished"
    """It had printed its result and did not end."""


OnLine = Callable[[bytes], Stop | None]
"""Takes a line of output, without its newline, and says what should happen: nothing, an end at once, or (FINISHED) an
end unless it comes by itself within `exit_grace`."""


@dataclass(frozen=True)
class Command:
    """A child to run, never through a shell. Times are in seconds, 0 is no limit; no `stdin` is an empty one.

    `project` is the folder of the project that it runs for, by default `cwd`. `stdout` and `stderr` are where the
    redacted logs go, None for none. `keep` is how many bytes of each stream's end the result holds. What a child that
    is not `guarded` leaves running when it ends by itself is let be.
    """

    argv: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str]
    stdout: Path | None = None
    stderr: Path | None = None
    stdin: Path | bytes | None = None
    timeout: float = 0
    idle_timeout: float = 0
    exit_grace: float = 0
    grace: float = 5.0
    keep: int = TAIL
    redact: Redactor = Redactor()
    project: Path | None = None
    guarded: bool = True


@dataclass(frozen=True)
class Ended:
    """How a child ended. `swept` names the processes that it left running, and that were ended after it. `output` and
    `errors` are the ends of its streams, not redacted; `whole`: they hold all that it printed.
    """

    returncode: int | None
    stop: Stop | None
    elapsed: float
    swept: tuple[str, ...] = ()
    output: bytes = b""
    errors: bytes = b""
    whole: bool = True


def run(command: Command, on_line: OnLine | None = None) -> Ended:
    """Run `command` to its end. `on_line`, if given, gets each complete line of its output.

    Ctrl+C and `interrupt_all` stop it; the result says so, nothing is raised. However it ends, no process that the
    child started is left. Raises CannotStart.
    """
    started = time.monotonic()
    with ExitStack() as stack:
        asked = stack.enter_context(ending.counting_interrupts())
        out = _Stream(command, command.stdout, stack, on_line)
        err = _Stream(command, command.stderr, stack)
        session = uuid.uuid4().hex
        child = starting.start(
            starting.Launch(
                argv=command.argv,
                cwd=command.cwd,
                env=marks.marked(command.env, session, command.project or command.cwd),
                session=session,
                stdin=stack.enter_context(_standard_input(command.stdin)),
                stdout=out.spool.handle,
                stderr=err.spool.handle,
            ),
            guarded=command.guarded,
        )
        stack.callback(child.release)
        family = Family(session, child.root)
        try:
            stop = _Watch(command, child, family, asked, started).until_stopped(out, err)
            if stop:
                family.look()
                ending.end(child, command.grace, asked)
        except BaseException:
            family.look()
            child.release()
            family.sweep()
            raise
        swept = family.sweep() if stop or command.guarded else ()
        out.read_rest()
        err.read_rest()
        if asked.times:
            stop = Stop.INTERRUPTED
        whole = out.whole and err.whole
        return Ended(child.returncode, stop, time.monotonic() - started, swept, out.tail, err.tail, whole)


def run_attached(argv: tuple[str, ...], cwd: Path, env: Mapping[str, str], project: Path | None = None) -> Ended:
    """Run a child that owns the terminal until it ends; Ctrl+C ends it and is told in the result."""
    started = time.monotonic()
    session = uuid.uuid4().hex
    with ending.counting_interrupts() as asked:
        try:
            process = subprocess.Popen(list(argv), cwd=cwd, env=marks.marked(env, session, project or cwd))
        except (OSError, ValueError) as error:
            raise CannotStart(argv[0], getattr(error, "strerror", None) or str(error)) from error
        stop = Stop.INTERRUPTED if _attached_until_stopped(process, asked) else None
        swept = Family(session, process.pid).sweep()
    return Ended(process.returncode, stop, time.monotonic() - started, swept)


def _attached_until_stopped(process: subprocess.Popen[bytes], asked: Asked, grace: float = 5.0) -> bool:
    """Whether the user asked for the end. The child is in our process group, so the terminal sends Ctrl+C to it as
    well; only what follows is sent by us.
    """
    while not asked.times:
        try:
            process.wait(TICK)
            return bool(asked.times)
        except subprocess.TimeoutExpired:
            continue
    for step in (process.terminate, process.kill):
        try:
            process.wait(grace)
            return True
        except subprocess.TimeoutExpired:
            step()
    process.wait()
    return True


def interrupt_all() -> None:
    """Stop every child that runs now, in any thread; Ctrl+C only reaches the main thread's. For builds with several
    sessions at once, which do not exist yet.
    """
    for flag in list(_running):
        flag.set()


def pause(seconds: float) -> bool:
    """Sleep, and whether `interrupt_all` cut it short; Ctrl+C is raised."""
    with _interruptible() as flag:
        return flag.wait(seconds) if seconds > 0 else flag.is_set()


@contextmanager
def _interruptible() -> Iterator[threading.Event]:
    flag = threading.Event()
    _running.add(flag)
    try:
        yield flag
    finally:
        _running.discard(flag)


@contextmanager
def _standard_input(given: Path | bytes | None) -> Iterator[IO[bytes]]:
    if isinstance(given, bytes):
        with tempfile.TemporaryFile() as file:
            file.write(given)
            file.seek(0)
            yield file
        return
    with open(given or os.devnull, "rb") as file:
        yield file


class _Stream:
    """One of the child's output streams: its spool, its log, its end, and who reads its lines."""

    def __init__(self, command: Command, path: Path | None, stack: ExitStack, on_line: OnLine | None = None) -> None:
        self.spool = Spool()
        stack.callback(self.spool.close)
        self._log = Log(path, command.redact) if path else None
        if self._log:
            stack.callback(self._log.close)
        self._lines = Lines()
        self._on_line = on_line
        self._keep = command.keep
        self.tail = b""

    @property
    def whole(self) -> bool:
        return self.spool.total <= self._keep

    def read(self) -> Iterator[Stop | None]:
        """Read the next piece. Yields what the reader of the lines answers to each line."""
        piece = self.spool.read()
        if not piece:
            return
        if self._log:
            self._log.feed(piece)
        self.tail = (self.tail + piece)[-self._keep :]
        if self._on_line:
            yield from map(self._on_line, self._lines.feed(piece))

    def read_rest(self) -> None:
        """What came since, the last line even when its newline is missing: the writers are gone."""
        total = -1
        while total != self.spool.total:
            total = self.spool.total
            deque(self.read(), maxlen=0)
        if self._on_line:
            deque(map(self._on_line, self._lines.rest()), maxlen=0)


class _Watch:
    """Keeps a running child's limits."""

    def __init__(self, command: Command, child: starting.Child, family: Family, asked: Asked, started: float) -> None:
        self.command = command
        self.child = child
        self.family = family
        self.asked = asked
        self.started = self.heard = self.looked = started
        self.finished: float | None = None
        """Since when it has printed its result."""

    def until_stopped(self, out: _Stream, err: _Stream) -> Stop | None:
        """Read until the child ends by itself (None) or has to be stopped."""
        with _interruptible() as interrupted:
            busy = False
            while not self.child.done.wait(0 if busy else TICK):
                before = out.spool.total + err.spool.total
                for wish in (*out.read(), *err.read()):
                    stop = self._wish(wish)
                    if stop:
                        return stop
                busy = out.spool.total + err.spool.total != before
                stop = self._limit(time.monotonic(), busy, interrupted)
                if stop:
                    return stop
        return None

    def _wish(self, wish: Stop | None) -> Stop | None:
        """Do what the reader of a line asks for."""
        if wish is Stop.FINISHED:
            self.finished = self.finished or time.monotonic()
            return None
        self.finished = None
        return wish

    def _limit(self, now: float, busy: bool, interrupted: threading.Event) -> Stop | None:
        command = self.command
        self.heard = now if busy else self.heard
        if self.asked.times or interrupted.is_set():
            return Stop.INTERRUPTED
        if self.finished and command.exit_grace and now - self.finished >= command.exit_grace:
            return Stop.FINISHED
        if command.timeout and now - self.started >= command.timeout:
            return Stop.TIMEOUT
        if command.idle_timeout and now - self.heard >= command.idle_timeout:
            return Stop.IDLE
        if not table.LINUX and now - self.looked >= LOOK_EVERY:
            self.family.look()
            self.looked = now
        return None

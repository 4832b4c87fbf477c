"""Starting children: behind a warden (processes/warden.py) where the system allows it, else directly."""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, NamedTuple, Protocol

HAS_WARDENS = os.name == "posix"


class CannotStart(Exception):
    """The program isn't there, or the system refuses to run it."""

    def __init__(self, program: str, reason: str) -> None:
        super().__init__(f"{program}: {reason}")
        self.reason = reason


class Launch(NamedTuple):
    """What to start, its environment marked for `session`; its streams are files."""

    argv: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str]
    session: str
    stdin: IO[bytes]
    stdout: int
    stderr: int


class Child(Protocol):
    """A started child. `root` is the process that all of its tree descends from.

    Once `done` is set it has ended, and `returncode` says how; None when even its warden was killed.
    """

    pid: int
    root: int
    done: threading.Event

    @property
    def returncode(self) -> int | None: ...

    def signal(self, number: int, *, group: bool) -> None:
        """Send a signal to the child, or to its whole process group; nothing when it has ended."""

    def release(self) -> None:
        """Give the warden back, after the child has ended and its tree was swept. If not, all of it is ended now."""


def start(launch: Launch, *, guarded: bool = True) -> Child:
    """Raises CannotStart."""
    return _Guarded(launch) if guarded and HAS_WARDENS else _Direct(launch)


def get_ready() -> None:
    """Let a warden start in the background, so that the first child need not wait for it."""
    if HAS_WARDENS:
        with _lock:
            if not _idle:
                _idle.append(_Warden())


class _Warden:
    """A warden's process and our end of its socket."""

    def __init__(self) -> None:
        import socket

        from orchestrator.processes import warden

        self.owner = os.getpid()
        self.socket, theirs = socket.socketpair()
        with theirs:
            # By its name alone, so that `pkill -9 -f orchestrator` ends us and leaves it to end the child.
            script = Path(warden.__file__)
            argv = [sys.executable, "-I", "-S", script.name]
            nothing = subprocess.DEVNULL
            self.process = subprocess.Popen(
                argv, cwd=script.parent, stdin=theirs.fileno(), stdout=nothing, stderr=nothing, start_new_session=True
            )
        self.said = self.socket.makefile("rb")

    def start(self, launch: Launch) -> int:
        from orchestrator.processes import warden

        asked = {
            "argv": launch.argv, "cwd": str(launch.cwd), "env": dict(launch.env), "session": launch.session,
            "path": [str(Path(__file__).parents[2]), *sys.path],
        }  # fmt: skip
        try:
            warden.send(self.socket, asked, [launch.stdin.fileno(), launch.stdout, launch.stderr])
        except BrokenPipeError:
            raise CannotStart(launch.argv[0], "the process that was to watch it is gone") from None
        told = self.hear()
        if "pid" not in told:
            raise CannotStart(launch.argv[0], told.get("error", "the process that was to watch it ended"))
        return int(told["pid"])

    def hear(self) -> dict[str, Any]:
        """The next word of the warden; {} when it is gone."""
        try:
            line = self.said.readline()
        except OSError:
            return {}
        found: dict[str, Any] = json.loads(line) if line.endswith(b"\n") else {}
        return found

    def end(self) -> None:
        """Let go of it, which ends all that it guards, and wait for that."""
        import socket

        try:
            self.socket.shutdown(socket.SHUT_RDWR)  # a thread may be reading
        except OSError:
            pass
        self.process.wait()
        self.close()

    def close(self) -> None:
        """Close the file handles only. In a fork the parent still uses the warden."""
        self.said.close()
        self.socket.close()


_idle: list[_Warden] = []
_lock = threading.Lock()


def _take() -> _Warden:
    with _lock:
        while _idle:
            found = _idle.pop()
            if found.owner == os.getpid() and found.process.poll() is None:
                return found
            found.close()
    return _Warden()


@atexit.register
def _dismiss() -> None:
    """Kill the idle wardens at exit. What they guarded was ended before; to let them look again would take time."""
    while _idle:
        found = _idle.pop()
        if found.owner == os.getpid():
            found.process.kill()
            found.process.wait()
            found.close()


def _forget() -> None:
    """Close the sockets in a fork. A warden sees the end of its owner only if no other process holds the socket."""
    for found in _idle:
        found.close()
        found.process.returncode = 0  # it is the parent's to wait for
    _idle.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


class _Guarded:
    """A child behind a warden."""

    def __init__(self, launch: Launch) -> None:
        self.warden = _take()
        self.done = threading.Event()
        self._returncode: int | None = None
        self.root = self.warden.process.pid
        self._released = False
        try:
            self.pid = self.warden.start(launch)
            # A wait with a time-out polls with growing pauses; a thread that reads tells of the end at once.
            self._waits = threading.Thread(target=self._wait, name=f"wait-{self.pid}", daemon=True)
            self._waits.start()
        except CannotStart:
            self._keep()
            raise
        except BaseException:
            self.warden.end()
            raise

    @property
    def returncode(self) -> int | None:
        return self._returncode

    def _wait(self) -> None:
        self._returncode = self.warden.hear().get("exit")
        self.done.set()

    def signal(self, number: int, *, group: bool) -> None:
        if not self.done.is_set() or group:
            _send(self.pid, number, group=group)

    def release(self) -> None:
        if self._released:
            return
        self._released = True
        if self.done.is_set():
            self._keep()
        else:
            self.warden.end()
            self._waits.join()

    def _keep(self) -> None:
        if self.warden.process.poll() is None:
            with _lock:
                _idle.append(self.warden)
        else:
            self.warden.close()


class _Direct:
    """A child of ours: where there are no wardens, and for what may leave something running."""

    def __init__(self, launch: Launch) -> None:
        flags = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
        try:
            self.process = subprocess.Popen(
                list(launch.argv), cwd=launch.cwd, env=dict(launch.env), stdin=launch.stdin, stdout=launch.stdout,
                stderr=launch.stderr, creationflags=flags, start_new_session=not flags,
            )  # fmt: skip
        except (OSError, ValueError) as error:
            raise CannotStart(launch.argv[0], getattr(error, "strerror", None) or str(error)) from error
        self.pid = self.root = self.process.pid
        self.done = threading.Event()
        # A wait with a time-out polls with growing pauses; a thread that waits tells of the end at once.
        threading.Thread(target=self._wait, name=f"wait-{self.pid}", daemon=True).start()

    @property
    def returncode(self) -> int | None:
        return self.process.returncode

    def _wait(self) -> None:
        self.process.wait()
        self.done.set()

    def signal(self, number: int, *, group: bool) -> None:
        if self.process.poll() is not None:
            return
        if sys.platform != "win32":
            _send(self.pid, number, group=group)
        elif number == signal.SIGINT:
            self.process.send_signal(signal.CTRL_BREAK_EVENT)
        else:
            self.process.kill()

    def release(self) -> None:
        if self.process.poll() is None:
            self.signal(getattr(signal, "SIGKILL", signal.SIGTERM), group=True)
        self.process.wait()


def _send(pid: int, number: int, *, group: bool) -> None:
    if sys.platform == "win32":
        return
    try:
        os.killpg(pid, number) if group else os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        pass

"""The warden: a process between us and a child. When either ends, it ends all that the child started.

It runs as a script. Its standard input is a socket that only its owner holds: when the owner is gone, however it
died, the read ends, and the warden ends all that the child started. On Linux it is a subreaper, so that orphans
become its children: whatever descends from it belongs to the one session that it guards. It is a process of
its own and not a property of ours, because our orphans could not be told from children that other threads of ours
wait for, nor those of one session from those of another. No parent-death signal is set for the child: that
takes a fork instead of a vfork, 4 ms a session, and serves only where the warden alone is killed, which its owner sees.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
from typing import Any

HEADER = 8
_SET_SUBREAPER = 36


class Warden:
    """Starts one child at a time for the owner behind `owner`, tells of its end, and stays for the next."""

    def __init__(self, owner: socket.socket) -> None:
        self.owner = owner
        self.child: subprocess.Popen[bytes] | None = None
        self.session = ""
        self.path: list[str] = []
        self.told_to_end = False
        self.wake, write = os.pipe()
        for end in (self.wake, write):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        # Handlers, not SIG_IGN: what is ignored here would be ignored in the child.
        signal.signal(signal.SIGCHLD, _pass)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._end_soon)
        _prctl(_SET_SUBREAPER, 1)

    def _end_soon(self, *_: object) -> None:
        self.told_to_end = True

    def serve(self) -> None:
        """Until the owner is gone, or a signal says so; then nothing is left below this process."""
        while not self.told_to_end:
            ready, _, _ = select.select([self.owner.fileno(), self.wake], [], [])
            if self.wake in ready:
                os.read(self.wake, 4096)
                self._reap()
            if self.owner.fileno() in ready:
                asked = receive(self.owner)
                if asked is None:
                    break
                self._start(*asked)
        if self.session:
            self._end_all()

    def _start(self, asked: dict[str, Any], handles: list[int]) -> None:
        self.path, self.session = asked["path"], asked["session"]
        try:
            self.child = subprocess.Popen(
                asked["argv"], cwd=asked["cwd"], env=asked["env"], stdin=handles[0], stdout=handles[1],
                stderr=handles[2], start_new_session=True,
            )  # fmt: skip
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            self._tell({"error": getattr(error, "strerror", None) or str(error)})
            return
        finally:
            for handle in handles:
                os.close(handle)
        self._tell({"pid": self.child.pid})

    def _reap(self) -> None:
        """Take note of every child that has ended: the one, and orphans of its tree."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if self.child is not None and pid == self.child.pid:
                self.child.returncode = os.waitstatus_to_exitcode(status)
                self._tell({"exit": self.child.returncode})
                self.child = None

    def _tell(self, what: dict[str, object]) -> None:
        try:
            self.owner.sendall(json.dumps(what).encode() + b"\n")
        except OSError:
            self.told_to_end = True

    def _end_all(self) -> None:
        sys.path[:] = self.path
        from orchestrator.processes.sweep import Family

        Family(self.session, os.getpid()).sweep()


def send(to: socket.socket, asked: dict[str, Any], handles: list[int]) -> None:
    """Ask a warden for a child; `handles` are those of its standard streams."""
    body = json.dumps(asked).encode()
    socket.send_fds(to, [len(body).to_bytes(HEADER, "big")], handles)
    to.sendall(body)


def receive(owner: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """What `send` sent; None when the owner is gone."""
    try:
        header, handles, _, _ = socket.recv_fds(owner, HEADER, 3)
        size = int.from_bytes(header, "big")
        body = bytearray()
        while len(header) == HEADER and len(body) < size and (piece := owner.recv(min(size - len(body), 1 << 20))):
            body += piece
    except OSError:
        return None
    if len(header) < HEADER or len(body) < size:
        return None
    return json.loads(body), handles


def _pass(*_: object) -> None:
    pass


def _prctl(option: int, value: int) -> None:
    if _libc is not None:
        _libc.prctl(option, value, 0, 0, 0)


_libc: Any = None


def main() -> None:
    """Serve the owner behind standard input. Leaves the folder that it was started in, so that it can be removed."""
    global _libc
    os.chdir("/")
    if sys.platform.startswith("linux"):
        import ctypes

        _libc = ctypes.CDLL(None)
    Warden(socket.socket(fileno=0)).serve()


if __name__ == "__main__":
    main()

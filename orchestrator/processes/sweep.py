"""What a session started and left running: found by an environment marker and by descent, and ended.

The shell tools of coding agents start each command in a session of its own, so that ending the process group
reaches none of them, and an orphan has lost its parents. Every child inherits the marker, whatever it does with
groups and sessions; a child that was given a clean environment is known by having been seen as a descendant,
or by belonging to a terminal session that was. No subreaper is set: it is a property of the whole process, and
would hand us orphans, and zombies, that can't be told from children which other threads of ours wait for.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psutil

MARKER = "ORCHESTRATOR_RUN_ID"
OWNER = "ORCHESTRATOR_RUN_OWNER"
ROUNDS = 5
GRACE = 1.0
SCANS = 8


class Family:
    """The processes of one session: its first process, and all that come from it."""

    def __init__(self, run_id: str, pid: int) -> None:
        self.run_id = run_id
        self.pid = pid
        self._seen: set[psutil.Process] = set()
        self._sessions: set[int | None] = set()

    def look(self) -> None:
        """Remember who descends from the first process now; later they may be orphans without a marker."""
        import psutil

        try:
            found = psutil.Process(self.pid).children(recursive=True)
        except psutil.Error:
            return
        self._seen.update(found)
        sessions = {_session_of(process.pid) for process in found}
        self._sessions |= sessions - {None, _session_of(0)}

    def sweep(self) -> tuple[str, ...]:
        """End every process of the family but the first; the names of those that were met, sorted.

        SIGTERM first, so that a git among them takes its lock files away; then SIGKILL until none is left.
        """
        names: set[str] = set()
        for turn in range(ROUNDS):
            members = self._members()
            if not members:
                break
            names |= _end(members, gently=turn == 0)
        return tuple(sorted(names))

    def _members(self) -> list[psutil.Process]:
        pids = set(_marked(MARKER, self.run_id)) | {
            pid for pid in _pids() if self._sessions and _session_of(pid) in self._sessions
        }
        if not pids and not self._seen:
            return []
        found = set(_processes(pids)) | {process for process in self._seen if _alive(process)}
        for process in list(found):
            found.update(_children(process))
        return [process for process in found if process.pid not in (self.pid, os.getpid()) and _alive(process)]


def end_abandoned() -> tuple[str, ...]:
    """End what sessions left whose owner was killed before it could; the names, sorted.

    To be called before the first session of a run: a killed run can't stop its agent, which would go on
    changing the files of the project.
    """
    names: set[str] = set()
    for process in _processes(set(_marked(OWNER))):
        owner = _owner(process)
        if owner and process.pid != os.getpid() and not _owns(owner, process):
            names |= _end([process, *_children(process)], gently=True)
    return tuple(sorted(names))


def _owner(process: psutil.Process) -> int:
    import psutil

    try:
        text = process.environ().get(OWNER, "")
    except psutil.Error:
        return 0
    return int(text) if text.isdigit() else 0


def _owns(owner: int, process: psutil.Process) -> bool:
    """Whether `owner` lives and is older than `process`; a younger one has only got its number."""
    import psutil

    try:
        return bool(psutil.Process(owner).create_time() <= process.create_time() + 1)
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:
        return True


def _end(processes: list[psutil.Process], *, gently: bool) -> set[str]:
    import psutil

    names = set()
    for process in processes:
        try:
            names.add(process.name())
            process.terminate() if gently else process.kill()
        except psutil.Error:
            continue
    # psutil checks a process's start time before it signals: a number that was given anew is left alone.
    _, left = psutil.wait_procs([process for process in processes if _alive(process)], timeout=GRACE)
    if gently and left:
        names |= _end([process for process in left if _alive(process)], gently=False)
    return names


def _marked(name: str, value: str | None = None) -> list[int]:
    """The processes whose environment holds the variable, with this value if one is given."""
    if sys.platform.startswith("linux"):
        return _marked_in_proc(f"{name}=".encode() if value is None else f"{name}={value}\0".encode())
    import psutil

    found = []
    for process in psutil.process_iter():
        try:
            held = process.environ().get(name)
        except (psutil.Error, OSError):
            continue
        if held is not None and value in (None, held):
            found.append(process.pid)
    return found


def _marked_in_proc(start: bytes) -> list[int]:
    """Read directly: 5 times faster than by psutil, and this is asked of every process after every session.

    Processes that appear meanwhile are asked too, for one may be the child of one that was listed and is gone.
    In the middle of an exec a process shows an empty environment: such a one is asked again for a moment.
    """
    found: list[int] = []
    asked: set[int] = set()
    unsure: list[int] = []
    for turn in range(SCANS):
        new = [pid for pid in _pids() if pid not in asked]
        if not new and not unsure:
            return found
        if unsure and turn:
            time.sleep(0.005 * turn)
        answers = {pid: _in_environ(pid, start) for pid in [*new, *unsure]}
        asked.update(new)
        found += [pid for pid, answer in answers.items() if answer]
        unsure = [pid for pid, answer in answers.items() if answer is None]
    _bare.update((pid, _start_of(pid)) for pid in unsure)
    return found


_bare: set[tuple[int, bytes]] = set()


def _in_environ(pid: int, start: bytes) -> bool | None:
    """Whether a variable of the process begins so; None when it shows no environment, but may have one soon."""
    try:
        environ = Path(f"/proc/{pid}/environ").read_bytes()
        if environ:
            return environ.startswith(start) or b"\0" + start in environ
        Path(f"/proc/{pid}/exe").readlink()  # which threads of the kernel and zombies do not have
    except OSError:
        return False
    return None if (pid, _start_of(pid)) not in _bare else False


def _start_of(pid: int) -> bytes:
    """When the process started, in ticks; b"" when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[19]
    except (OSError, IndexError):
        return b""


def _pids() -> list[int]:
    if sys.platform.startswith("linux"):
        return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    import psutil

    return psutil.pids()


def _session_of(pid: int) -> int | None:
    if sys.platform == "win32":
        return None
    try:
        return os.getsid(pid)
    except OSError:
        return None


def _processes(pids: set[int]) -> list[psutil.Process]:
    import psutil

    found = []
    for pid in pids:
        try:
            found.append(psutil.Process(pid))
        except psutil.Error:
            continue
    return found


def _children(process: psutil.Process) -> list[psutil.Process]:
    import psutil

    try:
        return process.children(recursive=True)
    except psutil.Error:
        return []


def _alive(process: psutil.Process) -> bool:
    """A zombie counts as gone: nothing but its parent can remove it."""
    import psutil

    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False

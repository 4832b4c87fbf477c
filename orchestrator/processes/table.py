"""The table of processes: who is whose child, since when, with what in its environment.

On Linux it is read from /proc directly, 5 times faster than by psutil, for this is asked after every session.
"""

from __future__ import annotations

import os
import sys
import time
from functools import cache
from pathlib import Path

OWNER = "ORCHESTRATOR_RUN_OWNER"
"""The variable that names who started a process of ours (see marks)."""
LINUX = sys.platform.startswith("linux")
SCANS = 8


@cache
def readable() -> bool:
    """Whether the PIDs in /proc are those of our own PID namespace.

    In a PID namespace that kept the /proc of another one they are not: nothing may be ended by them.
    """
    try:
        return not LINUX or Path("/proc/self").readlink().name == str(os.getpid())
    except OSError:
        return False


@cache
def namespace() -> str:
    """The PID namespace of this process, "" where the system has none: a number means something inside it only."""
    try:
        return Path("/proc/self/ns/pid").readlink().name.strip("pid:[]")
    except OSError:
        return ""


def started(pid: int) -> str:
    """When the process started, in a form that only serves to be compared; "" when it is gone."""
    if LINUX:
        fields = _stat(pid)
        return fields[19] if fields else ""
    import psutil

    try:
        return repr(psutil.Process(pid).create_time())
    except psutil.Error:
        return ""


def pids() -> list[int]:
    if LINUX:
        return [int(name) for name in os.listdir("/proc") if name.isdigit()] if readable() else []  # noqa: PTH208
    import psutil

    return psutil.pids()


def descendants(pid: int) -> set[int]:
    """The numbers of all that descend from the process now."""
    if not LINUX:
        return _descendants_by_psutil(pid)
    if not readable():
        return set()
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        children = _children(waiting.pop())
        waiting += [child for child in children if child not in found]
        found.update(children)
    return found - {pid}


def _children(pid: int) -> list[int]:
    """The children as the kernel lists them for each thread; without such lists, found among all processes."""
    try:
        threads = os.listdir(f"/proc/{pid}/task")  # noqa: PTH208
        return [
            int(child)
            for thread in threads
            for child in Path(f"/proc/{pid}/task/{thread}/children").read_text().split()
        ]
    except FileNotFoundError:
        if not Path("/proc/self/task", str(os.getpid()), "children").exists():
            return [child for child in pids() if _stat(child)[1:2] == [str(pid)]]
        return []
    except OSError:
        return []


def _descendants_by_psutil(pid: int) -> set[int]:
    import psutil

    try:
        return {process.pid for process in psutil.Process(pid).children(recursive=True)}
    except psutil.Error:
        return set()


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat behind the name: state, parent ...; [] when the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].decode("ascii", "replace").split()
    except OSError:
        return []


def inherited(name: str, mark: str) -> str:
    """The variable `name` of the nearest process above us that carries the variable `mark`; "" where there is none, or
    where the system does not tell.
    """
    pid = os.getppid() if LINUX else 0
    while pid > 1:
        try:
            environ = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        except OSError:
            return ""
        held = dict(entry.split(b"=", 1) for entry in environ if b"=" in entry)
        if mark.encode() in held:
            return os.fsdecode(held.get(name.encode(), b""))
        above = _stat(pid)
        pid = int(above[1]) if len(above) > 1 else 0
    return ""


def carrying(name: str, value: str | None = None) -> list[int]:
    """The processes whose environment holds the variable, with this value if one is given.

    Those of other users can't be asked, so they are never among them.
    """
    if LINUX:
        return _carrying(f"{name}=".encode() if value is None else f"{name}={value}\0".encode())
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


def _carrying(start: bytes) -> list[int]:
    """Processes that appear meanwhile are looked at too: a listed process may have started one and be gone.

    During an exec a process shows an empty environment: it is looked at again for a short while.
    """
    found: list[int] = []
    asked: set[int] = set()
    unsure: list[int] = []
    for turn in range(SCANS):
        new = [pid for pid in pids() if pid not in asked]
        if not new and not unsure:
            return found
        if unsure and turn:
            time.sleep(0.005 * turn)
        answers = {pid: _in_environ(pid, start) for pid in [*new, *unsure]}
        asked.update(new)
        found += [pid for pid, answer in answers.items() if answer]
        unsure = [pid for pid, answer in answers.items() if answer is None]
    _bare.update((pid, started(pid)) for pid in unsure)
    return found


_bare: set[tuple[int, str]] = set()


def _in_environ(pid: int, start: bytes) -> bool | None:
    """Whether a variable of the process begins with `start`. None: it shows no environment, but may do so soon."""
    try:
        environ = Path(f"/proc/{pid}/environ").read_bytes()
        if environ:
            return environ.startswith(start) or b"\0" + start in environ
        Path(f"/proc/{pid}/exe").readlink()  # which threads of the kernel and zombies do not have
    except OSError:
        return False
    return None if (pid, started(pid)) not in _bare else False

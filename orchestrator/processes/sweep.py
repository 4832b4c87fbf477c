"""What a session started and left running: found by descent and by the marker, and ended.

The shell tools of coding agents start each command in a session of its own, so that ending the process group
reaches none of them, and an orphan has lost its parents. Where a child has a warden (`warden`), an orphan becomes
the warden's child on Linux, whatever it did with groups, sessions and its environment: descent is all that has to
be asked. The marker finds what another process started for the session, and everything on other systems;
there a child started with `env -i` has no marker: it is found because `look` saw it among the descendants, or in a
descendant's session.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator.processes import marks, table

if TYPE_CHECKING:
    import psutil

ROUNDS = 5
GRACE = 1.0


class Family:
    """The processes of one session: all that descend from `root`, itself aside, and all that carry its marker."""

    def __init__(self, session: str, root: int) -> None:
        self.session = session
        self.root = root
        self._seen: set[psutil.Process] = set()
        self._sessions: set[int | None] = set()

    def look(self) -> None:
        """Remember who descends from the root now; later they may be orphans without a marker."""
        found = _processes(table.descendants(self.root))
        self._seen.update(found)
        sessions = {_session_of(process.pid) for process in found}
        self._sessions |= sessions - {None, _session_of(0)}

    def sweep(self) -> tuple[str, ...]:
        """End every process of the family but the root; the names of those that were met, sorted.

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
        pids = table.descendants(self.root) | set(table.carrying(marks.SESSION, self.session))
        if self._sessions:
            pids |= {pid for pid in table.pids() if _session_of(pid) in self._sessions}
        if not pids and not self._seen:
            return []
        found = set(_processes(pids)) | {process for process in self._seen if _alive(process)}
        for process in list(found):
            found.update(_processes(table.descendants(process.pid)))
        return [process for process in found if process.pid not in (self.root, os.getpid()) and _alive(process)]


def end_abandoned(root: Path) -> tuple[str, ...]:
    """End what sessions of the project in `root` left whose owner was killed before it could; the names, sorted.

    To be called before the first session of a run: a killed run can't stop what its agent started, which would
    go on changing the files of the project. What may be anybody else's is left alone: another project's, another
    user's, another PID namespace's, and where this process itself comes from.
    """
    project = marks.project_of(root)
    names: set[str] = set()
    for process in _processes(set(table.carrying(marks.OWNER))):
        if _abandoned(process, project):
            names |= _end([process, *_processes(table.descendants(process.pid))], gently=True)
    return tuple(sorted(names))


def _abandoned(process: psutil.Process, project: str) -> bool:
    import psutil

    try:
        owner = marks.parse(process.environ().get(marks.OWNER, ""))
        same_user = sys.platform == "win32" or process.uids().real == os.getuid()
    except psutil.Error:
        return False
    if owner is None or owner.project != project or not owner.here or owner.lives or not same_user:
        return False
    return process.pid != os.getpid() and os.getpid() not in table.descendants(process.pid)


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


def _session_of(pid: int) -> int | None:
    if sys.platform == "win32":
        return None
    try:
        return os.getsid(pid)
    except OSError:
        return None


def _processes(pids: set[int]) -> list[psutil.Process]:
    if not pids:
        return []
    import psutil

    found = []
    for pid in pids:
        try:
            found.append(psutil.Process(pid))
        except psutil.Error:
            continue
    return found


def _alive(process: psutil.Process) -> bool:
    """A zombie counts as gone: nothing but its parent can remove it."""
    import psutil

    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False

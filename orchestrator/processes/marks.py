"""Whose a process is: the marker that every child of ours carries in its environment."""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from orchestrator.processes import table

SESSION = "ORCHESTRATOR_RUN_ID"
"""A number of its own for each child and all that it starts."""
OWNER = table.OWNER
"""Who started it: an `Owner` as text."""


class Owner(NamedTuple):
    """A process of ours that starts children, and the project for which it does.

    A PID alone proves nothing: the system uses it again, and in another PID namespace it is another process.
    """

    project: str
    run: str
    pid: int
    start: str
    namespace: str

    def __str__(self) -> str:
        return ":".join(map(str, self))

    @property
    def here(self) -> bool:
        """Whether the PID is from our own PID namespace."""
        return self.namespace == table.namespace() and table.readable()

    @property
    def lives(self) -> bool:
        return bool(self.start) and table.started(self.pid) == self.start


def parse(text: str) -> Owner | None:
    """The owner that a marker names; None for a marker that is not whole."""
    parts = text.split(":")
    if len(parts) != 5 or not parts[2].isdigit() or not all(parts[:4]):
        return None
    return Owner(parts[0], parts[1], int(parts[2]), parts[3], parts[4])


def project_of(root: Path) -> str:
    """A project's name in markers: a digest of its folder's real path."""
    return hashlib.sha256(os.fsencode(os.path.realpath(root))).hexdigest()[:20]


def owner(root: Path) -> Owner:
    """This process, at work on the project in `root`."""
    pid = os.getpid()
    return Owner(project_of(root), _run(pid), pid, table.started(pid), table.namespace())


@cache
def _run(pid: int) -> str:
    return uuid.uuid4().hex


def marked(env: Mapping[str, str], session: str, root: Path) -> dict[str, str]:
    """The environment of a child, the marker in it."""
    return {**env, SESSION: session, OWNER: str(owner(root))}

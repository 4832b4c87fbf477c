"""What a clone remembers of a feature that is being worked on, so that a killed run loses and invents nothing."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path

from orchestrator import statefile
from orchestrator.features.names import slug

FOLDER = "attempts"
"""In the project's store: a file for each feature that is being worked on."""


@dataclass
class Attempts:
    """Attempts on one feature since it was last done.

    `base_tree` and `base_head` are the work tree and HEAD before the first attempt, `owned` the paths that
    sessions changed since; `unjudged` says that some of it no check has seen, because its session was cut
    short. While a session runs, `before_tree` and `before_head` are those at its start.
    """

    base_tree: str = ""
    base_head: str = ""
    attempts: int = 0
    owned: list[str] = field(default_factory=list)
    unjudged: bool = False
    before_tree: str = ""
    before_head: str = ""
    branch: str = ""
    session: int = 0
    failure: str = ""
    undone: list[str] = field(default_factory=list)

    @property
    def running(self) -> bool:
        """Whether a session was begun and never settled: the run was killed in it."""
        return bool(self.before_tree)


def _path(store: Path, id: str) -> Path:
    return store / FOLDER / f"{slug(id)}.json"


def load(store: Path, id: str) -> Attempts:
    """What is remembered of the feature; a fresh value when nothing is, or it is damaged."""
    known = {field.name for field in dataclasses.fields(Attempts)}
    data = statefile.read(_path(store, id), dict)
    return Attempts(**{name: value for name, value in data.items() if name in known})


def save(store: Path, id: str, kept: Attempts) -> None:
    statefile.write(_path(store, id), dataclasses.asdict(kept))


def forget(store: Path, id: str) -> None:
    _path(store, id).unlink(missing_ok=True)


def unsettled(store: Path) -> list[Path]:
    """The files of sessions that a killed run left behind."""
    paths = sorted((store / FOLDER).glob("*.json"))
    return [path for path in paths if statefile.read(path, dict).get("before_tree")]


def list_copy(store: Path, id: str) -> Path:
    """Where the feature list is kept as it was before the feature's session."""
    return store / FOLDER / f"{slug(id)}.list"

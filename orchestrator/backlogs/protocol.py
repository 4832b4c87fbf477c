"""What a backlog of another tool is once it is read, and what a format has to offer; no I/O.

A format is a module with

- `KIND`, the word for `--from`, and `NAMES`, patterns for `Path.match` by which a file of it is known;
- `detect(root)`: what lies in the usual places of the project, in order;
- `fits(source)`: whether the content of a file or folder has its shape (False where it can't be read);
- `read(source, options)`: the `Backlog`; raises OrchestratorError with `file:line:column` where it can't be read.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from orchestrator.features.dialects.tables import BUILT_IN, Rules

Id = str | int
State = Literal["open", "done", "blocked", "dropped"]


class Options(NamedTuple):
    """What the command line asks for. `root` is the project's folder, to which `inputs` are relative."""

    root: Path
    tag: str = ""
    subtasks: Literal["features", "tests"] = "features"
    order: bool = True
    open_only: bool = False
    rules: Rules = BUILT_IN  # what the settings add to the words of a status


class Entry(NamedTuple):
    """One entry. None in a field: the source does not have it, and the list's own value stays.

    `id` is as the source has it; `made` tells that it has none, and that this one was made in file order.
    `word` is the source's own word for the state, `reason` why the entry is blocked, `origin` the file that the entry
    is from where the backlog has several.
    """

    id: Id
    name: str | None = None
    description: str | None = None
    category: str | None = None
    priority: float | None = None
    dependencies: tuple[Id, ...] | None = None
    tests: tuple[str, ...] | None = None
    verify: str | None = None
    inputs: tuple[str, ...] | None = None
    complexity: str | None = None
    state: State = "open"
    word: str = ""
    reason: str = ""
    made: bool = False
    origin: str = ""
    extra: Mapping[str, object] = {}  # other fields, which a new feature gets as they are


class LeftOut(NamedTuple):
    """An entry that does not come along; the closing line counts by `reason` (a word or two)."""

    id: str
    reason: str


class Backlog(NamedTuple):
    """What was read. `source` says from what, as a person calls it (`tasks.json, tag master`)."""

    kind: str
    source: str
    entries: tuple[Entry, ...]
    left_out: tuple[LeftOut, ...] = ()
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Format(Protocol):
    """A module of this package that reads one kind of backlog."""

    KIND: str
    NAMES: tuple[str, ...]

    def detect(self, root: Path) -> list[Path]: ...

    def fits(self, source: Path) -> bool: ...

    def read(self, source: Path, options: Options) -> Backlog: ...


def open_only(backlog: Backlog) -> Backlog:
    """The backlog for `--open`: without entries that are done, unless an open one depends on them.

    Dependencies on removed entries are removed as well: they could never be met.
    """
    needed = {str(id) for entry in backlog.entries if entry.state != "done" for id in entry.dependencies or ()}
    gone = {str(entry.id) for entry in backlog.entries if entry.state == "done"} - needed
    kept = tuple(_without(entry, gone) for entry in backlog.entries if str(entry.id) not in gone)
    left = tuple(LeftOut(str(entry.id), "done") for entry in backlog.entries if str(entry.id) in gone)
    return backlog._replace(entries=kept, left_out=backlog.left_out + left)


def _without(entry: Entry, gone: set[str]) -> Entry:
    if not entry.dependencies or gone.isdisjoint(map(str, entry.dependencies)):
        return entry
    return entry._replace(dependencies=tuple(id for id in entry.dependencies if str(id) not in gone))


def numbered(prefix: str, taken: Collection[str] = ()) -> Iterator[str]:
    """Ids in file order for entries that have none: `F001`, `F002`, ..., those that others have left out."""
    return (id for number in itertools.count(1) if (id := f"{prefix}{number:03}") not in taken)

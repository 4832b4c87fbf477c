"""Checklists in files become a backlog: what spec-kit's and openspec's `tasks.md` have in common."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from orchestrator.backlogs import order, sources
from orchestrator.backlogs.checklists import Checklist, Stray, Task, parse, repeated
from orchestrator.backlogs.protocol import Backlog, Entry, LeftOut, Options, numbered
from orchestrator.errors import OrchestratorError

NAME = "tasks.md"


class TaskFile(NamedTuple):
    """A file with a checklist, the documents that its tasks are about, and whether all of it is done (archived)."""

    path: Path
    inputs: tuple[Path, ...] = ()
    archived: bool = False


class _Read(NamedTuple):
    where: str
    file: TaskFile
    list: Checklist


def backlog(kind: str, source: Path, files: Sequence[TaskFile], options: Options) -> Backlog:
    """The tasks of all the files. Raises OrchestratorError where no file has a box, and where one can't be read."""
    read = [_read(file, options.root) for file in files]
    silent = [one.where for one in read if not one.list.boxes]
    if silent and len(silent) == len(read):
        raise OrchestratorError("no checklist", where=_some(silent), fix="A task is a line `- [ ] T001 what to do`")
    return Backlog(
        kind,
        sources.shown(source, options.root),
        tuple(entry for one in read for entry in _entries(one, options)),
        (*(LeftOut(where, "without a checklist") for where in silent), *_left_out(read)),
        (*_silent(silent), *(warning for one in read for warning in _warnings(one))),
        tuple(_outside(read, options.root)),
    )


def beneath(folder: Path) -> list[Path]:
    """The task files in the folders of a folder, `2-x` before `10-x`."""
    return sorted((path for path in folder.glob(f"*/{NAME}") if path.is_file()), key=_natural)


def without_tasks(folder: Path, sign: str, root: Path) -> Iterator[str]:
    """A note for what was begun in a folder, as the file `sign` tells, and has no tasks yet."""
    for path in sorted(folder.glob(f"*/{sign}"), key=_natural):
        if not (path.parent / NAME).is_file():
            yield f"{sources.shown(path.parent, root)} has no {NAME} (yet)"


def tool(path: Path) -> str:
    """Which tool a task file is of, "" where nothing tells: by its place and what lies beside it, else by its ids."""
    folder = path.resolve().parent
    if folder.parent.name == "specs" or any((folder / name).is_file() for name in ("spec.md", "plan.md")):
        return "spec-kit"
    if "changes" in (folder.parent.name, folder.parent.parent.name) or (folder / "proposal.md").is_file():
        return "openspec"
    try:
        tasks = parse(sources.text(path, path.name)).tasks
    except OrchestratorError:
        return ""
    return ("spec-kit" if tasks[0].id.startswith("T") else "openspec") if tasks and tasks[0].id else ""


def _natural(path: Path) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"([0-9]+)", path.parent.name)]


def _read(file: TaskFile, root: Path) -> _Read:
    where = sources.shown(file.path, root)
    return _Read(where, file, parse(sources.text(file.path, where)))


def _entries(read: _Read, options: Options) -> Iterator[Entry]:
    tasks = read.list.tasks
    ids = list(_ids(tasks, _prefix(read.file.path, options.root)))
    places = [order.Place(id, task.phase, task.parallel) for id, task in zip(ids, tasks, strict=True)]
    waits = order.waits(places) if options.order else [()] * len(tasks)
    inputs = tuple(_inputs(read.file, options.root))
    for id, task, before in zip(ids, tasks, waits, strict=True):
        yield Entry(
            id, task.name, task.description, task.category, None, before, task.tests, None, inputs,
            state="done" if task.done or read.file.archived else "open", made=not task.id, origin=read.where,
        )  # fmt: skip


def _ids(tasks: Sequence[Task], prefix: str) -> Iterable[str]:
    """The ids for the list. Beside tasks with an id in the file, a box without one is no task."""
    made = numbered("T")
    return (f"{prefix}-{id}" for id in repeated(task.id or next(made) for task in tasks))


def _prefix(path: Path, root: Path) -> str:
    """The name of the file's folder; the project's own folder has another one in every clone."""
    folder = path.resolve().parent
    return path.stem if folder == root.resolve() else folder.name


def _inputs(file: TaskFile, root: Path) -> Iterator[str]:
    for path in file.inputs:
        if path.is_file() and _inside(path, root):
            yield glob.escape(sources.shown(path, root))


def _inside(path: Path, root: Path) -> bool:
    return path.resolve().is_relative_to(root.resolve())


def _outside(read: Iterable[_Read], root: Path) -> Iterator[str]:
    for one in read:
        if any(path.is_file() and not _inside(path, root) for path in one.file.inputs):
            yield f"{one.where} lies outside of the project; what lies beside it is no input"


def _left_out(read: Iterable[_Read]) -> Iterator[LeftOut]:
    for one in read:
        yield from (LeftOut(f"{one.where}:{stray.line}", stray.reason) for stray in one.list.strays)


def _silent(silent: list[str]) -> Iterator[str]:
    if silent:
        yield f"{_some(silent)}: no checklist; a task is a line `- [ ] T001 what to do`"


def _warnings(read: _Read) -> Iterator[str]:
    where, found = read.where, read.list
    lost: list[Stray] = [stray for stray in found.strays if stray.reason == "without an id"]
    if lost:
        place = _lines(where, [stray.line for stray in lost])
        yield f"{place}: a box without an id before the first task (`{lost[0].text}`); left out"
    if found.odd:
        yield f"{_lines(where, found.odd)}: the mark in the box is neither an x nor a blank; taken as not done"
    if found.open:
        yield f"{where}:{found.open}: nothing ends what begins here, so that all behind it is code or a comment"
    named = [task for task in found.tasks if task.id]
    for task, id in zip(named, repeated(task.id for task in named), strict=True):
        if id != task.id:
            yield f"{where}:{task.line}: the id {task.id} comes again; this one is imported as {id}"


def _lines(where: str, lines: Sequence[int]) -> str:
    return f"{where}:{lines[0]}" + (f" and {len(lines) - 1} more" if len(lines) > 1 else "")


def _some(names: Sequence[str]) -> str:
    return names[0] + (f" and {len(names) - 1} more" if len(names) > 1 else "")

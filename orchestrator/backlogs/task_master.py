"""task-master: the `tasks.json` of the npm package `task-master-ai`.

Since version 0.17 the file holds tags, `{"master": {"tasks": [...], "metadata": {...}}}`, before that it was
`{"tasks": [...]}`; keys that hold no list `tasks` are no tags. The tag in use is `currentTag` of `state.json`.
A task is `{id, title, description, details, testStrategy, status, priority, dependencies, complexity, subtasks}`;
ids are numbers, here and there digits in a string. A subtask has the same fields and a number within its task.
`complexity` goes from 1 to 10.

Subtasks become features `TASK.SUBTASK` in front of their task, or tests of it (`--subtasks tests`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from orchestrator.backlogs import objects, sources
from orchestrator.backlogs.protocol import Backlog, Entry, Id, Options, numbered
from orchestrator.backlogs.task_tags import chosen, tags
from orchestrator.errors import OrchestratorError

KIND = "task-master"
NAMES = ("tasks.json",)
_PLACES = (".taskmaster/tasks/tasks.json", "tasks/tasks.json")
_ASIDE = ("dropped", "blocked")


class _Task(NamedTuple):
    """A task or subtask with its own fields read; `parts` are its subtasks."""

    entry: Entry
    parts: tuple[_Task, ...]
    silent: bool


def detect(root: Path) -> list[Path]:
    return [path for name in _PLACES if (path := root / name).is_file()]


def fits(source: Path) -> bool:
    value = sources.peek(source) if source.is_file() else None
    tasks = value.get("tasks") if isinstance(value, Mapping) else None
    if isinstance(tasks, list):
        return any(isinstance(task, dict) and ("testStrategy" in task or "subtasks" in task) for task in tasks)
    return bool(tags(value))


def read(source: Path, options: Options) -> Backlog:
    file = sources.load(source, options.root)
    choice = chosen(file, source, options)
    made = numbered("T")
    tasks = [_task(file, (*choice.keys, index), options, made) for index in range(len(choice.tasks))]
    odd = objects.odd([item for item in choice.tasks if isinstance(item, Mapping)], _level)
    warnings = [*choice.warnings, *_silent(tasks), *odd]
    if options.subtasks == "tests":
        known = {str(task.entry.id): task.entry.id for task in tasks}
        entries = [_folded(task, known) for task in tasks]
    else:
        entries = [entry for task in tasks for entry in _spread(task)]
        warnings += [*_open_parts(tasks), *(circle for task in tasks for circle in _circles(task))]
    return Backlog(KIND, f"{file.where}{choice.name}", tuple(entries), warnings=tuple(warnings))


def _task(file: sources.Json, keys: tuple[str | int, ...], options: Options, ids: Iterator[Id]) -> _Task:
    """The task behind the keys; `ids` are for those that have none."""
    item = _behind(file.value, keys)
    if not isinstance(item, Mapping):
        raise OrchestratorError("a task must be an object", where=file.place(keys))
    own = objects.id_of(item)
    said = objects.said(item, options.rules)
    id = next(ids) if own is None else own
    entry = sources.stated(_entry(item, sources.entry(item, id, "", file, keys)), said, file, keys)
    entry = entry._replace(made=own is None)
    subtasks = item.get("subtasks")
    count = len(subtasks) if isinstance(subtasks, list) else 0
    parts = (_task(file, (*keys, "subtasks", index), options, iter((index + 1,))) for index in range(count))
    return _Task(entry, tuple(_under(part, entry) for part in parts), said is None)


def _entry(item: Mapping[str, Any], entry: Entry) -> Entry:
    """The entry with the fields that only task-master has."""
    texts = [objects.text(item.get(name)) for name in ("description", "details")]
    strategy = objects.text(item.get("testStrategy"))
    return entry._replace(
        description="\n\n".join(text for text in texts if text),
        tests=(*(entry.tests or ()), *([strategy] if strategy else [])),
        dependencies=entry.dependencies or (),
        complexity=_level(item.get("complexity")),
    )


def _level(value: object) -> str | None:
    """A word; or a number: 7 to 10 is high, 4 to 6 medium, 1 to 3 low."""
    if word := objects.level(value):
        return word
    number = objects.priority(value)
    if number is None:
        return None
    return "high" if number >= 7 else "medium" if number >= 4 else "low"


def _under(part: _Task, task: Entry) -> _Task:
    """A subtask's id begins with its task's. Without a priority or a status it has its task's; what is open in a
    task that is set aside is set aside.
    """
    entry, prefix = part.entry, f"{task.id}."
    if not str(entry.id).startswith(prefix):
        entry = entry._replace(id=f"{prefix}{entry.id}")
    entry = entry._replace(made=task.made, priority=task.priority if entry.priority is None else entry.priority)
    if part.silent:
        entry = entry._replace(state=task.state, word=task.word)
    elif entry.state == "open" and task.state in _ASIDE:
        entry = entry._replace(state=task.state, word=task.word, reason=f"its task {task.id} is {task.state}")
    return _Task(entry, tuple(_under(inner, entry) for inner in part.parts), False)


def _spread(task: _Task, above: tuple[Id, ...] = ()) -> list[Entry]:
    """The subtasks, which depend on what their task depends on, then the task, which depends on them."""
    wanted = _unique((*(task.entry.dependencies or ()), *above))
    found: list[Entry] = []
    for part in task.parts:
        kept = tuple(id for id in _meant(part, task) if str(id) not in _circular(part, task))
        found += _spread(part._replace(entry=part.entry._replace(dependencies=kept)), wanted)
    needed = tuple(part.entry.id for part in task.parts if part.entry.state != "dropped")
    return [*found, task.entry._replace(dependencies=_unique((*wanted, *needed)))]


def _meant(part: _Task, task: _Task) -> tuple[Id, ...]:
    """What a subtask depends on. A number means its sibling of that number; if there is none, the task."""
    siblings = {str(other.entry.id): other.entry.id for other in task.parts}
    return tuple(siblings.get(f"{task.entry.id}.{id}", id) for id in part.entry.dependencies or ())


def _circular(part: _Task, task: _Task) -> set[str]:
    """Ids on which a subtask can't wait: its task waits for it."""
    return {str(part.entry.id), str(task.entry.id)}


def _circles(task: _Task) -> Iterator[str]:
    for part in task.parts:
        if wrong := _circular(part, task) & set(map(str, _meant(part, task))):
            yield f"{part.entry.id}: depends on {'itself' if str(part.entry.id) in wrong else 'its own task'}; left out"
        yield from _circles(part)


def _folded(task: _Task, known: Mapping[str, Id]) -> Entry:
    """The task with its subtasks as tests; what depends on a subtask depends on its task."""
    tests = tuple(_line(part.entry) for part in task.parts if part.entry.state != "dropped")
    meant = (known.get(str(id).partition(".")[0], id) if str(id) not in known else id
             for id in task.entry.dependencies or ())  # fmt: skip
    kept = tuple(id for id in meant if str(id) != str(task.entry.id))
    return task.entry._replace(tests=(*(task.entry.tests or ()), *tests), dependencies=_unique(kept))


def _line(entry: Entry) -> str:
    return ": ".join(text for text in (entry.name, entry.description) if text)


def _unique(ids: tuple[Id, ...]) -> tuple[Id, ...]:
    return tuple({str(id): id for id in ids}.values())


def _silent(tasks: list[_Task]) -> Iterator[str]:
    if count := sum(task.silent for task in tasks):
        yield f"{count} without any status, taken as not done"


def _open_parts(tasks: list[_Task]) -> Iterator[str]:
    late = [
        str(part.entry.id)
        for task in tasks
        if task.entry.state == "done"
        for part in task.parts
        if part.entry.state == "open"
    ]
    if late:
        yield f"{len(late)} subtasks are open though their task is done, and stay so: {', '.join(late[:5])}"


def _behind(value: Any, keys: tuple[str | int, ...]) -> Any:
    for key in keys:
        value = value[key]
    return value

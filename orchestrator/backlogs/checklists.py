"""Tasks of a Markdown checklist: boxes become tasks or the tests of one, headings their categories; no I/O.

Where boxes have ids, only those are tasks: a box without an id, and one nested under a task, says how that task is
checked. Where no box has an id, each that is not nested is a task. Text that is indented under a task belongs to it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from orchestrator.backlogs.markdown import Line, document
from orchestrator.backlogs.task_lines import Box, Label, box, clean, label

NESTED = 2
"""How many columns deeper than its parent a nested item stands at least."""

_GENERAL = frozenset({"tasks", "task list", "todo", "to do", "checklist", "implementation tasks"})
_NUMBERED = re.compile(r"^\d+(?:(?:\.\d+)+[.):]?|[.):])[ \t]+")
_BULLET = re.compile(r"(?:[-*+\u2022]|\d{1,9}[.)])(?:[ \t]|$)")


class Task(NamedTuple):
    """A task. `id` is "" where the file has none, `phase` the line of the heading that gave `category` (0: none)."""

    line: int
    id: str
    done: bool
    parallel: bool
    name: str
    description: str
    tests: tuple[str, ...]
    category: str
    phase: int


class Stray(NamedTuple):
    """A box that is no task and belongs to none, and why."""

    line: int
    text: str
    reason: str


class Checklist(NamedTuple):
    """What a file holds. `boxes` counts all, `odd` has the lines of marks that say neither yes nor no, `open` is as
    in `markdown.Document`.
    """

    tasks: tuple[Task, ...]
    strays: tuple[Stray, ...]
    boxes: int
    odd: tuple[int, ...]
    open: int


class _Item(NamedTuple):
    line: Line
    box: Box
    label: Label


class _Building:
    """A task while its lines are read."""

    def __init__(self, item: _Item, heading: tuple[str, int]) -> None:
        self.item = item
        self.heading = heading
        self.tests: list[str] = []
        self.body: list[Line] = []


class _Open(NamedTuple):
    """A box that may have more lines below it. `task`: its task, or the task that it is a test of; None for neither."""

    indent: int
    task: _Building | None
    is_task: bool = False
    struck: bool = False


def parse(text: str) -> Checklist:
    """Read a file's text; whatever it holds, nothing is raised."""
    read = document(text)
    items = {item.line.number: item for item in _items(read.lines)}
    reader = _Reader(_with_ids(items.values()), _title(read.lines))
    for line in read.lines:
        reader.take(line, items.get(line.number))
    odd = tuple(number for number, item in items.items() if item.box.odd)
    return Checklist(tuple(map(_task, reader.tasks)), tuple(reader.strays), len(items), odd, read.open)


def _items(lines: Iterable[Line]) -> Iterator[_Item]:
    for line in lines:
        found = None if line.code or line.level else box(line.text)
        if found is not None:
            yield _Item(line, found, label(found.text))


def _with_ids(items: Iterable[_Item]) -> frozenset[int]:
    """The lines of the boxes whose ids count: `T...` where there is one (`2.0` is a version then), else numbers."""
    named = [item for item in items if item.label.id]
    lettered = [item for item in named if item.label.lettered]
    return frozenset(item.line.number for item in lettered or named)


def _title(lines: Iterable[Line]) -> int:
    """The line of the heading that names the whole file (0: there is none)."""
    first = [line.number for line in lines if line.level == 1]
    return first[0] if len(first) == 1 else 0


class _Reader:
    """Goes through the lines once; `ids` are the lines of the boxes that have an id."""

    def __init__(self, ids: frozenset[int], title: int) -> None:
        self.ids = ids
        self.title = title
        self.tasks: list[_Building] = []
        self.strays: list[Stray] = []
        self._open: list[_Open] = []
        self._headings: list[Line] = []
        self._joins = False

    def take(self, line: Line, item: _Item | None) -> None:
        if line.code:
            self._under(line)
        elif not line.text:
            self._joins = False
            self._under(line)
        else:
            while self._open and line.indent < self._open[-1].indent + NESTED:
                self._open.pop()
            if item is not None:
                self._box(item)
            elif line.level and not self._open:
                self._headings = [heading for heading in self._headings if heading.level < line.level] + [line]
            else:
                self._under(line)

    def _box(self, item: _Item) -> None:
        owner = next((open.task for open in reversed(self._open) if open.is_task), None)
        if item.label.struck or any(open.struck for open in self._open):
            self._stray(item, "struck out", struck=True)
        elif not item.label.name:
            self._stray(item, "no text")
        elif owner is None and (not self.ids or item.line.number in self.ids):
            self.tasks.append(_Building(item, self._category()))
            self._open.append(_Open(item.line.indent, self.tasks[-1], is_task=True))
            self._joins = True
        elif owner := owner or (self.tasks[-1] if self.tasks else None):
            owner.tests.append(clean(item.box.text))
            self._open.append(_Open(item.line.indent, owner))
            self._joins = True
        else:
            self._stray(item, "without an id")

    def _stray(self, item: _Item, reason: str, *, struck: bool = False) -> None:
        self.strays.append(Stray(item.line.number, clean(item.box.text), reason))
        self._open.append(_Open(item.line.indent, None, struck=struck))
        self._joins = False

    def _under(self, line: Line) -> None:
        """A line below a box: more of what a test says where it goes on, else of the task's text."""
        if not self._open or (task := self._open[-1].task) is None:
            return
        goes_on = self._joins and not line.code and not _BULLET.match(line.text)
        if goes_on and not self._open[-1].is_task:
            task.tests[-1] = clean(f"{task.tests[-1]} {line.text}")
        elif any(open.is_task for open in self._open):
            task.body.append(line)
            self._joins = goes_on

    def _category(self) -> tuple[str, int]:
        """The outermost heading that does not name the whole file, and its line."""
        path = [heading for heading in self._headings if heading.number != self.title]
        telling = [heading for heading in path if heading.text.strip("*: ").lower() not in _GENERAL]
        if not path:
            return "", 0
        chosen = (telling or path)[0]
        return _NUMBERED.sub("", clean(chosen.text), count=1) or chosen.text, chosen.number


def _task(made: _Building) -> Task:
    line, box, label = made.item
    body = _dedented(made.body)
    return Task(
        line.number, label.id, box.done, label.parallel, label.name, "\n".join([label.name, *body]),
        tuple(made.tests), *made.heading,
    )  # fmt: skip


def _dedented(lines: list[Line]) -> list[str]:
    """The lines with the indentation that they have beyond the least one; no blank ones at either end."""
    margin = min((line.indent for line in lines if line.text and not line.code), default=0)
    text = "\n".join(" " * max(line.indent - margin, 0) * bool(line.text) + line.text for line in lines)
    return text.strip("\n").split("\n") if text.strip() else []


def repeated(ids: Iterable[str]) -> list[str]:
    """The ids with `-2`, `-3` behind those that came before, in order."""
    counts: Counter[str] = Counter()
    given: list[str] = []
    for id in ids:
        counts[id] += 1
        given.append(id if counts[id] == 1 else f"{id}-{counts[id]}")
    return given

"""The errors of a feature list, each with its place; where there is one, the list is not used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from orchestrator.errors import OrchestratorError
from orchestrator.features import fields, graph
from orchestrator.features.ids import id_text
from orchestrator.features.spans import Element, Layout, decode, members, place, scan


class Problem(NamedTuple):
    """What is wrong and where: `file:line:column`, or the file alone."""

    severity: Literal["error", "warning"]
    message: str
    where: str
    fix: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.severity}: {self.message}"


def errors(data: bytes, where: str) -> Iterator[Problem]:
    """All errors: of the text first, then feature by feature, then of the graph."""
    try:
        layout = scan(decode(data, where), where)
    except OrchestratorError as error:
        yield Problem("error", error.what, error.where or where, error.fix)
        return
    found = False
    for problem in _item_errors(layout, where):
        found = True
        yield problem
    if not found:
        yield from _cycle(layout, where)


def key_place(layout: Layout, element: Element, key: str, where: str) -> str:
    """Where the key of a feature stands; the feature's own place when it has none."""
    starts = [m.start for m in members(layout.text, element.start) if m.key == key]
    return place(layout.text, starts[-1] if starts else element.start, where)


def _item_errors(layout: Layout, where: str) -> Iterator[Problem]:
    first: dict[str, Element] = {}
    for element in layout.elements:
        if not isinstance(element.value, dict):
            yield Problem("error", "a feature must be an object", place(layout.text, element.start, where))
            continue
        id = id_text(element.value.get("id"))
        for key, message in fields.faults(element.value):
            prefix = f"{id}: " if id and key != "id" else ""
            yield Problem("error", prefix + message, key_place(layout, element, key, where))
        if id is not None and id in first:
            line = place(layout.text, first[id].start, where).split(":")[-2]
            what = f"the id {id!r} comes twice (first in line {line})"
            yield Problem("error", what, key_place(layout, element, "id", where))
        elif id is not None:
            first[id] = element


def _cycle(layout: Layout, where: str) -> Iterator[Problem]:
    known = layout.by_id(where)
    path = graph.cycle_of(
        {id: [str(d) for d in element.value.get("dependencies", ())] for id, element in known.items()}
    )
    if path:
        what = f"the dependencies go in a circle: {' -> '.join(_shortened(path))}"
        at = key_place(layout, known[path[0]], "dependencies", where)
        yield Problem("error", what, at, "Remove one of these dependencies")


def _shortened(path: list[str]) -> list[str]:
    """A long path without its middle."""
    return path if len(path) <= 20 else [*path[:10], f"({len(path) - 19} more)", *path[-9:]]

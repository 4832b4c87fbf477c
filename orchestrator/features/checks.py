"""The errors of a feature list, each with its place; where there is one, the list is not used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple

from orchestrator.errors import OrchestratorError
from orchestrator.features import fields, graph, nesting
from orchestrator.features.dialects import reading, shape, standing
from orchestrator.features.dialects.tables import BUILT_IN, Rules
from orchestrator.features.dialects.values import Wrong
from orchestrator.features.ids import id_text
from orchestrator.features.spans import Element, Layout, decode, members, place, scan

Severity = Literal["error", "warning"]


class Problem(NamedTuple):
    """What is wrong and where: `file:line:column`, or the file alone; `fix` says what to type."""

    severity: Severity
    message: str
    where: str
    fix: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.severity}: {self.message}" + (f". {self.fix}" if self.fix else "")


class Finding(NamedTuple):
    """One thing that is wrong with one feature. Findings with the same `cause` become one message; `{}` in `what` is
    replaced by the `word` of each of them.
    """

    severity: Severity
    cause: object
    what: str
    fix: str
    id: str
    position: int
    word: str = ""


def errors(data: bytes, where: str, rules: Rules = BUILT_IN, *, lenient: bool = False) -> Iterator[Problem]:
    """All errors: of the text first, then of the features, then of the graph."""
    try:
        layout = scan(decode(data, where), where)
    except OrchestratorError as error:
        yield Problem("error", error.what, error.where or where, error.fix)
        return
    no_list = nesting.of_entries((element.value for element in layout.elements), where, bare=layout.bare)
    if no_list:
        yield Problem("error", no_list.what, place(layout.text, layout.array.start, where), no_list.fix)
        return
    found = list(told(layout, where, _item_errors(layout, rules)))
    yield from found
    if not lenient:
        yield from _unknown_words(layout, where, rules)
    if not found:
        yield from _cycle(layout, where, rules)


def unknown_words(data: bytes, where: str, rules: Rules) -> Iterator[Problem]:
    """The error for status words that are in no table. For a list that a hook or a merge reads in spite of them."""
    yield from _unknown_words(scan(decode(data, where), where), where, rules)


def told(layout: Layout, where: str, findings: Iterable[Finding]) -> Iterator[Problem]:
    """One message for each cause, however many features it concerns, in the order of the file."""
    causes: dict[object, list[Finding]] = {}
    for finding in findings:
        causes.setdefault((finding.severity, finding.cause), []).append(finding)
    for found in causes.values():
        first = found[0]
        at = place(layout.text, first.position, where)
        what = first.what.replace("{}", _named(finding.word for finding in found)) if first.word else first.what
        message = f"{first.id}: {what}" if first.id else what
        if len(found) > 1:
            about = f"{_named((finding.id for finding in found), _MOST_IDS)}: " if first.id else ""
            message = f"{what} ({about}line {at.split(':')[-2]} and {len(found) - 1} more)"
        yield Problem(first.severity, message, at, first.fix)


def key_position(layout: Layout, element: Element, key: str) -> int:
    """Where the key of a feature stands; the feature's own place when it has none."""
    starts = [m.start for m in members(layout.text, element.start) if m.key == key]
    return starts[-1] if starts else element.start


def key_place(layout: Layout, element: Element, key: str, where: str) -> str:
    """The same as `file:line:column`."""
    return place(layout.text, key_position(layout, element, key), where)


def _item_errors(layout: Layout, rules: Rules) -> Iterator[Finding]:
    first: dict[str, Element] = {}
    for element in layout.elements:
        if not isinstance(element.value, dict):
            fix = 'Write an object, such as {"id": "F001", "description": "..."}'
            yield Finding("error", "object", "a feature must be an object", fix, "", element.start)
            continue
        id = id_text(element.value.get("id"))
        for fault in fields.faults(element.value, rules):
            about = id if id and fault.key not in ("id", "") else ""
            cause = (fault.key, fault.what.partition(", not ")[0])
            yield Finding("error", cause, fault.what, fault.fix, about or "", key_position(layout, element, fault.key))
        if id is not None and id in first:
            line = place(layout.text, first[id].start, "").split(":")[-2]
            what = f"the id {id!r} comes twice (first in line {line})"
            at = key_position(layout, element, "id")
            yield Finding("error", ("twice", id), what, "Give one of the two another id", "", at)
        elif id is not None:
            first[id] = element


def _unknown_words(layout: Layout, where: str, rules: Rules) -> Iterator[Problem]:
    """One message for all status words that are in no table."""
    found: dict[str, list[int]] = {}
    for element in layout.elements:
        key, word = _unknown(element.value, rules)
        if word:
            found.setdefault(word, []).append(key_position(layout, element, key))
    if not found:
        return
    said = _named(f"{_quoted(word)} ({_lines(layout, at)})" for word, at in found.items())
    what = (
        f"nobody knows what the status {said} means"
        if len(found) == 1
        else f"nobody knows these words of a status: {said}"
    )
    first = next(iter(found))
    fix = (
        f"Say in orchestrator.toml under [features] what {'it' if len(found) == 1 else 'each'} means: "
        f"done = [{_quoted(first)}], or not_done = [...], or dropped = [...]"
    )
    yield Problem("error", what, place(layout.text, found[first][0], where), fix)


_MOST, _MOST_IDS = 8, 5  # words, and ids, that one message names


def _named(words: Iterable[str], most: int = _MOST) -> str:
    """The first `most` different words. "and N more" is added for words; the caller counts features by itself."""
    different = list(dict.fromkeys(words))
    more = f" and {len(different) - most} more" if len(different) > most == _MOST else ""
    return ", ".join(different[:most]) + more


def _unknown(item: Any, rules: Rules) -> tuple[str, str]:
    if not isinstance(item, dict):
        return "", ""
    form = shape.of(tuple(item), rules)
    try:
        stands = standing.standing(item, form)
        return (standing.word_of(item, form)[0], stands.unknown) if stands.unknown else ("", "")
    except Wrong:
        return "", ""


def _lines(layout: Layout, positions: list[int]) -> str:
    line = place(layout.text, positions[0], "").split(":")[-2]
    return f"line {line}" + (f" and {len(positions) - 1} more" if len(positions) > 1 else "")


def _quoted(word: str) -> str:
    import json

    return json.dumps(word, ensure_ascii=False)


def _cycle(layout: Layout, where: str, rules: Rules) -> Iterator[Problem]:
    known = layout.by_id(where)
    edges = {id: reading.dependencies(e.value, shape.of(tuple(e.value), rules)) for id, e in known.items()}
    path = graph.cycle_of(edges)
    if path:
        what = f"the dependencies go in a circle: {' -> '.join(_shortened(path))}"
        names = shape.of(tuple(known[path[0]].value), rules).dependencies
        at = key_place(layout, known[path[0]], names[0], where)
        yield Problem("error", what, at, "Remove one of these dependencies")


def _shortened(path: list[str]) -> list[str]:
    """A long path without its middle."""
    return path if len(path) <= 20 else [*path[:10], f"({len(path) - 19} more)", *path[-9:]]

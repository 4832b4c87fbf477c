"""Where each feature, key and value stands in the text of a feature list.

Values are skipped by json's own C scanner, so that the layout of a list costs about as much as reading it.
Positions are indices into the decoded text, a byte order mark included.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, NoReturn

from orchestrator.errors import OrchestratorError
from orchestrator.features.ids import id_text

NAME = "feature_list.json"
BOM = "\ufeff"

_blanks = re.compile(r"[ \t\n\r]*").match
_after_item = re.compile(r"[ \t\n\r]*([,\]}])[ \t\n\r]*").match
_constant = re.compile(r'"(?:[^"\\]|\\.)*"|(NaN|-?Infinity)', re.DOTALL)


class Member(NamedTuple):
    """One `"key": value` of an object: where the key starts and ends, where the value starts and ends."""

    key: str
    start: int
    key_end: int
    value: int
    end: int


class Element(NamedTuple):
    """One entry of the list of features, whatever its type."""

    start: int
    end: int
    value: Any


class Span(NamedTuple):
    start: int
    end: int


class Layout(NamedTuple):
    """A feature list taken apart. `members` are those of the top-level object; a bare array has none."""

    text: str
    root: Span
    members: tuple[Member, ...]
    array: Span
    elements: tuple[Element, ...]

    @property
    def bare(self) -> bool:
        """Whether the file is an array without an object around it."""
        return self.root == self.array

    def by_id(self, where: str = NAME) -> dict[str, Element]:
        """The objects by id. Raises OrchestratorError for one without an id and for an id that comes twice."""
        found: dict[str, Element] = {}
        for element in self.elements:
            id = id_text(element.value.get("id")) if isinstance(element.value, dict) else None
            if id is None or id in found:
                what = "a feature without an id" if id is None else f"the id {id!r} comes twice"
                raise OrchestratorError(what, where=place(self.text, element.start, where))
            found[id] = element
        return found

    def raw(self, element: Element) -> str:
        """The text of an entry."""
        return self.text[element.start : element.end]


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


# NaN would make the order of priorities undefined, and no other JSON reader takes it.
DECODER = json.JSONDecoder(parse_constant=_refuse)
_scan: Callable[[str, int], tuple[Any, int]] = DECODER.scan_once  # type: ignore[attr-defined]


def decode(data: bytes, where: str = NAME) -> str:
    """The text of the file. Raises OrchestratorError where it is not UTF-8."""
    if data.startswith(_UTF_16) or (len(data) > 1 and 0 in data[:2]):
        raise OrchestratorError("the file is UTF-16, not UTF-8", where=f"{where}:1:1", fix=_from_utf_16(data, where))
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        raise OrchestratorError(
            "not valid UTF-8", where=place(before, len(before), where), fix="Save the file as UTF-8"
        ) from error


_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def _from_utf_16(data: bytes, where: str) -> str:
    kind = "UTF-16" if data.startswith(_UTF_16) else "UTF-16BE" if data[0] == 0 else "UTF-16LE"
    return f"Save it as UTF-8, such as by `iconv -f {kind} -t UTF-8 {where} > new.{where.rpartition('.')[2]}`"


def line_column(text: str, position: int) -> tuple[int, int]:
    """Line and column, both from 1, in characters; a byte order mark has no width."""
    start = text.rfind("\n", 0, position) + 1
    mark = start == 0 and text.startswith(BOM) and position > 0
    return text.count("\n", 0, position) + 1, position - start + 1 - mark


def place(text: str, position: int, where: str) -> str:
    """`file:line:column`."""
    line, column = line_column(text, position)
    return f"{where}:{line}:{column}"


def scan(text: str, where: str = NAME) -> Layout:
    """Take the text apart. Raises OrchestratorError where it is not JSON or holds no list of features."""
    try:
        return _layout(text, where)
    except (StopIteration, IndexError, ValueError, RecursionError) as error:
        raise syntax_error(text, where) from error


def members(text: str, start: int) -> list[Member]:
    """The members of the object that starts there, duplicate keys included."""
    return _members(text, start, lambda key, value: _scan(text, value)[1])


def _members(text: str, start: int, end_of: Callable[[str, int], int]) -> list[Member]:
    """`end_of` tells, from a key and the start of its value, where the value ends."""
    found: list[Member] = []
    position = _skip(text, start + 1)
    if text[position] == "}":
        return found
    while True:
        if text[position] != '"':
            raise ValueError("a key must be a string")
        key, key_end = _scan(text, position)
        colon = _skip(text, key_end)
        if text[colon] != ":":
            raise ValueError("a colon must follow a key")
        value = _skip(text, colon + 1)
        end = end_of(key, value)
        found.append(Member(key, position, key_end, value, end))
        position, closed = _next(text, end, "}")
        if closed:
            return found


def object_end(text: str, last: int) -> int:
    """The index of the bracket that closes the container whose last item ends at `last`."""
    return _skip(text, last)


def syntax_error(text: str, where: str) -> OrchestratorError:
    """Why the text is not JSON."""
    mark = text.startswith(BOM)
    try:
        DECODER.decode(text[mark:])
    except json.JSONDecodeError as error:
        return _not_json(text, error.pos + mark, error.msg, where)
    except RecursionError:
        return OrchestratorError("not usable: nested too deeply", where=where, fix="Take a level of nesting out")
    except ValueError as error:
        for found in _constant.finditer(text):
            if found[1]:
                return _not_json(text, found.start(), str(error), where)
        return OrchestratorError(f"not usable: {str(error).partition(';')[0]}", where=where)
    return OrchestratorError("not a feature list", where=place(text, 0, where))


def _not_json(text: str, position: int, why: str, where: str) -> OrchestratorError:
    if not text.strip(BOM + " \t\r\n"):
        return OrchestratorError(
            "not valid JSON: the file is empty", where=f"{where}:1:1", fix='Write {"features": []} into it'
        )
    line = text[text.rfind("\n", 0, position) + 1 :]
    if line.startswith(("<<<<<<<", "=======", ">>>>>>>")):
        return OrchestratorError(
            "an unresolved merge conflict",
            where=place(text, position, where),
            fix="Edit the file between the markers",
        )
    return OrchestratorError(f"not valid JSON: {why}", where=place(text, position, where))


def _layout(text: str, where: str) -> Layout:
    start = _skip(text, int(text.startswith(BOM)))
    if text[start] == "[":
        elements, end = _elements(text, start)
        whole = Span(start, end)
        layout = Layout(text, whole, (), whole, tuple(elements))
    elif text[start] == "{":
        layout = _object(text, start, where)
    else:
        _scan(text, start)
        raise _no_list(text, start, where, start)
    if _skip(text, layout.root.end) != len(text):
        raise ValueError("text after the end")
    return layout


def _object(text: str, start: int, where: str) -> Layout:
    """The last `features` counts, as for every JSON reader."""
    elements: list[Element] = []

    def end_of(key: str, value: int) -> int:
        nonlocal elements
        if key != "features" or text[value] != "[":
            return _scan(text, value)[1]
        elements, end = _elements(text, value)
        return end

    found = _members(text, start, end_of)
    whole = Span(start, object_end(text, found[-1].end if found else start + 1) + 1)
    last = next((member for member in reversed(found) if member.key == "features"), None)
    if last is None:
        raise _no_list(text, start, where, start)
    if text[last.value] != "[":
        raise _no_list(text, start, where, last.value)
    return Layout(text, whole, tuple(found), Span(last.value, last.end), tuple(elements))


def _no_list(text: str, start: int, where: str, at: int) -> OrchestratorError:
    from orchestrator.features import nesting

    found = nesting.of_root(_scan(text, start)[0], where)
    return OrchestratorError(found.what, where=place(text, at, where), fix=found.fix)


def _elements(text: str, start: int) -> tuple[list[Element], int]:
    found: list[Element] = []
    position = _skip(text, start + 1)
    if text[position] == "]":
        return found, position + 1
    while True:
        value, end = _scan(text, position)
        found.append(Element(position, end, value))
        position, closed = _next(text, end, "]")
        if closed:
            return found, position


def _next(text: str, end: int, closing: str) -> tuple[int, bool]:
    """The start of the next item; or what follows the closing bracket, and True."""
    found = _after_item(text, end)
    if found is None or found[1] not in ("," + closing):
        raise ValueError("a comma must follow an item")
    return (found.end(), False) if found[1] == "," else (found.end(1), True)


def _skip(text: str, position: int) -> int:
    found = _blanks(text, position)
    return found.end() if found else position


def apply(text: str, patches: Sequence[tuple[int, int, str]]) -> str:
    """The text with each (start, end, new text) put in; the spans do not overlap."""
    parts: list[str] = []
    position = 0
    for start, end, new in sorted(patches, key=lambda patch: patch[:2]):
        parts += (text[position:start], new)
        position = end
    parts.append(text[position:])
    return "".join(parts)

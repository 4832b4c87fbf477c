"""How a feature list is written (indents, line ends, spaces, escapes), so that new text is written alike."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from orchestrator.features.spans import BOM, DECODER, Element, Layout, Member, Span, members, object_end

_surrogate = re.compile("[\ud800-\udfff]")


class Raw(NamedTuple):
    """A value that is already JSON text and is to be written as it is."""

    text: str

    def value(self) -> Any:
        """What the text says."""
        return DECODER.decode(self.text)


class ObjectStyle(NamedTuple):
    """What stands between the parts of an object: after `{`, between members, before `}`, around the colon."""

    opening: str
    separator: str
    closing: str
    colon: str
    nested: bool  # whether lists and objects within go over several lines
    unit: str
    escape: bool

    def member(self, key: str, value: object) -> str:
        """`"key": value` as it stands in the object."""
        return self.quote(key) + self.colon + self.value(value, nested=self.nested)

    def quote(self, text: str) -> str:
        return _dump(text, self.escape, ", ", ": ")

    def value(self, value: object, *, nested: bool) -> str:
        """The JSON text of a value, its further lines indented to stand in this object."""
        if isinstance(value, Raw):
            return _line_ends(value.text, self.eol)
        comma = ", " if self.colon.endswith(" ") else ","
        if not nested or not isinstance(value, (list, tuple, dict)) or not value:
            return _dump(value, self.escape, comma, self.colon)
        text = _dump(value, self.escape, ",", self.colon, self.unit)
        return text.replace("\n", self.eol + _indent(_last_line(self.separator)))

    def object(self, item: Mapping[str, object]) -> str:
        """A whole object."""
        inside = self.separator.join(self.member(key, value) for key, value in item.items())
        return "{" + self.opening + inside + self.closing + "}" if inside else "{}"

    @property
    def eol(self) -> str:
        return "\r\n" if "\r\n" in self.separator else "\n"


class ArrayStyle(NamedTuple):
    """What stands after `[`, between entries and before `]`, and how an entry is written."""

    opening: str
    separator: str
    closing: str
    entry: ObjectStyle


def of_object(text: str, start: int, found: Sequence[Member], escape: bool) -> ObjectStyle:
    """The style of the object that starts there."""
    if not found:
        return ObjectStyle("", ", ", "", ": ", False, "  ", escape)
    last = found[-1]
    opening = text[start + 1 : found[0].start]
    gap = text[found[-2].end : last.start] if len(found) > 1 else ""
    closing = text[last.end : object_end(text, last.end)]
    colon = text[last.key_end : last.value]
    colon = colon if "\n" not in colon else ": "
    separator = _separator(gap, opening, colon)
    indent, outer = _indent(_last_line(separator)), _indent_at(text, start)
    unit = indent[len(outer) :] if indent.startswith(outer) and len(indent) > len(outer) else "  "
    return ObjectStyle(
        _one_break(opening), separator, _one_break(closing), colon, _nested(text, found, separator), unit, escape
    )


def of_array(layout: Layout) -> ArrayStyle:
    """The style of the list of features, as its last entry has it."""
    if not layout.elements:
        return _of_empty(layout)
    text, last = layout.text, layout.elements[-1]
    opening = text[layout.array.start + 1 : layout.elements[0].start]
    gap = text[layout.elements[-2].end : last.start] if len(layout.elements) > 1 else ""
    closing = text[last.end : layout.array.end - 1]
    entry = _entry_style(layout, last)
    return ArrayStyle(opening, _separator(gap, opening, entry.colon), closing, entry)


def escapes(text: str) -> bool:
    """Whether the file writes characters beyond ASCII as `\\uXXXX`."""
    return text.removeprefix(BOM).isascii() and "\\u" in text


def _entry_style(layout: Layout, last: Element) -> ObjectStyle:
    found = members(layout.text, last.start) if isinstance(last.value, dict) else []
    return of_object(layout.text, last.start, found, escapes(layout.text))


def _of_empty(layout: Layout) -> ArrayStyle:
    text = layout.text
    key = next((m for m in reversed(layout.members) if m.value == layout.array.start), None)
    colon = text[key.key_end : key.value] if key else ": "
    escape = escapes(text)
    broken = "\n" in text[: layout.array.start]
    if not broken and colon == ":":
        return ArrayStyle("", ",", "", ObjectStyle("", ",", "", ":", False, "  ", escape))
    eol = "\r\n" if "\r\n" in text else "\n"
    outer = _indent_at(text, layout.array.start)
    unit = outer or "  "
    inner = outer + unit
    inside = eol + inner + unit
    entry = ObjectStyle(inside, "," + inside, eol + inner, colon if "\n" not in colon else ": ", True, unit, escape)
    return ArrayStyle(eol + inner, "," + eol + inner, eol + outer, entry)


def _separator(gap: str, opening: str, colon: str) -> str:
    """What to write between two items: the gap before the last item; `opening` if there is only one item."""
    if not gap:
        spaced = ", " if colon.endswith(" ") else ","
        return "," + _one_break(opening) if "\n" in opening else spaced
    before, _, after = gap.partition(",")
    return _one_break(before) + "," + _one_break(after)


def _one_break(gap: str) -> str:
    """The gap without its blank lines."""
    if "\n" not in gap:
        return gap
    return ("\r\n" if "\r\n" in gap else "\n") + _last_line(gap)


def _nested(text: str, found: Sequence[Member], separator: str) -> bool:
    """Whether lists in this object go over several lines: if the object does, unless all its lists are in one line."""
    if "\n" not in separator:
        return False
    inside = [text[m.value : m.end] for m in found if text[m.value] in "[{" and m.end - m.value > 2]
    return not inside or any("\n" in value for value in inside)


def _last_line(gap: str) -> str:
    return gap.rpartition("\n")[2] if "\n" in gap else ""


def _indent_at(text: str, position: int) -> str:
    return _indent(text[text.rfind("\n", 0, position) + 1 : position].removeprefix(BOM))


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]


def _dump(value: object, escape: bool, comma: str, colon: str, indent: str | None = None) -> str:
    text = _encoder(escape, comma, colon, indent).encode(value)
    # UTF-8 has no way to write half a surrogate pair; JSON escapes do.
    return text if escape else _surrogate.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


@cache
def _encoder(escape: bool, comma: str, colon: str, indent: str | None) -> json.JSONEncoder:
    return json.JSONEncoder(ensure_ascii=escape, separators=(comma, colon), indent=indent, allow_nan=False)


def _line_ends(text: str, eol: str) -> str:
    """JSON strings hold no line ends of their own, so that only the layout changes."""
    plain = text.replace("\r\n", "\n")
    return plain if eol == "\n" else plain.replace("\n", eol)


def raw_object(layout: Layout, text: str) -> str:
    """An object's text from another file, with the line ends of this one."""
    return _line_ends(text, "\r\n" if "\r\n" in layout.text else "\n")


def unused_span(layout: Layout) -> Span:
    """The inside of an empty array."""
    return Span(layout.array.start + 1, layout.array.end - 1)

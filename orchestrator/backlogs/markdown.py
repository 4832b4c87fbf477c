"""The lines of a Markdown file without front matter and comments; lines of code are marked. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

TAB = 4

_BREAKS = re.compile(r"\r\n|\n|\r")  # str.splitlines also breaks at form feeds and the like, editors don't
_FENCE = re.compile(r"(?P<mark>`{3,}|~{3,})(?P<info>.*)")
_HEADING = re.compile(r"(?P<level>#{1,6})[ \t]+(?P<text>.*?)[ \t]*#*")
_BLANK = " \t\u00a0\u3000"


class Line(NamedTuple):
    """A line: its number from 1, its indentation in columns, its text without it.

    `level` is a heading's (0 for what is none), `code` tells what stands in a fence, its end included.
    """

    number: int
    indent: int
    text: str
    level: int = 0
    code: bool = False


class Document(NamedTuple):
    """The lines in order. `open` is the number of the line with a fence or comment that is never closed; 0 for none."""

    lines: tuple[Line, ...]
    open: int


def document(text: str) -> Document:
    """Read the text. What follows a fence or comment that nothing ends is part of it, as renderers have it."""
    lines: list[Line] = []
    within: _Block | None = None
    for number, raw in _numbered(text):
        indent, content = _indented(raw)
        if within is None:
            within = _opened(number, content)
            if within is None or within.code:
                lines.append(_plain(number, indent, content))
        else:
            if within.code:
                lines.append(Line(number, indent, content, code=True))
            within = None if within.ends(content) else within
    return Document(tuple(lines), within.number if within else 0)


class _Block(NamedTuple):
    """A fence (`mark` is what begins it) or a comment (no mark) that began in the line `number`."""

    number: int
    mark: str

    @property
    def code(self) -> bool:
        return bool(self.mark)

    def ends(self, content: str) -> bool:
        if not self.mark:
            return "-->" in content
        bare = content.rstrip(_BLANK)
        return len(bare) >= len(self.mark) and not bare.strip(self.mark[0])


def _opened(number: int, content: str) -> _Block | None:
    """The block that the line begins and does not end itself."""
    if content.startswith("<!--"):
        return None if "-->" in content else _Block(number, "")
    found = _FENCE.match(content)
    if found is None or (found["mark"][0] == "`" and "`" in found["info"]):
        return None
    return _Block(number, found["mark"])


def _plain(number: int, indent: int, content: str) -> Line:
    heading = _HEADING.fullmatch(content) if indent < TAB else None
    if heading:
        return Line(number, indent, heading["text"], level=len(heading["level"]))
    return Line(number, indent, content)


def _numbered(text: str) -> Iterator[tuple[int, str]]:
    lines = _BREAKS.split(text.removeprefix("\ufeff"))
    start = 0
    if lines[0].rstrip(_BLANK) == "---":
        ends = (at for at, line in enumerate(lines) if at and line.rstrip(_BLANK) in ("---", "..."))
        start = next(ends, -1) + 1
    yield from ((at + 1, line) for at, line in enumerate(lines) if at >= start)


def _indented(raw: str) -> tuple[int, str]:
    content = raw.lstrip(_BLANK)
    column = 0
    for char in raw[: len(raw) - len(content)]:
        column += TAB - column % TAB if char == "\t" else 1
    return column, content.rstrip(_BLANK)

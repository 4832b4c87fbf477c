"""Lines that fit a terminal. `width` is None in a pipe: nothing is shortened there.

Not rich's tables: importing them takes half of the 150 ms in which `status` is to answer.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

ELLIPSIS = "..."


def fit(text: str, width: int | None) -> str:
    """The text, its end left out where it is wider than that."""
    if width is None or cells(text) <= width:
        return text
    kept, left = "", width - len(ELLIPSIS)
    for character in text:
        left -= cells(character)
        if left < 0:
            break
        kept += character
    return (kept.rstrip() + ELLIPSIS)[: max(width, 0)]


def pad(text: str, width: int) -> str:
    return text + " " * (width - cells(text))


def cells(text: str) -> int:
    """How many columns a terminal takes for it."""
    if text.isascii():
        return len(text)
    return sum(_cells(character) for character in text)


def _cells(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def share(first: Sequence[str], second: Sequence[str], width: int | None) -> tuple[int, int | None]:
    """The widths of two columns with two blanks between them. If both don't fit, the first gets at most half, the
    second the rest.
    """
    longest = max(map(cells, first), default=0)
    if width is None:
        return longest, None
    wanted = max(map(cells, second), default=0)
    own = longest if longest + 2 + wanted <= width else min(longest, max(width - 2 - wanted, (width - 2) // 2))
    return max(own, 0), max(width - own - 2, 0)


def wrapped(text: str, width: int | None, indent: str) -> list[str]:
    """The text in lines of that width, for what may not be shortened; those after the first are indented further."""
    if width is None or cells(text) + len(indent) <= width:
        return [indent + text]
    import textwrap

    hanging = indent + "  "
    return textwrap.wrap(text, max(width, 20), initial_indent=indent, subsequent_indent=hanging, break_on_hyphens=False)


def duration(seconds: float) -> str:
    """For a person to read: `12 s`, `3 min 2 s`, `1 h 5 min`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"

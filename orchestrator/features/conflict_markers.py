"""Conflict markers around one feature or one top-level key, as git writes them around lines."""

from __future__ import annotations

import re
from typing import NamedTuple

from orchestrator.features.spans import Span

_line_rest = re.compile(r"[ \t]*,?[ \t]*(?:\r?\n|$)").match
_comma_and_line_end = re.compile(r"[ \t\r\n]*,[ \t]*(?:\r?\n)?").match


class Look(NamedTuple):
    """How markers look: their length, and whether the common ancestor's text is shown (git's diff3)."""

    size: int = 7
    ancestor: bool = False


class Block(NamedTuple):
    """One item in conflict: its text in `ours`, in `theirs` and in the common ancestor (`was`), None if absent there.

    `span` is where the item stands in the merged list. `before` is the end of the item before it; None if it is the
    first, or if the one before is in conflict too. `last`: no item follows.
    """

    span: Span
    ours: str | None
    theirs: str | None
    was: str | None
    before: int | None
    last: bool


def patch(text: str, block: Block, look: Look) -> tuple[int, int, str]:
    """The item replaced by both sides between markers, each side with the comma that it needs."""
    eol = "\r\n" if "\r\n" in text else "\n"
    start, lead, end, tail = _region(text, block)
    tail = tail if tail.endswith("\n") else tail + eol
    parts = [("<", " ours", block.ours), ("|", " base", block.was), ("=", "", block.theirs)]
    if not look.ancestor:
        del parts[1]
    new = "" if start == 0 or text[start - 1] == "\n" else eol
    for sign, label, side in parts:
        new += sign * look.size + label + eol + ("" if side is None else lead + side + tail)
    return start, end, new + ">" * look.size + " theirs" + eol


def _region(text: str, block: Block) -> tuple[int, str, int, str]:
    """(start of the block, text before the item in it, end of the block, text after the item in it)."""
    span = block.span
    deleted = block.ours is None or block.theirs is None
    if deleted and block.last and block.before is not None:
        rest = _line_rest(text, span.end)
        end = rest.end() if rest else span.end
        return block.before, text[block.before : span.start], end, text[span.end : end]
    line = text.rfind("\n", 0, span.start) + 1
    start = span.start if text[line : span.start].strip() else line
    rest = (_comma_and_line_end if deleted and not block.last else _line_rest)(text, span.end)
    end = rest.end() if rest else span.end
    return start, text[start : span.start], end, text[span.end : end]

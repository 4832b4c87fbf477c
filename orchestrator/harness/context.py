"""The compiled context: what a session should know, within a budget. Pure: texts in, one text out."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

_CUT = "(cut: too long)"
_LEAST = 10  # words of a piece that are worth being there


class Piece(NamedTuple):
    """Something to know, in the section of this title."""

    section: str
    text: str


def tokens(text: str) -> int:
    """About how many tokens a text is: 1.3 for each word, rounded up."""
    return -(-13 * len(text.split()) // 10)


def fitting(pieces: Sequence[Piece], limit: int) -> Sequence[Piece]:
    """The first of the pieces, as many as are within `limit` tokens."""
    words = itertools.accumulate(len(piece.text.split()) for piece in pieces)
    return pieces[: sum(13 * count <= 10 * limit for count in words)]


def compiled(title: str, pieces: Sequence[Piece], limit: int, backwards: frozenset[str] = frozenset()) -> str:
    """The context of the pieces, the most important first, within `limit` tokens: whatever comes last goes first, and
    the one that no longer fits whole is cut. Sections of `backwards` are shown from the least to the most important,
    such as lines of a log.
    """
    whole = _rendered(title, pieces, (), backwards)
    if tokens(whole) <= limit:
        return whole
    kept = list(_within(10 * limit // 13 - _words(title) - 1 - _words(_left_out(pieces)), pieces))
    for count in range(len(kept), -1, -1):
        text = _rendered(title, kept[:count], pieces[count:], backwards)
        if tokens(text) <= limit:
            return text
    return ""


def _within(words: int, pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The first of the pieces that take at most so many words with their sections' titles, the last one cut."""
    section = ""
    for piece in pieces:
        words -= _words(piece.section) + 1 if piece.section != section else 0
        section = piece.section
        if _words(piece.text) > words:
            if words - _words(_CUT) >= _LEAST:
                yield _cut(piece, words - _words(_CUT))
            return
        words -= _words(piece.text)
        yield piece


def _cut(piece: Piece, words: int) -> Piece:
    """The beginning of the piece, at most so many words of it and of what closes a code block."""
    kept: list[str] = []
    words -= 1
    for line in piece.text.splitlines():
        if len(line.split()) > words:
            kept.append(" ".join(line.split()[:words]))
            break
        kept.append(line)
        words -= len(line.split())
    return piece._replace(text="\n".join([*kept, *_closing(kept), _CUT]))


def _closing(lines: Iterable[str]) -> Iterator[str]:
    """What ends a code block that the lines open and don't end."""
    fence = ""
    for line in lines:
        if fence:
            fence = "" if line.strip() == fence else fence
        elif line.startswith("```"):
            fence = line[: len(line) - len(line.lstrip("`"))]
    if fence:
        yield fence


def _words(text: str) -> int:
    return len(text.split())


def _rendered(title: str, kept: Sequence[Piece], left_out: Sequence[Piece], backwards: frozenset[str]) -> str:
    parts = [f"# {title}"]
    for section, members in itertools.groupby(kept, key=lambda piece: piece.section):
        texts = [piece.text.strip("\n") for piece in members]
        lines = all("\n" not in text and not text.startswith("#") for text in texts)
        shown = reversed(texts) if section in backwards else texts
        parts += [f"## {section}", ("\n" if lines else "\n\n").join(shown)]
    if left_out:
        parts.append(_left_out(left_out))
    return "\n\n".join(parts) + "\n"


def _left_out(pieces: Iterable[Piece]) -> str:
    """How many pieces of each section are not there."""
    groups = itertools.groupby(pieces, key=lambda piece: piece.section)
    counts = [f"{len(list(members))} of {section}" for section, members in groups]
    return f"Left out for want of room: {', '.join(counts)}."

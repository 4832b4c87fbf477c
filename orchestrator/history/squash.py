"""The commits that one message tells of: its own, or those that a squash put together, oldest first."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

_QUOTED = re.compile(r'^(Revert|Reapply) "(.*)"(?: \([#!]\d+\))?$', re.DOTALL)
_COMMIT = re.compile(r"^commit ([0-9a-f]{40,64})\b")
_BULLET = re.compile(r"^[-*][ \t]+")
_MERGED = re.compile(r"^Merged PR \d+: ")  # Azure puts it before the title of a request


class Part(NamedTuple):
    """One commit of a squash, or the whole message; `sha` is "" where the message does not tell it."""

    sha: str
    subject: str
    lines: tuple[str, ...]


def unbulleted(line: str) -> str:
    """The line without the blanks around it and one bullet."""
    return _BULLET.sub("", line.strip())


def bare(line: str) -> str:
    """The same without the words that a hosting service puts before a title."""
    return _MERGED.sub("", unbulleted(line))


def quotes(line: str) -> bool:
    """Whether it is the subject of a revert, or of its revert."""
    return bool(_QUOTED.match(bare(line)))


def body(part: Part) -> Sequence[str]:
    """The lines below the part's subject."""
    for at, line in enumerate(part.lines):
        if part.subject in (line.strip(), unbulleted(line)):
            return part.lines[at + 1 :]
    return part.lines


def target_of(subject: str) -> str:
    """The subject of the commit that a commit with this subject undoes; "" when it quotes none.

    `Reapply "S"` is git's name (since 2.43) for the revert of `Revert "S"`. A hosting service puts the number of the
    request behind it: `Revert "S" (#13)`.
    """
    quoted = _QUOTED.match(_MERGED.sub("", subject))
    if not quoted:
        return ""
    return f'Revert "{quoted[2]}"' if quoted[1] == "Reapply" else quoted[2]


def parts(lines: Sequence[str], subject: str, speaks: Callable[[str], bool]) -> list[Part]:
    """The commits of the message, oldest first; `speaks` says whether a line completes or reopens something."""
    if any(_COMMIT.match(line) for line in lines):
        return _merged(lines)
    starts = _bulleted(lines) or _joined(lines, speaks)
    if not starts:
        return [Part("", subject, tuple(lines))]
    cuts = [0, *[at for at in starts if at], len(lines)]
    segments = [lines[start:end] for start, end in pairwise(cuts)]
    return [Part("", unbulleted(_first(segment)), tuple(segment)) for segment in segments]


def _first(lines: Sequence[str]) -> str:
    return next((line.strip() for line in lines if line.strip()), "")


def _merged(lines: Sequence[str]) -> list[Part]:
    """`git merge --squash` lists the commits newest first, each message indented by four blanks."""
    blocks: list[tuple[str, list[str]]] = [("", [])]
    for line in lines:
        start = _COMMIT.match(line)
        if start:
            blocks.append((start[1], []))
        else:
            blocks[-1][1].append(line)
    indented = [[line for line in block if line.startswith("    ")] if sha else [] for sha, block in blocks]
    return [
        Part(sha, _first(message), tuple(block))
        for (sha, block), message in zip(blocks[::-1], indented[::-1], strict=True)
    ]


def _bulleted(lines: Sequence[str]) -> list[int]:
    """Where the commits start in the squash of a hosting service that reverts something: their subjects are
    bullets, all of one sort. [] when it is no such message.
    """
    reverts = [line for line in lines if _BULLET.match(line) and quotes(line)]
    if not reverts:
        return []
    return [at for at, line in enumerate(lines) if line[:1] == reverts[0][0] and _BULLET.match(line)]


def _joined(lines: Sequence[str], speaks: Callable[[str], bool]) -> list[int]:
    """Where the commits start that `git rebase -i` squashed into one message, of which a later one is a revert:
    as far as the paragraphs tell. [] when it is no such message.
    """
    heads = [at for at, line in enumerate(lines) if line.strip() and not (at and lines[at - 1].strip())]
    reverts = [
        at for at, below in pairwise(heads)
        if _QUOTED.match(lines[at]) and lines[below].startswith("This reverts commit ")
    ]  # fmt: skip
    if not reverts or reverts == heads[:1]:
        return []
    targets = {target_of(lines[at].strip()) for at in reverts}
    return [at for at in heads if at in reverts or lines[at].strip() in targets or speaks(lines[at])]

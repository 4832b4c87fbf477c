"""Lines that look like a completion or a reopening and count for less than they seem to (docs/contract.md, 4)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import NamedTuple

from orchestrator.history.events import Words, named_ids, quote
from orchestrator.history.squash import bare

_AND = r"(?:(?:and|und|&|\+|;|,|/)\s*)"


class Miss(NamedTuple):
    """A line as it stands, the features that it seems to name and does not, and the words that would count."""

    line: str
    ids: tuple[str, ...]
    would: str
    completes: bool

    def __str__(self) -> str:
        counted = ", ".join(self.ids)
        return f'"{self.line}" does not count for {counted}: write "{self.would}"'


def suspicious(message: str, words: Words) -> list[str]:
    """The lines that may be misses, whatever features there are."""
    return [bare(line) for line in message.split("\n") if any(_found(bare(line), words))]


def misses(lines: Collection[str], words: Words, known: Collection[str]) -> list[Miss]:
    """The misses among the lines, now that it is known which features there are."""
    return [miss for line in lines for prefix in words if (miss := _miss(line, prefix, words, known))]


def nearest(id: str, known: Collection[str]) -> str:
    """The known id that is most like this one; "" for none."""
    import difflib

    return next(iter(difflib.get_close_matches(id, list(known), 1, 0.6)), "")


def _miss(line: str, prefix: str, words: Words, known: Collection[str]) -> Miss | None:
    rest = _rest(line, prefix)
    if rest is None:
        return None
    counted = named_ids(line, prefix)
    meant = _ids(rest, known)
    missed = tuple(id for id in meant if id not in counted)
    if not missed:
        return None
    would = f"{prefix} {', '.join(map(quote, [*(id for id in counted if id in known), *missed]))}"
    return Miss(line, missed, would, prefix == words.completed)


def _found(line: str, words: Words) -> Iterator[bool]:
    """Whether the line has the words in another form, or goes on after the ids that it names."""
    for prefix in words:
        rest = _rest(line, prefix)
        if rest is None:
            continue
        counted = named_ids(line, prefix)
        tail = rest
        for id in counted:
            tail = tail.replace(quote(id), "", 1).lstrip(" \t,")
        yield not counted or bool(tail)


def _rest(line: str, prefix: str) -> str | None:
    """What follows the words, whatever their case and blanks, and behind a type as of Conventional Commits."""
    found = _loose(prefix).match(line)
    return found[1].strip() if found else None


@lru_cache(maxsize=8)
def _loose(prefix: str) -> re.Pattern[str]:
    tokens = re.findall(r"\w+|[^\w\s]", prefix)
    parts = [re.escape(part) + ("" if part[0].isalnum() else "?") for part in tokens]
    kind = r"(?:[a-z]+(?:\([^)]*\))?!?:\s*)?"
    return re.compile(kind + r"\s*".join(parts) + r"(?![\w-])\s*:?\s*(.+)", re.IGNORECASE)


def _ids(text: str, known: Collection[str]) -> list[str]:
    """The ids at the beginning of the text that are features, however they are joined."""
    found: list[str] = []
    rest = text
    while rest:
        quoted = re.match(r'"((?:[^"\\]|\\.)+)"', rest)
        bare_id = re.match(r"[^\s,;&+]+", rest)
        one = quoted or bare_id
        id = quoted[1] if quoted else bare_id[0] if bare_id else ""
        id = id if id in known else id.rstrip(".:!")
        if one is None or id not in known:
            return found
        found.append(id)
        gap = re.match(rf"\s*{_AND}*", rest[one.end() :])
        rest = rest[one.end() + (gap.end() if gap else 0) :]
    return found

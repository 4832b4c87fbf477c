"""Notes of the memory as text: a Markdown file each, with a few lines before it that say of what and when it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import NamedTuple

KINDS = ("strategies", "constraints", "failures", "entities")
_HEAD = re.compile(r"---[ \t]*\r?\n(?P<lines>.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_LINE = re.compile(r"(?P<name>\w+):[ \t]*(?P<value>.*?)[ \t\r]*")
_PLAIN = re.compile(r"[A-Za-z0-9][\w./@+-]*")
_NAMED = re.compile(r"(?:attempt-)?(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)")
_TAIL = 2000  # characters of what failed


class Note(NamedTuple):
    """`path` is below the memory's folder; `feature` is the id that it is about, "" for none; `created` an ISO 8601
    time, which orders notes.
    """

    path: str
    feature: str
    created: str
    text: str

    @property
    def when(self) -> str:
        """`created` for a person."""
        return self.created.replace("T", " ")[:16]


def written(feature: str, outcome: str, created: str, text: str) -> str:
    """A note's file."""
    about = feature if _PLAIN.fullmatch(feature) else json.dumps(feature, ensure_ascii=False)
    return f"---\nfeature: {about}\noutcome: {outcome}\ncreated: {created}\n---\n\n{text.strip()}\n"


def parsed(path: str, content: str, changed: str) -> Note:
    """The note in a file, whoever wrote it. Where it does not say when it was made, its name does, else `changed`."""
    found = _HEAD.match(content.lstrip("\ufeff"))
    fields = _fields(found["lines"]) if found else {}
    text = content.lstrip("\ufeff")[found.end() :] if found else content
    return Note(path, fields.get("feature", ""), fields.get("created") or _by_name(path) or changed, text.strip())


def _fields(lines: str) -> dict[str, str]:
    found = {}
    for line in lines.splitlines():
        if match := _LINE.fullmatch(line):
            found[match["name"]] = _value(match["value"])
    return found


def _value(text: str) -> str:
    try:
        value = json.loads(text) if text.startswith('"') else text
    except ValueError:
        value = text
    return value if isinstance(value, str) else text


def _by_name(path: str) -> str:
    found = _NAMED.match(path.rpartition("/")[2])
    return "{}-{}-{}T{}:{}:{}".format(*found.groups()) if found else ""


def newest_first(notes: Iterable[Note]) -> list[Note]:
    return sorted(notes, key=lambda note: (note.created, note.path), reverse=True)


def of_attempt(attempt: int, session: int, reason: str) -> str:
    """What is noted of an attempt that failed: the first line of the reason, and the end of the rest."""
    first, _, rest = reason.strip().partition("\n")
    head = f"Attempt {attempt} (session {session}) failed: {first}"
    return f"{head}\n\n{_fenced(ending(rest))}" if rest.strip() else head


def ending(text: str) -> str:
    """The end of a long text, from the beginning of a line."""
    text = text.strip("\n")
    return text if len(text) <= _TAIL else text[-_TAIL:].partition("\n")[2] or text[-_TAIL:]


def _fenced(text: str) -> str:
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{fence}\n{text}\n{fence}"

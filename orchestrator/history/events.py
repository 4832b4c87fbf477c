"""What one commit message says about features: completions, reopenings, reverts, trailers (SPEC 4)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from orchestrator.history.squash import Part, parts, target_of, unbulleted

COMPLETED = "session: completed"
REOPENED = "session: reopened"
DIGEST_TRAILER = "Feature-Digest"
VERIFIED_TRAILER = "Verified"
REVERTS = "This reverts commit "

_REVERT = re.compile(
    r"^[ \t]*(?:[-*][ \t]+)?This reverts commit ([0-9a-f]{4,64})"
    r"(?:,\s+reversing\s+changes\s+made\s+to\s+([0-9a-f]{4,64}))?",
    re.MULTILINE,
)


class Words(NamedTuple):
    """The two prefixes that the project's history uses."""

    completed: str = COMPLETED
    reopened: str = REOPENED


class Revert(NamedTuple):
    """One `This reverts commit SHA`: `sha` as written, `target_subject` the subject that the quoting names
    ("" where the subject quotes none), `mainline` the parent named by `reversing changes made to`.
    """

    sha: str
    target_subject: str = ""
    mainline: str = ""


class Message(NamedTuple):
    """All that a message says; `digests` maps an id to the definition that it completed."""

    subject: str
    completed: tuple[str, ...] = ()
    reopened: tuple[str, ...] = ()
    reverts: tuple[Revert, ...] = ()
    digests: Mapping[str, str] = {}
    verified: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.completed or self.reopened or self.reverts)


def parse(message: str, words: Words = Words()) -> Message:
    """The events of one commit message; a squash message counts for what is left of what it tells of."""
    lines = message.split("\n")
    subject = next((line.strip() for line in lines if line.strip()), "")
    digests, verified = _trailers(lines)
    if "This reverts commit" not in message and words.reopened not in message:
        completed = tuple(_unique(id for line in lines for id in _ids(line, words.completed)))
        return Message(subject, completed, (), (), digests, verified)
    told = parts(lines, subject, lambda line: any(_ids(line, words.completed)) or any(_ids(line, words.reopened)))
    completed, reopened, reverts = _net(told, words)
    return Message(subject, completed, reopened, reverts, digests, verified)


def completion_line(id: str, words: Words = Words()) -> str:
    """The line that completes the feature `id`."""
    return f"{words.completed} {quote(id)}"


def quote(id: str) -> str:
    """`id` as a completion line or a trailer names it: bare, or as a JSON string."""
    if not id or re.search(r'[\s,"]', id) or not id.isprintable():
        return json.dumps(id, ensure_ascii=False)
    return id


def named_ids(line: str, prefix: str) -> list[str]:
    """The ids that one line names after `prefix`: exact, whole, in order."""
    return list(_ids(line, prefix))


def _ids(line: str, prefix: str) -> Iterator[str]:
    text = unbulleted(line)
    if not text.startswith(prefix) or text[len(prefix) : len(prefix) + 1] not in (" ", "\t"):
        return
    rest = text[len(prefix) :].strip()
    while rest:
        id, rest = _first_id(rest)
        if not id:
            return
        yield id
        if not rest.startswith(","):
            return
        rest = rest[1:].lstrip()


def _first_id(text: str) -> tuple[str, str]:
    if text.startswith('"'):
        try:
            id, end = json.JSONDecoder().raw_decode(text)
        except ValueError:
            return "", ""
        rest = text[end:]
        return (id, rest) if not rest or rest[0] in ", \t" else ("", "")
    found = re.match(r"[^\s,]+", text)
    return (found[0], text[found.end() :]) if found else ("", "")


def _trailers(lines: Sequence[str]) -> tuple[dict[str, str], tuple[str, ...]]:
    digests: dict[str, str] = {}
    verified: list[str] = []
    for line in lines:
        name, colon, value = line.strip().partition(": ")
        if not colon:
            continue
        if name == DIGEST_TRAILER:
            id, rest = _first_id(value)
            if id and rest.strip():
                digests[id] = rest.split()[0]
        elif name == VERIFIED_TRAILER:
            verified += value.split()[:1]
    return digests, tuple(verified)


def _unique(items: Iterator[str]) -> list[str]:
    return list(dict.fromkeys(items))


def _net(told: Sequence[Part], words: Words) -> tuple[tuple[str, ...], tuple[str, ...], tuple[Revert, ...]]:
    """What the commits together leave: a completion that one of them reverts or reopens later is none."""
    left, undone = _reverted(told)
    completed: dict[str, int] = {}
    reopened: dict[str, None] = {}
    for at, part in enumerate(told):
        for line in part.lines:
            if not undone[at]:
                completed.update((id, at) for id in _ids(line, words.completed))
            for id in _ids(line, words.reopened):
                reopened[id] = None
                if completed.get(id, at) < at:
                    del completed[id]
    return tuple(completed), tuple(reopened), tuple(left)


def _reverted(told: Sequence[Part]) -> tuple[list[Revert], list[bool]]:
    """The reverts of commits outside, oldest first, and which of the parts a standing one inside undoes."""
    undone = [False] * len(told)
    outside: list[Revert] = []
    for at in range(len(told) - 1, -1, -1):
        for revert in reversed(_reverts(told[at])):
            inside = _target_inside(told, at, revert)
            if undone[at]:
                continue
            if inside is None:
                outside.append(revert)
            else:
                undone[inside] = True
    return outside[::-1], undone


def _reverts(part: Part) -> list[Revert]:
    target = target_of(part.subject)
    return [Revert(found[1], target, found[2] or "") for found in _REVERT.finditer("\n".join(part.lines))]


def _target_inside(told: Sequence[Part], at: int, revert: Revert) -> int | None:
    """Which of the parts before `at` the revert undoes; None when it is none of them."""
    for other in range(at - 1, -1, -1):
        if told[other].sha and told[other].sha.startswith(revert.sha):
            return other
    for other in range(at - 1, -1, -1):
        if revert.target_subject and told[other].subject == revert.target_subject:
            return other
    return None

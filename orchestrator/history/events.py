"""What one commit message says about features: completions, reopenings, reverts, trailers (docs/contract.md, 4)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from orchestrator.history.squash import Part, bare, body, parts, target_of

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


# What hosting services write where they tell no commit: `Reverts OWNER/REPO#12`, `Reverts !12`, and two whole
# sentences. A number names the request that is undone.
_REQUEST = re.compile(
    r"^[ \t]*(?:Reverts \S*?[#!](\d+)\b|This reverts (?:merge|pull) request\b(?:[^\n]*?[#!](\d+)\b)?)", re.MULTILINE
)
_TRAILER = re.compile(r"[A-Za-z][A-Za-z-]*: \S")


class Revert(NamedTuple):
    """One `This reverts commit SHA`: `sha` as written, `target_subject` the subject that the quoting names
    ("" where the subject quotes none), `mainline` the parent named by `reversing changes made to`.

    Without `sha` it is what a hosting service writes: the commit of the request `request` ("" where no number is
    told), or the one of that subject.
    """

    sha: str
    target_subject: str = ""
    mainline: str = ""
    request: str = ""


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
    if not any(mark in message for mark in ("This reverts commit", 'Revert "', 'Reapply "', words.reopened)):
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
    text = bare(line)
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
    """What the commits together leave: a completion that one of them reverts is none, and where a feature is both
    completed and reopened, the last word counts.
    """
    left, undone = _reverted(told)
    completed: dict[str, None] = {}
    reopened: dict[str, None] = {}
    for at, part in enumerate(told):
        for line in part.lines:
            for id in _ids(line, words.completed) if not undone[at] else ():
                completed[id] = None
                reopened.pop(id, None)
            for id in _ids(line, words.reopened):
                reopened[id] = None
                completed.pop(id, None)
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
    named = [Revert(found[1], target, found[2] or "") for found in _REVERT.finditer("\n".join(part.lines))]
    if named or not target:
        return named
    below = body(part)
    request = _REQUEST.search("\n".join(below))
    if request:
        return [Revert("", target, request=request[1] or request[2] or "")]
    # A body of nothing but trailers is empty too: hosting services add those of all authors.
    return [] if any(line.strip() and not _TRAILER.match(line.strip()) for line in below) else [Revert("", target)]


def _target_inside(told: Sequence[Part], at: int, revert: Revert) -> int | None:
    """Which of the parts before `at` the revert undoes; None when it is none of them."""
    for other in range(at - 1, -1, -1):
        if revert.sha and told[other].sha.startswith(revert.sha):
            return other
    for other in range(at - 1, -1, -1):
        if revert.target_subject and told[other].subject == revert.target_subject:
            return other
    return None

"""What one commit message says about features: completions, reopenings, reverts, trailers (SPEC 4)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

COMPLETED = "session: completed"
REOPENED = "session: reopened"
DIGEST_TRAILER = "Feature-Digest"
VERIFIED_TRAILER = "Verified"

_REVERT = re.compile(
    r"^[ \t]*(?:[-*][ \t]+)?This reverts commit ([0-9a-f]{4,64})"
    r"(?:,\s+reversing\s+changes\s+made\s+to\s+([0-9a-f]{4,64}))?",
    re.MULTILINE,
)
_QUOTED = re.compile(r'^(Revert|Reapply) "(.*)"$', re.DOTALL)
_SQUASHED_COMMIT = re.compile(r"^commit ([0-9a-f]{40,64})\b")
_BULLET = re.compile(r"^[-*][ \t]+")


@dataclass(frozen=True)
class Words:
    """The two prefixes that the project's history uses."""

    completed: str = COMPLETED
    reopened: str = REOPENED


@dataclass(frozen=True)
class Revert:
    """One `This reverts commit SHA`: `sha` as written, `target_subject` the subject that the quoting names
    ("" where the subject quotes none), `mainline` the parent named by `reversing changes made to`.
    """

    sha: str
    target_subject: str = ""
    mainline: str = ""


@dataclass(frozen=True)
class Message:
    """All that a message says; `digests` maps an id to the definition that it completed."""

    subject: str
    completed: tuple[str, ...] = ()
    reopened: tuple[str, ...] = ()
    reverts: tuple[Revert, ...] = ()
    digests: dict[str, str] = field(default_factory=dict)
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
    completed, reopened, reverts = _net(_told(lines, subject), words)
    return Message(subject, completed, reopened, reverts, digests, verified)


def completion_line(id: str, words: Words = Words()) -> str:
    """The line that completes the feature `id`."""
    return f"{words.completed} {quote(id)}"


def quote(id: str) -> str:
    """`id` as a completion line or a trailer names it: bare, or as a JSON string."""
    if not id or re.search(r'[\s,"]', id) or not id.isprintable():
        return json.dumps(id, ensure_ascii=False)
    return id


def target_of(subject: str) -> str:
    """The subject of the commit that a commit with this subject undoes; "" when it quotes none.

    `Reapply "S"` is git's name (since 2.43) for the revert of `Revert "S"`.
    """
    quoted = _QUOTED.match(subject)
    if not quoted:
        return ""
    return f'Revert "{quoted[2]}"' if quoted[1] == "Reapply" else quoted[2]


def named_ids(line: str, prefix: str) -> list[str]:
    """The ids that one line names after `prefix`: exact, whole, in order."""
    return list(_ids(line, prefix))


def _ids(line: str, prefix: str) -> Iterator[str]:
    text = _unbulleted(line)
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


def _unbulleted(line: str) -> str:
    return _BULLET.sub("", line.strip())


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


@dataclass(frozen=True)
class _Told:
    """One of the commits that a message tells of: a squashed one, or the commit itself."""

    sha: str
    subject: str
    lines: tuple[str, ...]


def _told(lines: Sequence[str], subject: str) -> list[_Told]:
    """The commits that the message tells of, oldest first."""
    if any(_SQUASHED_COMMIT.match(line) for line in lines):
        return _squashed(lines)
    segments: list[list[str]] = [[]]
    for line in lines:
        if _BULLET.match(line) and _QUOTED.match(_unbulleted(line)):
            segments.append([line])  # a hosting service's squash: the subjects as bullets, oldest first
        else:
            segments[-1].append(line)
    subjects = [subject] + [_unbulleted(segment[0]) for segment in segments[1:]]
    return [_Told("", name, tuple(segment)) for name, segment in zip(subjects, segments, strict=True)]


def _squashed(lines: Sequence[str]) -> list[_Told]:
    """`git merge --squash` lists the commits newest first, each message indented by four blanks."""
    blocks: list[tuple[str, list[str]]] = [("", [])]
    for line in lines:
        start = _SQUASHED_COMMIT.match(line)
        if start:
            blocks.append((start[1], []))
        else:
            blocks[-1][1].append(line)
    told = []
    for sha, block in blocks:
        subject = next((line.strip() for line in block if line.startswith("    ") and line.strip()), "") if sha else ""
        told.append(_Told(sha, subject, tuple(block)))
    return told[::-1]


def _net(told: list[_Told], words: Words) -> tuple[tuple[str, ...], tuple[str, ...], tuple[Revert, ...]]:
    """What the commits together leave: a completion that one of them reverts or reopens later is none."""
    reverts = [_reverts(commit) for commit in told]
    undone = [False] * len(told)
    outside: list[list[Revert]] = [[] for _ in told]
    for at in range(len(told) - 1, -1, -1):
        for revert in reverts[at]:
            inside = _target_inside(told, at, revert)
            if inside is None:
                outside[at].append(revert)
            elif not undone[at]:
                undone[inside] = True
    completed: dict[str, None] = {}
    reopened: dict[str, None] = {}
    for at, commit in enumerate(told):
        for line in commit.lines:
            for id in _ids(line, words.completed):
                if not undone[at]:
                    completed[id] = None
            for id in _ids(line, words.reopened):
                reopened[id] = None
                if len(told) > 1:
                    completed.pop(id, None)
    left = [revert for at, found in enumerate(outside) if not undone[at] for revert in found]
    return tuple(completed), tuple(reopened), tuple(left)


def _reverts(commit: _Told) -> list[Revert]:
    text = "\n".join(commit.lines)
    target = target_of(commit.subject)
    return [Revert(found[1], target, found[2] or "") for found in _REVERT.finditer(text)]


def _target_inside(told: list[_Told], at: int, revert: Revert) -> int | None:
    """Which of the commits before `at` the revert undoes; None when it is none of them."""
    for other in range(len(told)):
        if told[other].sha and told[other].sha.startswith(revert.sha):
            return other if other < at else None
    for other in range(at - 1, -1, -1):
        lines = told[other].lines if not told[other].sha else ()
        if revert.target_subject and (
            told[other].subject == revert.target_subject
            or any(_unbulleted(line) == revert.target_subject for line in lines)
        ):
            return other
    return None

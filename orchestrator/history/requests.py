"""Which commit a hosting service means that undoes a request and tells no commit: by its number, or by its title."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from orchestrator.git.plumbing import Git, failure
from orchestrator.history.events import Revert
from orchestrator.history.walk import LOG

_NUMBER = re.compile(r" \((?:[#!]|pull request #)\d+\)$")

# How each service begins or ends the subject of the commit that a request came to, and GitLab the body.
_SUBJECTS = (
    "Merge pull request #{} ",
    "Merged PR {}: ",
    "Pull request #{}: ",
)
_ENDS = (" (#{})", " (!{})", "(pull request #{})")
_BODY = r"(?m)^See merge request \S*!{}$"


class Found(NamedTuple):
    """A commit that a request came to."""

    sha: str
    merge: bool


class _Record(NamedTuple):
    sha: str
    merge: bool
    subject: str
    message: str


def find(git: Git, sha: str, revert: Revert) -> Found | None:
    """The newest ancestor of the commit `sha` that is the request's own, else the newest of the quoted subject, else
    the newest that differs from it by the number at the end alone; None when there is none.
    """
    title = unnumbered(revert.target_subject)
    exact: _Record | None = None
    alike: _Record | None = None
    for one in _ancestors(git, sha, title, revert.request):
        if revert.request and is_of_request(one.message, one.subject, revert.request):
            return Found(one.sha, one.merge)
        if exact is None and one.subject == revert.target_subject:
            exact = one
            if not revert.request:
                break
        if alike is None and title in (one.subject, unnumbered(one.subject)) and _agree(one.subject, revert):
            alike = one
    chosen = exact or alike
    return Found(chosen.sha, chosen.merge) if chosen else None


def unnumbered(subject: str) -> str:
    """The subject without the number of a request behind it."""
    return _NUMBER.sub("", subject)


def is_of_request(message: str, subject: str, number: str) -> bool:
    """Whether a commit of this message is what the request of the number came to."""
    if any(subject.startswith(form.format(number)) for form in _SUBJECTS):
        return True
    if any(subject.endswith(form.format(number)) for form in _ENDS):
        return True
    return bool(re.search(_BODY.format(number), message))


def _agree(subject: str, revert: Revert) -> bool:
    """Whether only one of the two subjects has a number: two different ones are two requests."""
    return not (_NUMBER.search(subject) and _NUMBER.search(revert.target_subject))


def _ancestors(git: Git, sha: str, title: str, number: str) -> Iterator[_Record]:
    """The ancestors that may be meant, newest first, read only as far as they are asked for."""
    marks = [title, *([f"#{number}", f"!{number}", f"PR {number}: "] if number else [])]
    greps = [f"--grep={mark}" for mark in marks if mark]
    with git.open(*LOG, "--fixed-strings", *greps, f"{sha}^@", "--") as process:
        assert process.stdout is not None
        rest = b""
        while chunk := process.stdout.read1(1 << 16):  # type: ignore[attr-defined]
            *records, rest = (rest + chunk).split(b"\0")
            yield from map(_record, records)
        if rest:
            yield _record(rest)
        assert process.stderr is not None
        said = process.stderr.read()
        if process.wait():
            raise failure(LOG, process.returncode, said)


def _record(raw: bytes) -> _Record:
    line, _, text = raw.decode("utf-8", "surrogateescape").split("\n", 2)
    subject = next((one.strip() for one in text.split("\n") if one.strip()), "")
    return _Record(line.split(" ", 1)[0], line.count(" ") > 1, subject, text)

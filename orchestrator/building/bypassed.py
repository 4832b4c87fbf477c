"""Commits of a session that went past the user's own pre-commit hook, as git's trace of the session tells."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from orchestrator.git import user_hooks
from orchestrator.git.place import Place

_VARIABLE = "GIT_TRACE2_EVENT"
_LONGEST = 50_000_000  # bytes of a trace that are read
# `git commit` options that take the next word, so that it is no option itself.
_TAKES_A_WORD = frozenset({"-m", "-F", "-C", "-c", "-t", "--message", "--file", "--author", "--date", "--template"})


def environment(trace: Path) -> Mapping[str, str]:
    """What makes every git of a session write its arguments into the file."""
    return {_VARIABLE: trace.absolute().as_posix()}


def sentences(place: Place, trace: Path) -> list[str]:
    """A sentence where a commit of the session asked git to run no hooks, and the user has a pre-commit hook."""
    try:
        with trace.open("rb") as file:
            lines = file.read(_LONGEST).splitlines()
    except OSError:
        return []
    if not any(_skips(arguments) for arguments in _commands(lines)):
        return []
    if not user_hooks.command(place, "pre-commit"):
        return []
    return ["the session committed with --no-verify, past the pre-commit hook"]


def _commands(lines: Sequence[bytes]) -> Iterator[list[str]]:
    for line in lines:
        if b'"event":"start"' not in line:
            continue
        try:
            arguments = json.loads(line).get("argv")
        except ValueError:
            continue
        if isinstance(arguments, list):
            yield [str(word) for word in arguments]


def _skips(arguments: Sequence[str]) -> bool:
    """Whether it is a `git commit` (or merge, or am) that asks for no hooks."""
    words = iter(arguments[1:])
    command = next((word for word in words if word in ("commit", "merge", "am")), "")
    if not command:
        return False
    for word in words:
        if word == "--":
            return False
        if word in _TAKES_A_WORD:
            next(words, "")
        elif word.startswith("--"):
            if word.startswith("--no-veri"):
                return True
        elif command == "commit" and word.startswith("-") and _has_n(word[1:]):
            return True
    return False


def _has_n(cluster: str) -> bool:
    """Whether -n is among short options in one word; after m, F, C, c, t or S the rest is that option's value."""
    for letter in cluster:
        if letter == "n":
            return True
        if letter in "mFCctSu":
            return False
    return False

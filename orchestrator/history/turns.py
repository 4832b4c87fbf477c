"""The commits that turned flags of the list, read from git newest first, and only as far as they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from orchestrator.errors import OrchestratorError
from orchestrator.features import model
from orchestrator.features.dialects.tables import Rules
from orchestrator.git.plumbing import Git, failure
from orchestrator.history.events import Words, parse
from orchestrator.history.listed import Turn, Word, turned, words

# Merges aside: what a merge came to is told by what it merged. Each commit with all that it changed, its message first.
_LOG = (
    "log", "-z", "--raw", "--no-abbrev", "--no-renames", "--no-ext-diff", "--full-history", "--full-diff",
    "--no-merges", "--root", "--no-show-signature", "--encoding=UTF-8", "--format=%x02%H%n%ct%n%B%x03",
)  # fmt: skip
_FIRST, _MORE = 4, 32
_ENOUGH = 64  # versions of the list: whoever has looked at so many looks at them all, and never again


class Version(NamedTuple):
    """A commit that changed the list: what the list was and became ("" for none), and whether nothing else changed."""

    sha: str
    time: int
    message: str
    before: str
    after: str
    alone: bool


class Found(NamedTuple):
    """The turns, and whether all of the history that was asked about has been looked at."""

    turns: dict[str, Turn]
    whole: bool


def head_words(git: Git, head: str, name: str, rules: Rules) -> dict[str, Word] | None:
    """What the list `name` of the commit says; None where it has none, or none that can be read."""
    entry = git.objects([f"{head}:{name}"])[0]
    return _words(entry[2], name, rules) if entry and entry[1] == "blob" else None


def find(
    git: Git,
    name: str,
    head: str,
    without: Sequence[str],
    prefixes: Words,
    rules: Rules,
    cut: Collection[str],
    enough: Callable[[dict[str, Turn]], bool],
) -> Found:
    """The turns of the list `name` from `head` back, without what the commits `without` reach, until there is
    `enough`. Commits at the border of a shallow history (`cut`) turned nothing: what was before them can't be seen.
    """
    found: dict[str, Turn] = {}
    known: dict[str, dict[str, Word]] = {"": {}}
    versions = _versions(git, name, head, without)
    seen, size = 0, _FIRST
    while some := list(islice(versions, size)):
        _read(git, name, rules, some, known)
        for one in some:
            flags = {} if one.sha in cut else turned(known[one.before], known[one.after], alone=one.alone)
            if flags:
                found[one.sha] = Turn(one.time, parse(one.message, prefixes), flags)
        seen, size = seen + len(some), _MORE
        known = {"": {}, some[-1].before: known[some[-1].before]}
        if seen < _ENOUGH and enough(found):
            return Found(found, whole=False)
    return Found(found, whole=True)


def _read(git: Git, name: str, rules: Rules, versions: Sequence[Version], known: dict[str, dict[str, Word]]) -> None:
    wanted = [blob for one in versions for blob in (one.after, one.before) if blob not in known]
    blobs = list(dict.fromkeys(wanted))
    for blob, entry in zip(blobs, git.objects(blobs), strict=True):
        known[blob] = (_words(entry[2], name, rules) if entry else None) or {}


def _words(content: bytes, name: str, rules: Rules) -> dict[str, Word] | None:
    try:
        return words(model.parse(content, name, rules, lenient=True).features)
    except OrchestratorError:
        return None


def _versions(git: Git, name: str, head: str, without: Sequence[str]) -> Iterator[Version]:
    args = (*_LOG, head, *(f"^{sha}" for sha in without), "--", f":(literal){name}")
    with git.open(*args) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        tokens: list[str] = []
        rest = b""
        while chunk := process.stdout.read1(1 << 16):  # type: ignore[attr-defined]
            *whole, rest = (rest + chunk).split(b"\0")
            for raw in whole:
                token = raw.decode("utf-8", "surrogateescape")
                if token.startswith("\x02") and tokens:
                    yield _version(tokens, name)
                    tokens = []
                tokens.append(token)
        if tokens:
            yield _version(tokens, name)
        said = process.stderr.read()
        if process.wait():
            raise failure(args, process.returncode, said)


def _version(tokens: Sequence[str], name: str) -> Version:
    """The message, then `:MODE MODE BLOB BLOB STATUS` and a path for each file."""
    sha, time, message = tokens[0][1:].rstrip("\n").removesuffix("\x03").split("\n", 2)
    changed = dict(zip(tokens[2::2], tokens[1::2], strict=True))
    before, after = changed[name].split()[2:4]
    return Version(sha, int(time), message, before.strip("0") and before, after.strip("0") and after, len(changed) == 1)

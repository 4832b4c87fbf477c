"""Reading a history from git: how the commits hang together, and those that may say something."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, NamedTuple

from orchestrator.git.plumbing import Git, failure
from orchestrator.history.events import REVERTS, Message, Words, parse
from orchestrator.history.nearly import suspicious

if TYPE_CHECKING:
    import subprocess

Step = tuple[str, list[str]]  # a commit and the commits before it

# A record is `SHA PARENT...`, the time, and the message as stored but in UTF-8; each ends in a NUL.
LOG = ("log", "-z", "--no-show-signature", "--encoding=UTF-8", "--format=%H %P%n%ct%n%B")
_START = re.compile(rb"\0([0-9a-f ]+)\n")
_BLOCK = 1 << 20
_PAUSE = 0.005


class Walk(NamedTuple):
    """`steps` come parents first and may leave out commits that only continue the one before them; `records`
    are the commits that say something: when they were committed, and what. `shas` are all the commits where the
    walk went down to the roots, else none. `suspects` are lines that may count for less than they seem to.
    """

    steps: list[Step]
    records: dict[str, tuple[int, Message]]
    shas: AbstractSet[str] = frozenset()
    suspects: dict[str, list[str]] = {}


def whole(git: Git, head: str, words: Words, more: Mapping[str, tuple[int, Message]] = {}) -> Walk:
    """All commits that `head` reaches; `more` are records of commits that count although their messages say nothing."""
    records = dict(more)
    suspects: dict[str, list[str]] = {}
    chain = _Chain(head, records)
    needles = _needles(words)
    with git.open(*LOG, head, "--") as process:
        for block in _blocks(process, _PAUSE if _widen(process) else 0.0):
            records.update(_said(_marked(block, needles), words, suspects))
            chain.extend(_START.findall(block))
        _check(process)
    return Walk(chain.steps() or _sorted(chain.parents(), head), records, chain.shas, suspects)


def newer(
    git: Git, head: str, words: Words, known: Callable[[str], bool], more: Mapping[str, tuple[int, Message]] = {}
) -> Walk:
    """The commits from `head` back to those that are known, and whatever git printed before it was stopped."""
    needles = _needles(words)
    ends = _OpenEnds(head, known)
    records = dict(more)
    suspects: dict[str, list[str]] = {}
    with git.open(*LOG, head, "--") as process:
        for block in _blocks(process):
            records.update(_said(_marked(block, needles), words, suspects))
            if not all(ends.after(*line.decode("ascii").rstrip().split(" ")) for line in _START.findall(block)):
                process.kill()
                return Walk(_sorted(ends.parents, head), records, suspects=suspects)
        _check(process)
    return Walk(_sorted(ends.parents, head), records, suspects=suspects)


def _needles(words: Words) -> list[bytes]:
    marks = [REVERTS, 'Revert "', 'Reapply "']
    # Of the project's words the longest one, in any case: a line that has them in another form is looked at too.
    longest = [max(re.findall(r"\w+", word), key=len, default=word).lower() for word in words]
    return [mark.encode("utf-8", "surrogateescape") for mark in (*dict.fromkeys(longest), *marks)]


def _widen(process: subprocess.Popen[bytes]) -> bool:
    """Whether the pipe could be made to hold a block: Linux alone knows how."""
    assert process.stdout is not None
    try:
        import fcntl

        return fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, _BLOCK) >= _BLOCK
    except (ImportError, AttributeError, OSError):
        return False


def _blocks(process: subprocess.Popen[bytes], pause: float = 0.0) -> Iterator[bytes]:
    """The output as it comes, cut into whole records, with a NUL before the first and after the last.

    git writes a few kilobytes at a time, and waking a reader for each costs it a seventh of its time: where there is
    much, `pause`, in seconds, is slept after each block, for the pipe to fill.
    """
    assert process.stdout is not None
    rest = b""
    size = 0
    while chunk := os.read(process.stdout.fileno(), _BLOCK):
        size += len(chunk)
        whole, nul, rest = (rest + chunk).rpartition(b"\0")
        if nul:
            yield b"\0" + whole + nul
        if pause and size > _BLOCK:
            time.sleep(pause)


def _check(process: subprocess.Popen[bytes]) -> None:
    assert process.stderr is not None
    errors = process.stderr.read()
    if process.wait():
        raise failure(LOG, process.returncode, errors)


def _marked(block: bytes, needles: Sequence[bytes]) -> Iterator[bytes]:
    """The records that hold a mark, found without a step of Python for each record."""
    lowered = block.lower()
    for needle in needles:
        text = lowered if needle.islower() else block
        at = text.find(needle)
        while at >= 0:
            end = block.index(b"\0", at)
            yield block[block.rindex(b"\0", 0, at) + 1 : end]
            at = text.find(needle, end)


def _said(
    records: Iterable[bytes], words: Words, suspects: dict[str, list[str]]
) -> Iterator[tuple[str, tuple[int, Message]]]:
    """What each commit says, where it does say something: worked out here, while git goes on."""
    for record in records:
        line, time, text = record.decode("utf-8", "surrogateescape").split("\n", 2)
        message = parse(text, words)
        if lines := suspicious(text, words):
            suspects[line.split(" ", 1)[0]] = lines
        if message:
            yield line.split(" ", 1)[0], (int(time), message)


class _Chain:
    """Commits as git lists them, children first, without those that only continue a line of history.

    Where a commit's one parent is the next in the list, nothing has to be known of it, unless it says
    something (`records`) or another commit names it as a parent.
    """

    def __init__(self, head: str, records: Container[str]) -> None:
        self._length = len(head)
        self._records = records
        self.shas: set[str] = set()
        self._lines: list[str] = []
        self._next: list[str] = []  # the last line, until it is known what follows
        self._kept: list[tuple[str, list[str] | None]] = []  # None: the parent is the next one kept
        self._named = {head}

    def extend(self, lines: Sequence[bytes]) -> None:
        """Add `SHA PARENT...` lines."""
        more = self._next + b"\n".join(lines).decode("ascii").split("\n") if lines else self._next
        self._next = more[-1:]
        self._add(more[:-1], [line[: self._length] for line in more[1:]])

    def _add(self, lines: list[str], following: list[str]) -> None:
        self._lines += lines
        shas = [line[: self._length] for line in lines]
        self.shas.update(shas)
        parents = [line[self._length + 1 :] for line in lines]
        turns = {at for at, (own, below) in enumerate(zip(parents, following, strict=True)) if own != below}
        self._named.update(parent for at in turns for parent in parents[at].split())
        named, records = self._named, self._records
        for at in [
            at for at, sha in enumerate(shas) if at in turns or sha in named or sha in records or not parents[at]
        ]:
            self._kept.append((shas[at], parents[at].split() if at in turns else None))

    def steps(self) -> list[Step] | None:
        """The commits that are left, parents first; None when git did not list them so (a clock was wrong)."""
        self._finish()
        steps: list[Step] = []
        seen: set[str] = set()
        below: list[str] = []
        for sha, parents in reversed(self._kept):
            above = below if parents is None else parents
            if not seen.issuperset(above):
                return None
            steps.append((sha, above))
            seen.add(sha)
            below = [sha]
        return steps

    def _finish(self) -> None:
        self._add(self._next, [""] * len(self._next))
        self._next = []

    def parents(self) -> dict[str, list[str]]:
        """All the commits."""
        return {sha: parents for sha, *parents in (line.rstrip().split(" ") for line in self._lines)}


class _OpenEnds:
    """Which commits are still to come; with skewed dates a parent may have come before its child."""

    def __init__(self, head: str, known: Callable[[str], bool]) -> None:
        self.parents: dict[str, list[str]] = {}
        self._waiting = {head}
        self._known = known

    def after(self, sha: str, *parents: str) -> bool:
        """Note the commit; whether any is still missing."""
        self.parents[sha] = list(parents)
        todo = [sha]
        while todo:
            at = todo.pop()
            if at not in self._waiting or at not in self.parents:
                continue
            self._waiting.discard(at)
            new = [] if self._known(at) else [p for p in self.parents[at] if not self._known(p)]
            self._waiting.update(new)
            todo += new
        return bool(self._waiting)


def _sorted(parents: dict[str, list[str]], head: str) -> list[Step]:
    """The commits from `head` on, parents first; no recursion, for a history is longer than the stack."""
    done: set[str] = set()
    steps: list[Step] = []
    stack = [head]
    while stack:
        sha = stack[-1]
        missing = [p for p in parents[sha] if p in parents and p not in done] if sha not in done else []
        if missing:
            stack.extend(missing)
            continue
        stack.pop()
        if sha not in done:
            done.add(sha)
            steps.append((sha, parents[sha]))
    return steps

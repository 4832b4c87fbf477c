"""The index: every commit that says something, scanned once and kept under the git dir.

A commit never changes, so what it says is kept by its id for ever; only how the repository is looked at can
change (shallow, replace refs, the prefixes), and then the index is made anew. It may be deleted at any time.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from orchestrator.git.place import Place
from orchestrator.git.plumbing import failure
from orchestrator.history import ledger
from orchestrator.history.events import Message, Revert, Words, parse
from orchestrator.history.ledger import Event, Ledger, Undoing

VERSION = 1
_HEADS_KEPT = 64


@dataclass
class Index:
    """The events in the order they were found (ancestors first), and for some commits the newest events
    before them (`tips`, the commit itself counted): the heads that were asked for.
    """

    fit: str
    events: list[Event] = field(default_factory=list)
    tips: dict[str, tuple[int, ...]] = field(default_factory=dict)
    changed: bool = False

    def __post_init__(self) -> None:
        self.by_sha = {event.sha: at for at, event in enumerate(self.events)}


def read(place: Place, words: Words) -> Ledger:
    """The ledger of HEAD, from the index brought up to date; the index on disk follows."""
    if place.head is None:
        return Ledger()
    path = place.store / "events.json"
    index = _load(path, _fit(place, words))
    tips = _tips(place, index, place.head, words)
    if index.changed:
        _save(path, index)
    return ledger.build(index.events, tips, head=place.head, shallow=place.shallow, words=words)


def scan(place: Place, words: Words) -> Ledger:
    """The ledger of HEAD read from the history alone, whatever the index on disk says."""
    if place.head is None:
        return Ledger()
    index = Index("")
    tips = _tips(place, index, place.head, words)
    return ledger.build(index.events, tips, head=place.head, shallow=place.shallow, words=words)


def _fit(place: Place, words: Words) -> str:
    """A digest over all that changes what a commit id means here."""
    parts = [str(VERSION), words.completed, words.reopened]
    for name in ("shallow", "info/grafts"):
        parts.append(_content(place.common_dir / name).decode("latin-1"))
    packed = _content(place.common_dir / "packed-refs")
    replaced = place.common_dir / "refs" / "replace"
    if b" refs/replace/" in packed or replaced.is_dir() or (place.common_dir / "reftable").is_dir():
        parts.append(place.git.text("for-each-ref", "--format=%(refname) %(objectname)", "refs/replace/"))
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _tips(place: Place, index: Index, head: str, words: Words) -> tuple[int, ...]:
    """The newest events reachable from `head`; scans what the index does not know yet."""
    known = _known(index, head)
    if known is not None:
        return known
    walked = _walk(place, index, head, words)
    frontier: dict[str, tuple[int, ...]] = {}
    ancestors = _Above(index)
    for sha, parents in _parents_first(walked, head):
        above: tuple[int, ...] = ()
        for parent in parents:
            there = frontier.get(parent)
            if there is None:
                there = _known(index, parent) or ()
            above = there if not above else _joined(above, there, ancestors)
        if sha in walked.said:
            if sha in index.by_sha:
                above = (index.by_sha[sha],)
            else:
                above = _added(place, index, sha, above, walked.said[sha], words) or above
        frontier[sha] = above
    index.tips[head] = frontier[head]
    index.changed = True
    return index.tips[head]


def _added(
    place: Place, index: Index, sha: str, above: tuple[int, ...], record: bytes, words: Words
) -> tuple[int, ...]:
    """The position of the commit's event, now in the index; () when it says nothing after all."""
    header, _, body = record.partition(b"\n\n")
    text = body.decode("utf-8", "surrogateescape")
    message = parse("\n".join(line.removeprefix("    ") for line in text.split("\n")), words)
    if not message:
        return ()
    stamp = re.search(rb"^committer .*> (-?\d+)", header, re.MULTILINE)
    undoes = _undoings(place, index, sha, message, words)
    index.by_sha[sha] = len(index.events)
    index.events.append(Event(sha, int(stamp[1]) if stamp else 0, message, above, undoes))
    return (index.by_sha[sha],)


def _known(index: Index, sha: str) -> tuple[int, ...] | None:
    if sha in index.tips:
        return index.tips[sha]
    if sha in index.by_sha:
        return (index.by_sha[sha],)
    return None


class _Above:
    """Which events are ancestors of which, looked up step by step and only at merges."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def is_ancestor(self, ancestor: int, of: int) -> bool:
        todo, seen = [of], {of}
        while todo:
            for parent in self._index.events[todo.pop()].parents:
                if parent == ancestor:
                    return True
                if parent > ancestor and parent not in seen:
                    seen.add(parent)
                    todo.append(parent)
        return False


def _joined(one: tuple[int, ...], other: tuple[int, ...], above: _Above) -> tuple[int, ...]:
    """The newest events of two lines of history together."""
    if one == other or not other:
        return one
    both = sorted({*one, *other})
    return tuple(at for at in both if not any(above.is_ancestor(at, later) for later in both if later > at))


@dataclass
class _Walked:
    """Commits with their parents, in git's order, and the records of those that may say something.

    `lines` (`SHA PARENT...`) is used when the index knew nothing, so that the walk went to the roots.
    """

    lines: list[str] = field(default_factory=list)
    parents: dict[str, list[str]] = field(default_factory=dict)
    said: dict[str, bytes] = field(default_factory=dict)


def _walk(place: Place, index: Index, head: str, words: Words) -> _Walked:
    """The commits from `head` back to those that the index knows, or to the roots."""
    args = ["-c", "i18n.logOutputEncoding=UTF-8", "rev-list", "--header", "--parents", head, "--"]
    marks = [words.completed.encode(), words.reopened.encode(), b"This reverts commit "]
    walked = _Walked()
    with place.git.open(*args) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        if not index.events and not index.tips:
            _read_all(process.stdout, marks, walked)
        elif _read_until_known(process.stdout, marks, walked, index, head):
            process.kill()
            return walked
        errors = process.stderr.read()
    if process.returncode:
        raise failure(["rev-list"], process.returncode, errors)
    return walked


def _read_all(stream: IO[bytes], marks: list[bytes], walked: _Walked) -> None:
    """All records of `rev-list --header` (each ends in a NUL), without a step of Python for each commit."""
    line = re.compile(rb"\0([0-9a-f ]+)\n")
    rest = b""
    while chunk := stream.read(1 << 22):
        whole, nul, rest = (rest + chunk).rpartition(b"\0")
        block = b"\0" + whole + nul
        walked.lines += b"\n".join(line.findall(block)).decode("ascii").split("\n")
        for mark in marks:
            at = block.find(mark)
            while at >= 0:
                end = block.index(b"\0", at)
                _keep(block[block.rindex(b"\0", 0, at) + 1 : end], walked)
                at = block.find(mark, end)


def _read_until_known(
    stream: IO[bytes], marks: list[bytes], walked: _Walked, index: Index, head: str
) -> bool:
    """The records up to those that the index knows: whether git may be stopped there."""
    waiting = {head}
    rest = b""
    while chunk := os.read(stream.fileno(), 1 << 20):
        *records, rest = (rest + chunk).split(b"\0")
        for record in records:
            sha, *parents = record[: record.index(b"\n")].decode("ascii").split(" ")
            walked.parents[sha] = parents
            if any(mark in record for mark in marks):
                _keep(record, walked)
            if not _still_open(sha, walked, waiting, index):
                return True
    return False


def _keep(record: bytes, walked: _Walked) -> None:
    sha = record[: record.index(b"\n")].decode("ascii").split(" ", 1)[0]
    walked.said[sha] = record


def _still_open(sha: str, walked: _Walked, waiting: set[str], index: Index) -> bool:
    """Whether commits are still to come; with skewed dates a parent may have come before its child."""
    todo = [sha]
    while todo:
        at = todo.pop()
        if at not in waiting or at not in walked.parents:
            continue
        waiting.discard(at)
        if _known(index, at) is None:
            for parent in walked.parents[at]:
                if _known(index, parent) is None:
                    waiting.add(parent)
                    todo.append(parent)
    return bool(waiting)


def _parents_first(walked: _Walked, head: str) -> Iterable[tuple[str, list[str]]]:
    """Each commit between `head` and what is known, with its parents, after its parents."""
    if walked.lines:
        order = []
        seen: set[str] = set()
        for line in reversed(walked.lines):
            sha, *parents = line.split(" ")
            order.append((sha, parents))
            if not seen.issuperset(parents):
                break  # git's order is by date; a clock was wrong
            seen.add(sha)
        else:
            return order
        walked.parents = {sha: parents for sha, *parents in (line.split(" ") for line in walked.lines)}
    return _sorted(walked.parents, head)


def _sorted(commits: dict[str, list[str]], head: str) -> Iterator[tuple[str, list[str]]]:
    done: set[str] = set()
    stack = [head]
    while stack:
        sha = stack[-1]
        missing = [p for p in commits[sha] if p in commits and p not in done] if sha not in done else []
        if missing:
            stack.extend(missing)
            continue
        stack.pop()
        if sha not in done:
            done.add(sha)
            yield sha, commits[sha]


def _undoings(place: Place, index: Index, sha: str, message: Message, words: Words) -> tuple[Undoing, ...]:
    return tuple(
        found
        for revert in message.reverts
        if (found := _undoing(place, index, sha, revert, words)) is not None
    )


def _undoing(place: Place, index: Index, sha: str, revert: Revert, words: Words) -> Undoing | None:
    """What the revert in the commit `sha` undoes; None when that is no event, so that it changes nothing."""
    if revert.mainline:
        return _merge_undoing(place, index, sha, revert, words)
    if revert.sha in index.by_sha or not revert.target_subject:
        return Undoing(revert.sha, revert.target_subject)
    if not any(event.message.subject == revert.target_subject for event in index.events):
        return Undoing(revert.sha, revert.target_subject)
    if parse(revert.target_subject, words) or revert.target_subject.startswith(("Revert ", "Reapply ")):
        return Undoing(revert.sha, revert.target_subject)  # any commit of this subject is an event
    if _is_ancestor(place, revert.sha, sha):
        return None
    newest = _newest_with_subject(place, sha, revert.target_subject)
    return Undoing(newest) if newest else None


def _merge_undoing(place: Place, index: Index, sha: str, revert: Revert, words: Words) -> Undoing | None:
    merge, kept = revert.sha, revert.mainline
    if not _is_ancestor(place, merge, sha):
        merge = _newest_with_subject(place, sha, revert.target_subject) if revert.target_subject else ""
        if not merge:
            return None
        kept = f"{merge}^1"
    brought = _events_of(place, index, merge, words) - _events_of(place, index, kept, words)
    return Undoing(merge, brought=tuple(sorted(brought)))


def _events_of(place: Place, index: Index, name: str, words: Words) -> set[int]:
    """All events reachable from the commit `name`; none where the repository does not have it."""
    done = place.git.try_run("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    if done.returncode:
        return set()
    found: set[int] = set()
    todo = list(_tips(place, index, done.stdout.decode().strip(), words))
    while todo:
        at = todo.pop()
        if at not in found:
            found.add(at)
            todo.extend(index.events[at].parents)
    return found


def _is_ancestor(place: Place, ancestor: str, sha: str) -> bool:
    return place.git.try_run("merge-base", "--is-ancestor", ancestor, sha).returncode == 0


def _newest_with_subject(place: Place, sha: str, subject: str) -> str:
    args = ("log", "--fixed-strings", f"--grep={subject}", "--format=%H %s", f"{sha}^@", "--")
    for line in place.git.try_run(*args).stdout.decode("utf-8", "surrogateescape").splitlines():
        found, _, text = line.partition(" ")
        if text == subject:
            return found
    return ""


def _load(path: Path, fit: str) -> Index:
    """The index on disk; an empty one where it is absent, of another version, damaged or does not fit."""
    try:
        data = json.loads(path.read_bytes())
        if data["fit"] != fit:
            return Index(fit)
        return Index(
            fit,
            [_event(item) for item in data["events"]],
            {sha: tuple(tips) for sha, tips in data["tips"].items()},
        )
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError):
        return Index(fit)


def _save(path: Path, index: Index) -> None:
    """Best effort: a cache that can't be written costs time, nothing else."""
    heads = list(index.tips.items())[-_HEADS_KEPT:]
    data = {"fit": index.fit, "events": [_item(event) for event in index.events], "tips": dict(heads)}
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps(data, separators=(",", ":")))
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)


def _item(event: Event) -> list[object]:
    said = event.message
    undoes = [[u.sha, u.subject, u.brought] for u in event.undoes]
    return [
        event.sha,
        event.time,
        event.parents,
        said.subject,
        said.completed,
        said.reopened,
        undoes,
        said.digests,
        said.verified,
    ]


def _event(item: list[object]) -> Event:
    sha, time, parents, subject, completed, reopened, undoes, digests, verified = item
    message = Message(subject, tuple(completed), tuple(reopened), (), digests, tuple(verified))  # type: ignore[arg-type]
    found = tuple(Undoing(s, t, None if b is None else tuple(b)) for s, t, b in undoes)  # type: ignore[attr-defined]
    return Event(sha, time, message, tuple(parents), found)  # type: ignore[arg-type]

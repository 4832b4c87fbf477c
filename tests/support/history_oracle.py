"""What a history says, worked out slowly and straight from SPEC section 4: the judge of the ledger.

It shares no code with the package: one `git log` of everything HEAD reaches, sets of ancestors, recursion.
"""

from __future__ import annotations

import json
import subprocess
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

HEX = set("0123456789abcdef")


class Reverting(NamedTuple):
    """`This reverts commit SHA`, perhaps of a merge, in a commit that quotes `subject`."""

    sha: str
    subject: str
    kept: str


class Said(NamedTuple):
    """What one message says."""

    completed: list[str]
    reopened: list[str]
    reverts: list[Reverting]


class Commit(NamedTuple):
    """One commit of the graph."""

    sha: str
    parents: list[str]
    time: int
    message: str


def first_line(text: str) -> str:
    return text.strip("\n").split("\n")[0].strip() if text.strip() else ""


def quoted_by(subject: str) -> str:
    for word, form in (("Revert", "%s"), ("Reapply", 'Revert "%s"')):
        if subject.startswith(word + ' "') and subject.endswith('"') and len(subject) > len(word) + 2:
            return form % subject[len(word) + 2 : -1]
    return ""


def bare(line: str) -> str:
    """The line without its blanks and its one bullet."""
    text = line.strip()
    if text[:2] in ("- ", "* ", "-\t", "*\t"):
        text = text[2:].strip()
    return text


def ids_on(line: str, prefix: str) -> list[str]:
    """Character by character: id {"," id}, then free text."""
    text = bare(line)
    if not text.startswith(prefix) or len(text) <= len(prefix) or text[len(prefix)] not in " \t":
        return []
    text = text[len(prefix) :].lstrip()
    ids = []
    while text:
        at = 0
        if text[0] == '"':
            at = 1
            while at < len(text) and text[at] != '"':
                at += 2 if text[at] == "\\" else 1
            at += 1
            try:
                id = json.loads(text[:at])
            except ValueError:
                break
            if text[at : at + 1] not in ("", " ", "\t", ","):
                break
        else:
            while at < len(text) and text[at] not in " \t,":
                at += 1
            id = text[:at]
        if not id:
            break
        ids.append(id)
        if text[at : at + 1] != ",":
            break
        text = text[at + 1 :].lstrip()
    return ids


def revert_on(line: str) -> tuple[str, str] | None:
    """(sha, parent kept or "") of a line `This reverts commit ...`; its second half may be on the next line."""
    text = bare(line)
    mark = "This reverts commit "
    if not text.startswith(mark):
        return None
    sha = leading_hex(text[len(mark) :])
    if len(sha) < 4:
        return None
    rest = " ".join(text[len(mark) + len(sha) :].split())
    reversing = ", reversing changes made to "
    kept = leading_hex(rest[len(reversing) :]) if rest.startswith(reversing) else ""
    return sha, kept


def leading_hex(text: str) -> str:
    length = 0
    while length < len(text) and text[length] in HEX:
        length += 1
    return text[:length]


def said(message: str, completed: str = "session: completed", reopened: str = "session: reopened") -> Said:
    """What a message says, the parts of a `merge --squash` added up."""
    lines = message.split("\n")
    joined: list[str] = []
    for line in lines:  # git wraps the sentence about a merge
        if joined and joined[-1].rstrip().endswith(", reversing") and "This reverts commit" in joined[-1]:
            joined[-1] = joined[-1].rstrip() + " " + line.strip()
        else:
            joined.append(line)
    blocks = squashed(joined)
    if blocks is None:
        blocks = [("", first_line(message), joined)]
    gone = undone_inside(blocks)
    done: list[str] = []
    again: list[str] = []
    left: list[Reverting] = []
    for number, (_, subject, block) in enumerate(blocks):
        for line in block:
            if number not in gone:
                done += [id for id in ids_on(line, completed) if id not in done]
            for id in ids_on(line, reopened):
                again += [id] if id not in again else []
                if len(blocks) > 1 and id in done:
                    done.remove(id)
            found = revert_on(line)
            if found and number not in gone and target_inside(blocks, number, found[0], subject) is None:
                left.append(Reverting(found[0], quoted_by(subject), found[1]))
    return Said(done, again, left)


def squashed(lines: list[str]) -> list[tuple[str, str, list[str]]] | None:
    """The commits of a `git merge --squash` message, oldest first; None when it is not one."""
    starts = [at for at, line in enumerate(lines) if line.startswith("commit ") and leading_hex(line[7:])[39:]]
    if not starts:
        return None
    blocks = []
    for at, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        body = lines[at + 1 : end]
        subject = next((line.strip() for line in body if line.startswith("    ") and line.strip()), "")
        blocks.append((leading_hex(lines[at][7:]), subject, body))
    blocks.append(("", "", lines[: starts[0]]))
    return blocks[::-1]


def target_inside(blocks: list[tuple[str, str, list[str]]], number: int, sha: str, subject: str) -> int | None:
    by_id = [at for at, block in enumerate(blocks[:number]) if block[0] and block[0].startswith(sha)]
    wanted = quoted_by(subject)
    by_subject = [at for at, block in enumerate(blocks[:number]) if wanted and block[1] == wanted]
    return (by_id or by_subject or [None])[-1]


def undone_inside(blocks: list[tuple[str, str, list[str]]]) -> set[int]:
    """The squashed commits that a squashed, standing one reverts: the last one is never reverted."""
    gone: set[int] = set()
    for number in range(len(blocks) - 1, -1, -1):
        for line in blocks[number][2]:
            found = revert_on(line)
            target = target_inside(blocks, number, found[0], blocks[number][1]) if found else None
            if target is not None and number not in gone:
                gone.add(target)
    return gone


class History:
    """The graph under one commit of a repository."""

    def __init__(self, repo: Path, head: str = "HEAD") -> None:
        out = subprocess.run(
            ["git", "-c", "i18n.logOutputEncoding=UTF-8", "log", "-z", "--format=%H%x01%P%x01%ct%x01%B", head, "--"],
            cwd=repo, capture_output=True, check=False,
        )  # fmt: skip
        self.commits: dict[str, Commit] = {}
        for record in out.stdout.decode("utf-8", "surrogateescape").split("\0"):
            if record:
                sha, parents, time, message = record.split("\x01", 3)
                self.commits[sha] = Commit(sha, parents.split(), int(time), message)
        self.shallow = {
            sha for sha, commit in self.commits.items() if any(p not in self.commits for p in commit.parents)
        }

    @cached_property
    def said(self) -> dict[str, Said]:
        return {sha: said(commit.message) for sha, commit in self.commits.items()}

    @cached_property
    def ancestors(self) -> dict[str, set[str]]:
        """Proper ancestors of each."""
        found: dict[str, set[str]] = {}
        todo = list(self.commits)
        while todo:
            sha = todo[-1]
            parents = [p for p in self.commits[sha].parents if p in self.commits]
            missing = [p for p in parents if p not in found]
            if missing:
                todo += missing
                continue
            found[todo.pop()] = set(parents).union(*(found[p] for p in parents))
        return found

    def newest(self, of: str, subject: str) -> str | None:
        """The newest ancestor of `of` with the subject: no other one comes after it, then by date."""
        same = {sha for sha in self.ancestors[of] if first_line(self.commits[sha].message) == subject}
        last = [sha for sha in same if not any(sha in self.ancestors[other] for other in same)]
        return max(last, key=lambda sha: (self.commits[sha].time, sha)) if last else None

    def targets(self, sha: str) -> set[str]:
        """The commits that the reverts in `sha` undo."""
        found: set[str] = set()
        for revert in self.said[sha].reverts:
            named = [other for other in self.commits if other.startswith(revert.sha)]
            target = named[0] if len(named) == 1 else self.newest(sha, revert.subject) if revert.subject else None
            if target is None:
                continue
            if not revert.kept:
                found.add(target)
                continue
            kept = [other for other in self.commits if other.startswith(revert.kept)] if named else []
            parent = kept[0] if kept else self.commits[target].parents[:1]
            parent = parent if isinstance(parent, str) else parent[0] if parent else None
            before = self.ancestors[parent] | {parent} if parent else set()
            found |= (self.ancestors[target] | {target}) - before
        return found

    @cached_property
    def reverters(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {sha: set() for sha in self.commits}
        for sha in self.commits:
            for target in self.targets(sha):
                found[target].add(sha)
        return found

    def stands(self, sha: str) -> bool:
        """Whether no standing revert undoes the commit."""
        return not any(self.stands(by) for by in self.reverters[sha])

    def completions(self, id: str) -> set[str]:
        """The completions of the feature that are not cancelled."""
        reopened = [sha for sha, words in self.said.items() if id in words.reopened]
        return {
            sha
            for sha, words in self.said.items()
            if id in words.completed and self.stands(sha) and not any(sha in self.ancestors[by] for by in reopened)
        }

    @cached_property
    def standing(self) -> dict[str, set[str]]:
        ids = {id for words in self.said.values() for id in words.completed}
        return {id: found for id in sorted(ids) if (found := self.completions(id))}

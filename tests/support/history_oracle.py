"""What a history says, worked out slowly and straight from docs/contract.md, section 4: the judge of the ledger.

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
    """`This reverts commit SHA`, perhaps of a merge, in a commit that quotes `subject`; without a sha what a hosting
    service writes, with the number of the request where it tells one.
    """

    sha: str
    subject: str
    kept: str
    number: str = ""


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


def without_number(subject: str) -> str:
    """The subject without ` (#12)`, ` (!12)` or ` (pull request #12)` at its end."""
    for start in (" (#", " (!", " (pull request #"):
        at = subject.rfind(start)
        if at >= 0 and subject.endswith(")") and subject[at + len(start) : -1].isdigit():
            return subject[:at]
    return subject


def quoted_by(subject: str) -> str:
    subject = unmerged(subject)
    for short in (subject, without_number(subject)):
        for word, form in (("Revert", "%s"), ("Reapply", 'Revert "%s"')):
            if short.startswith(word + ' "') and short.endswith('"') and len(short) > len(word) + 2:
                return form % short[len(word) + 2 : -1]
    return ""


def unmerged(text: str) -> str:
    """The text without Azure's `Merged PR 12: `."""
    words = text.split(" ", 3)
    if words[:2] == ["Merged", "PR"] and len(words) == 4 and words[2].endswith(":") and words[2][:-1].isdigit():
        return words[3]
    return text


def unbulleted(line: str) -> str:
    text = line.strip()
    if text[:2] in ("- ", "* ", "-\t", "*\t"):
        text = text[2:].strip()
    return text


def bare(line: str) -> str:
    """The line without its blanks, its one bullet, and a service's words before the title."""
    return unmerged(unbulleted(line)).strip()


def request_on(line: str) -> str | None:
    """The number of the request that a service's sentence undoes, "" where it tells none; None for no such line."""
    text = line.strip()
    told = ("This reverts merge request", "This reverts pull request")
    for start in told:
        if text == start or text.startswith(start + " "):
            return number_in(text[len(start) :])
    if text.startswith("Reverts "):
        word = text.split()[1] if len(text.split()) > 1 else ""
        return number_in(word) or None
    return None


def number_in(text: str) -> str:
    for at, letter in enumerate(text):
        digits = ""
        while letter in "#!" and text[at + 1 + len(digits) : at + 2 + len(digits)].isdigit():
            digits += text[at + 1 + len(digits)]
        if digits:
            return digits
    return ""


def is_trailer(line: str) -> bool:
    name, colon, value = line.strip().partition(": ")
    return bool(colon and value and name[:1].isalpha() and name.replace("-", "").isalpha())


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
    """What a message says, the parts of a squash added up: of a feature the last word counts."""
    lines = message.split("\n")
    joined: list[str] = []
    for line in lines:  # git wraps the sentence about a merge
        if joined and joined[-1].rstrip().endswith(", reversing") and "This reverts commit" in joined[-1]:
            joined[-1] = joined[-1].rstrip() + " " + line.strip()
        else:
            joined.append(line)
    blocks = squashed(joined) or bulleted(joined) or [("", first_line(message), joined)]
    gone = undone_inside(blocks)
    last: dict[str, str] = {}
    left: list[Reverting] = []
    for number, (_, _, block) in enumerate(blocks):
        for line in block:
            for id in ids_on(line, completed):
                if number not in gone:
                    last[id] = "completed"
            for id in ids_on(line, reopened):
                last[id] = "reopened"
        if number not in gone:
            left += [one for one in reverts_in(blocks[number]) if target_inside(blocks, number, one) is None]
    words = {word: [id for id in last if last[id] == word] for word in ("completed", "reopened")}
    return Said(words["completed"], words["reopened"], left)


Block = tuple[str, str, list[str]]


def reverts_in(block: Block) -> list[Reverting]:
    """The reverts of one commit: by sha, else by a service's words, else by its subject over an empty body."""
    _, subject, lines = block
    quoted = quoted_by(subject)
    found = [Reverting(one[0], quoted, one[1]) for line in lines if (one := revert_on(line))]
    if found or not quoted:
        return found
    below: list[str] = []
    for at, line in enumerate(lines):
        if subject in (line.strip(), unbulleted(line)):
            below = lines[at + 1 :]
            break
    numbers = [number for line in below if (number := request_on(line)) is not None]
    if numbers:
        return [Reverting("", quoted, "", numbers[0])]
    silent = all(not line.strip() or is_trailer(line) for line in below)
    return [Reverting("", quoted, "")] if silent else []


def squashed(lines: list[str]) -> list[Block] | None:
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


def bulleted(lines: list[str]) -> list[Block] | None:
    """The commits of a hosting service's squash, oldest first: bullets of one sort, one of them a revert."""
    marks = [line[0] for line in lines if line[:1] in ("-", "*") and line[1:2] in (" ", "\t") and quoted_by(bare(line))]
    if not marks:
        return None
    blocks: list[Block] = [("", first_line("\n".join(lines)), [])]
    for line in lines:
        if line[:1] == marks[0] and line[1:2] in (" ", "\t"):
            blocks.append(("", unbulleted(line), []))
        blocks[-1][2].append(line)
    return blocks if blocks[0][2] else blocks[1:]


def target_inside(blocks: list[Block], number: int, revert: Reverting) -> int | None:
    before = blocks[:number]
    by_id = [at for at, block in enumerate(before) if revert.sha and block[0] and block[0].startswith(revert.sha)]
    by_subject = [at for at, block in enumerate(before) if revert.subject and block[1] == revert.subject]
    return (by_id or by_subject or [None])[-1]


def undone_inside(blocks: list[Block]) -> set[int]:
    """The squashed commits that a squashed, standing one reverts: the last one is never reverted."""
    gone: set[int] = set()
    for number in range(len(blocks) - 1, -1, -1):
        for one in reverts_in(blocks[number]):
            target = target_inside(blocks, number, one)
            if target is not None and number not in gone:
                gone.add(target)
    return gone


class History:
    """The graph under one commit of a repository."""

    def __init__(self, repo: Path, head: str = "HEAD", listed: str = "feature_list.json") -> None:
        self.repo, self.listed = repo, listed
        self.head = _git(repo, "rev-parse", head).strip()
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
    def alone(self) -> dict[str, Said]:
        """What each message says by itself."""
        return {sha: said(commit.message) for sha, commit in self.commits.items()}

    @cached_property
    def said(self) -> dict[str, Said]:
        """The same where a merge does not repeat what the commits say that it brings in."""
        found = dict(self.alone)
        for sha, commit in self.commits.items():
            if len(commit.parents) > 1 and found[sha].completed:
                first, *rest = (self.ancestors[p] | {p} for p in commit.parents if p in self.commits)
                new = set().union(*rest) - first
                repeated = {id for one in new for id in self.alone[one].completed}
                found[sha] = found[sha]._replace(completed=[id for id in found[sha].completed if id not in repeated])
        return found

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
            if not revert.sha:
                found |= self.of_request(sha, revert)
                continue
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

    def of_request(self, sha: str, revert: Reverting) -> set[str]:
        """The commits that a service's revert in `sha` undoes: what the request came to, a merge with all of it."""
        target = self.meant(sha, revert)
        if target is None:
            return set()
        parents = self.commits[target].parents
        if len(parents) < 2:
            return {target}
        return (self.ancestors[target] | {target}) - self.ancestors[parents[0]] - {parents[0]}

    def meant(self, sha: str, revert: Reverting) -> str | None:
        """By the number of the request, by the whole subject, by the subject but for a number behind it."""
        number, subject = revert.number, revert.subject
        numbered = without_number(subject) != subject
        choices: list[set[str]] = [set(), set(), set()]
        for other in self.ancestors[sha]:
            own = first_line(self.commits[other].message)
            if number and (
                own.startswith((f"Merge pull request #{number} ", f"Merged PR {number}: ", f"Pull request #{number}: "))
                or own.endswith((f" (#{number})", f" (!{number})", f"(pull request #{number})"))
                or any(
                    line.startswith("See merge request ") and line.endswith(f"!{number}") and len(line.split()) == 4
                    for line in self.commits[other].message.split("\n")
                )
            ):
                choices[0].add(other)
            if own == subject:
                choices[1].add(other)
            if without_number(own) == without_number(subject) and not (numbered and without_number(own) != own):
                choices[2].add(other)
        for found in choices:
            last = [one for one in found if not any(one in self.ancestors[other] for other in found)]
            if last:
                return max(last, key=lambda one: (self.commits[one].time, one))
        return None

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

    @cached_property
    def root(self) -> str:
        """Where the line of first parents ends; it turns to the side that a merge has the list from."""
        at, name = self.head, self.listed
        while self.commits[at].parents:
            first, *others = self.commits[at].parents
            own = _git(self.repo, "rev-parse", "-q", "--verify", f"{at}:{name}")
            at, before = first, at
            if own and not _git(self.repo, "rev-parse", "-q", "--verify", f"{first}:{name}"):
                for other in others:
                    parts = name.split("/")
                    for known in ("/".join(parts[cut:]) for cut in range(len(parts))):
                        if _git(self.repo, "rev-parse", "-q", "--verify", f"{other}:{known}") == own and at == first:
                            at, name = other, known
            assert at != before
        return at

    def ours(self, sha: str) -> bool:
        """Whether the commit belongs to this project, not to a repository that was joined to it."""
        return self.root in self.ancestors[sha] | {sha}

    def completions(self, id: str) -> set[str]:
        """The completions of the feature that are not cancelled."""
        reopened = [sha for sha, words in self.said.items() if id in words.reopened]
        return {
            sha
            for sha, words in self.said.items()
            if id in words.completed
            and self.ours(sha)
            and self.stands(sha)
            and not any(sha in self.ancestors[by] for by in reopened)
        }

    @cached_property
    def standing(self) -> dict[str, set[str]]:
        ids = {id for words in self.said.values() for id in words.completed}
        return {id: found for id in sorted(ids) if (found := self.completions(id))}

    def flags(self, sha: str) -> dict[str, tuple[bool, bool]]:
        """Of each feature of the commit's list whether it passes, and whether by the mark of a sync."""
        try:
            features = json.loads(_git(self.repo, "show", f"{sha}:{self.listed}") or "[]")
        except ValueError:
            return {}
        features = features["features"] if isinstance(features, dict) else features
        return {str(f["id"]): (bool(f.get("passes")), f.get("passes_from") == "history") for f in features}

    def proof(self, sha: str, id: str, *, on: bool) -> bool | None:
        """Whether the commit turned the flag so, and then whether that proves anything; None where it did not."""
        commit = self.commits[sha]
        if len(commit.parents) > 1:
            return None
        before = self.flags(commit.parents[0]) if commit.parents else {}
        was, had = before.get(id, (False, False))
        passes, mark = self.flags(sha).get(id, (False, False))
        if on:
            changed = _git(self.repo, "diff-tree", "--root", "-r", "--name-only", "--no-commit-id", sha).split()
            return (mark and len(changed) > 1) if passes and not was else None
        return True if not passes and (was or (mark and not had)) and id in self.flags(sha) else None

    def last(self, shas: set[str]) -> str | None:
        top = [sha for sha in shas if not any(sha in self.ancestors[other] for other in shas)]
        return max(top, key=lambda sha: (self.commits[sha].time, sha)) if top else None

    def done(self) -> set[str]:
        """The completed features, by the messages and, where HEAD's list disagrees, by the commits of the list."""
        found = set(self.standing)
        for id, (passes, mark) in self.flags(self.head).items():
            if passes == (id in found) or (passes and not mark):
                continue
            turn = self.last(
                {sha for sha in self.commits if self.ours(sha) and self.proof(sha, id, on=passes) is not None}
            )
            if turn is None or not self.proof(turn, id, on=passes):
                continue
            if passes and not self.stands(turn):
                continue
            completing = {sha for sha, words in self.said.items() if id in words.completed and self.ours(sha)}
            undoing = {by for sha in completing for by in self.reverters[sha] if self.stands(by)}
            reopening = {sha for sha, words in self.said.items() if id in words.reopened}
            word = self.last(completing | undoing | reopening)
            if word is None or word in self.ancestors[turn]:
                (found.add if passes else found.discard)(id)
        return found


def _git(repo: Path, *args: str) -> str:
    done = subprocess.run(["git", *args], cwd=repo, capture_output=True, check=False)
    return done.stdout.decode("utf-8", "surrogateescape")

"""The index: what the history of a head says of a list, scanned once and kept under the git dir.

A commit never changes, so what it says is kept by its id for ever; only how the repository is looked at can
change (shallow, replace refs, the prefixes), and then the index is made anew. It may be deleted at any time.
"""

from __future__ import annotations

import zlib
from functools import cached_property, partial
from pathlib import Path

from orchestrator.errors import OrchestratorError
from orchestrator.features.dialects.tables import BUILT_IN, Rules
from orchestrator.git.place import Place
from orchestrator.history import ledger, listed, store
from orchestrator.history.events import Words
from orchestrator.history.ledger import Ledger
from orchestrator.history.listed import Turn
from orchestrator.history.scanned import Mark, Scanned
from orchestrator.history.store import OfHead, Saved

VERSION = 5
# What can change the meaning of a commit's id, in the git dir that all work trees share: `_fit` reads it.
SOURCES = ("shallow", "info/grafts", "packed-refs", "refs/replace", "reftable/tables.list", "config")
_HEADS_KEPT = 64
_LISTS_KEPT = 8


class Index(Scanned):
    """A scanned history with what commits of the list `name` turned ("" for no list): `turns` by commit, and the heads
    whose history was `searched` for them to the end. `heads` is what was found out about single heads.
    """

    def __init__(
        self, place: Place, words: Words, name: str = "", rules: Rules = BUILT_IN, saved: Saved = Saved()
    ) -> None:
        super().__init__(place, words, saved.events, saved.tips, saved.reached)
        self.name, self.rules = name, rules
        self.suspects.update({sha: list(lines) for sha, lines in saved.suspects.items()})
        self.turns, self.searched, self.heads = dict(saved.turns), list(saved.searched), dict(saved.heads)
        self._count_turns()

    def saved(self) -> Saved:
        """All of it that is worth keeping."""
        heads = list(self.tips)[-_HEADS_KEPT:]
        tips = {head: self.tips[head] for head in heads}
        reached = {head: self.reached[head] for head in heads if head in self.reached}
        of_heads = dict(list(self.heads.items())[-_LISTS_KEPT:])
        searched = self.searched[-_LISTS_KEPT:]
        return Saved(self.events, tips, reached, self.turns, searched, of_heads, self.suspects)

    def ledger(self, head: str) -> Ledger:
        """What the history of `head` says."""
        mark = self.mark()
        self.walked.clear()
        found = self._said_by_messages(head)
        if not self.name:
            return found
        if head not in self.heads:
            self.heads[head] = self._found_out(head, found, mark)
            self.changed = True
            found = self._said_by_messages(head)
        known = self.heads[head]
        behind = None if known.behind is None else frozenset(known.behind)
        return listed.apply(found, known.settled)._replace(behind=behind, marked=frozenset(known.marked))

    def _found_out(self, head: str, found: Ledger, mark: Mark) -> OfHead:
        """What the list of the head, and its commits, say beside the messages."""
        from orchestrator.history import turns

        words = turns.head_words(self.place.git, head, self.name, self.rules)
        if words is None:
            return OfHead()
        wanted = listed.disagreeing(words, found)
        if wanted and self._search(head, wanted, found):
            self.put_back(mark if self.walked.issuperset(set(self.turns) - set(self.by_sha)) else Mark())
            found = self._said_by_messages(head)
        settled = listed.settle(found, wanted, self.turns) if wanted else {}
        standing = listed.apply(found, settled).standing
        behind = [id for id in standing if id not in words or not words[id].passes]
        return OfHead(settled, behind, [id for id in behind if id in words and words[id].marked])

    def _said_by_messages(self, head: str) -> Ledger:
        tips = self.tips_of(head)
        reached = self.reached_by(head)
        return ledger.build(
            self.events, tips, head=head, shallow=self.place.shallow, words=self.words, reached=reached,
            own=partial(self._own, head), cut=self.cut,
        )  # fmt: skip

    @cached_property
    def cut(self) -> frozenset[str]:
        """The commits at the border of a shallow history."""
        return frozenset(_content(self.place.common_dir / "shallow").decode("ascii").split())

    def _own(self, head: str) -> str:
        from orchestrator.history import joins

        return joins.own_root(self.place.git, head, self.name)

    def _search(self, head: str, wanted: dict[str, bool], found: Ledger) -> bool:
        """Look for commits of the list that may settle these; whether any are new to the index."""
        from orchestrator.history import turns

        bound = listed.bound(found, wanted)
        without = [*self._known_heads(), *([bound] if bound else [])]

        def enough(more: dict[str, Turn]) -> bool:
            flags = [turn.flags for turn in more.values()]
            return all(any(id in one and (one[id] is not False) == on for one in flags) for id, on in wanted.items())

        new = turns.find(self.place.git, self.name, head, without, self.words, self.rules, self.cut, enough)
        self.turns.update(new.turns)
        if new.whole and not bound:
            self.searched.append(head)
        self._count_turns()
        self.changed = True
        return bool(set(new.turns) - set(self.by_sha))

    def _known_heads(self) -> list[str]:
        """Those of the searched heads that are still there: a branch may be gone, and its commits."""
        names = [f"{sha}^{{commit}}" for sha in self.searched]
        return [id for id in self.place.git.ids(names) if id]

    def _count_turns(self) -> None:
        self.more = {sha: (turn.time, turn.message) for sha, turn in self.turns.items()}


class Kept:
    """The index in memory and the ledger it gave last, for a process that looks again and again."""

    def __init__(self) -> None:
        self.fit = ""
        self.index: Index | None = None
        self.ledger = Ledger()


def read(
    place: Place, words: Words, kept: Kept | None = None, path: Path | None = None, rules: Rules = BUILT_IN
) -> Ledger:
    """The ledger of HEAD about the list `path`, read by `rules`, from the index brought up to date; the index on disk
    follows.

    Without `path` the messages alone are asked.
    """
    if place.head is None:
        return Ledger()
    kept = kept or Kept()
    name = _name(place, path)
    file = place.store / (f"events-{zlib.crc32(name.encode()):08x}.json" if "/" in name else "events.json")
    fit = _fit(place, words, name, rules)
    if kept.index is None or kept.fit != fit:
        saved = store.load(file, fit)
        kept.fit, kept.index, kept.ledger = fit, Index(place, words, name, rules, saved or Saved()), Ledger()
    index = kept.index
    if kept.ledger.head != place.head:
        index.place = place
        kept.ledger = index.ledger(place.head)
    if index.changed:
        store.save(file, fit, index.saved())
        index.settled()
    return kept.ledger


def scan(place: Place, words: Words, path: Path | None = None) -> Ledger:
    """The ledger of HEAD read from the history alone, whatever the index on disk says."""
    return Index(place, words, _name(place, path)).ledger(place.head) if place.head else Ledger()


def once(place: Place, words: Words, path: Path, rules: Rules) -> Ledger:
    """The ledger of HEAD under other words or rules; the index on disk stays as it is."""
    return Index(place, words, _name(place, path), rules).ledger(place.head) if place.head else Ledger()


def _name(place: Place, path: Path | None) -> str:
    """The list as git names it; "" for one that no commit can hold."""
    try:
        return place.relative(path) if path else ""
    except OrchestratorError:
        return ""


def _fit(place: Place, words: Words, name: str, rules: Rules) -> str:
    """All that changes what a commit id means here."""
    parts = [str(VERSION), words.completed, words.reopened, name, repr(rules)]
    for name in ("shallow", "info/grafts"):
        parts.append(_content(place.common_dir / name).decode("latin-1"))
    packed = _content(place.common_dir / "packed-refs")
    replaced = place.common_dir / "refs" / "replace"
    if b" refs/replace/" in packed or replaced.is_dir() or (place.common_dir / "reftable").is_dir():
        parts.append(place.git.text("for-each-ref", "--format=%(refname) %(objectname)", "refs/replace/"))
        parts.append(place.git.text("config", "--default=true", "core.useReplaceRefs"))
    return "\0".join(parts)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""

"""HEAD's list and the messages disagree: the newer word holds, a message's or the list's (docs/contract.md, 4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from orchestrator.features.dialects.standing import holds
from orchestrator.features.model import Feature
from orchestrator.history.events import Message
from orchestrator.history.ledger import Ledger

HISTORY = "history"


class Word(NamedTuple):
    """What one version of a list says of a feature."""

    passes: bool
    marked: bool


class Turn(NamedTuple):
    """A commit that turned flags of the list: on (True, or None where that proves nothing) or off."""

    time: int
    message: Message
    flags: Mapping[str, bool | None]


def words(features: Iterable[Feature]) -> dict[str, Word]:
    """What a list says of each feature; one whose only word is that it is blocked, or dropped, or a word that nobody
    knows, says nothing of this.
    """
    return {
        feature.id: Word(feature.passes, feature.passes_from == HISTORY)
        for feature in features
        if not (feature.unknown or feature.dropped or holds(feature.data, feature.shape))
    }


def turned(before: Mapping[str, Word], after: Mapping[str, Word], *, alone: bool) -> dict[str, bool | None]:
    """The flags that a commit turned; `alone` says that it changed nothing but the list: then it may be a copy of
    another branch's list, which proves no work.
    """
    found: dict[str, bool | None] = {}
    for id, now in after.items():
        then = before.get(id)
        if now.passes and not (then and then.passes):
            found[id] = True if now.marked and not alone else None
        elif not now.passes and then and then.passes:
            found[id] = False
        elif not now.passes and now.marked and not (then and then.marked):
            found[id] = False  # a list that never had the flag on, turned off where sync had turned it on
    return found


def disagreeing(head: Mapping[str, Word], ledger: Ledger) -> dict[str, bool]:
    """The features of HEAD's list that the messages see otherwise, and whether the list has them as done."""
    found: dict[str, bool] = {}
    for id, word in head.items():
        done = id in ledger.standing
        if word.passes != done and (word.marked or not word.passes) and not ledger.silent(id):
            found[id] = word.passes
    return found


def settle(ledger: Ledger, wanted: Mapping[str, bool], turns: Mapping[str, Turn]) -> dict[str, tuple[str, bool]]:
    """Of the features that are disagreed on those where the list's commit holds: which one, and what it turned."""
    history = ledger.history
    found: dict[str, tuple[str, bool]] = {}
    if history is None:
        return found
    here = [at for at, event in enumerate(history.events) if event.sha in turns and at not in history.foreign]
    for id, on in wanted.items():
        same = [at for at in here if _turned_to(turns[history.events[at].sha].flags, id, on=on)]
        turn = next(iter(history.newest(same)), None)
        if turn is None:
            continue
        sha = history.events[turn].sha
        if on and (turns[sha].flags[id] is None or not history.alive[turn]):
            continue
        said = history.newest(history.words_on(id))
        if not said or history.ancestry.is_ancestor(said[0], turn):
            found[id] = sha, on
    return found


def _turned_to(flags: Mapping[str, bool | None], id: str, *, on: bool) -> bool:
    return id in flags and (flags[id] is not False) == on


def apply(ledger: Ledger, settled: Mapping[str, tuple[str, bool]]) -> Ledger:
    """The ledger with what the list's own commits settle."""
    history = ledger.history
    if not settled or history is None:
        return ledger
    standing, cancelled = dict(ledger.standing), dict(ledger.cancelled)
    for id, (sha, on) in settled.items():
        standing.pop(id, None)
        cancelled.pop(id, None)
        if on:
            standing[id] = (history.completion(history.position[sha], id),)
        else:
            cancelled[id] = (sha, "turned off")
    return ledger._replace(standing=standing, cancelled=cancelled, settled=settled)


def bound(ledger: Ledger, wanted: Iterable[str]) -> str | None:
    """A commit that every commit of the list which could settle one of these comes after; None without one."""
    history = ledger.history
    if history is None:
        return None
    newest = [said[0] if (said := history.newest(history.words_on(id))) else None for id in wanted]
    first = min((at for at in newest if at is not None), default=None)
    if first is None or any(at is None for at in newest):
        return None
    if all(at == first or history.ancestry.is_ancestor(first, at) for at in newest if at is not None):
        return history.events[first].sha
    return None

"""What a revert undoes, as far as its own ancestors tell; HEAD is asked for the rest when a ledger is made.

Nearly every revert names an event among its ancestors, which costs no git process; the others are those that
were rebased or cherry-picked away from what they undo, and the reverts of merges.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Protocol

from orchestrator.git.place import Place
from orchestrator.history.events import Message, Revert, Words, parse
from orchestrator.history.ledger import Event, Undoing
from orchestrator.history.walk import LOG


class Known(Protocol):
    """The index, as far as it matters here."""

    events: list[Event]
    by_sha: dict[str, int]
    subjects: set[str]

    def tips_of(self, sha: str) -> tuple[int, ...]: ...
    def is_ancestor(self, ancestor: str, sha: str) -> bool: ...


def undoing(
    place: Place, known: Known, sha: str, above: tuple[int, ...], revert: Revert, words: Words
) -> Undoing | None:
    """What `revert` in the commit `sha` undoes; None when that is surely no event.

    `above` are the newest events before the commit.
    """
    if not revert.sha:
        return _of_request(place, known, sha, revert)
    if revert.mainline:
        return _of_merge(place, known, sha, revert)
    subject = revert.target_subject
    event = known.by_sha.get(_full(place, known, revert.sha))
    if event is not None and comes_before(known.events, event, above):
        return Undoing(known.events[event].sha)
    if subject not in known.subjects:
        return Undoing(revert.sha, subject)  # it may still name an event of a branch that is merged later
    if event is None and known.is_ancestor(revert.sha, sha):
        return None
    if always_an_event(subject, words):
        return Undoing(revert.sha, subject, asks=event is None)
    newest = newest_with_subject(place, sha, subject)
    instead = (known.by_sha[newest],) if newest in known.by_sha else ()
    return Undoing(revert.sha, subject, instead=instead, asks=event is None)


def _of_merge(place: Place, known: Known, sha: str, revert: Revert) -> Undoing:
    own = brought(place, known, revert.sha, revert.mainline)
    if known.is_ancestor(revert.sha, sha):
        return Undoing(revert.sha, brought=own)
    other = newest_with_subject(place, sha, revert.target_subject) if revert.target_subject else ""
    instead = brought(place, known, other, f"{other}^1") if other else ()
    return Undoing(revert.sha, brought=own, kept=revert.mainline, instead=instead, asks=True)


def _of_request(place: Place, known: Known, sha: str, revert: Revert) -> Undoing | None:
    from orchestrator.history import requests

    found = requests.find(place.git, sha, revert)
    if found is None:
        return Undoing("", revert.target_subject)
    if found.merge:
        return Undoing(found.sha, brought=brought(place, known, found.sha, f"{found.sha}^1"))
    return Undoing(found.sha) if found.sha in known.by_sha else None


def news(events: Sequence[Event], message: Message, above: Sequence[Sequence[int]]) -> Message:
    """What a merge says that none of the commits which it brings in says: hosting services repeat the title of the
    request. `above` are the newest events of each of its parents.
    """
    if not message.completed or len(above) < 2:
        return message
    kept = reached_from(events, above[0])
    brings = reached_from(events, [at for tips in above[1:] for at in tips]) - kept
    repeated = {id for at in brings for id in events[at].message.completed}
    return message._replace(completed=tuple(id for id in message.completed if id not in repeated))


def brought(place: Place, known: Known, merge: str, kept: str) -> tuple[int, ...]:
    """The events that `merge` reaches and `kept` does not; none where the repository has no such commit."""
    one, other = place.git.ids([f"{merge}^{{commit}}", f"{kept}^{{commit}}"])
    if one is None:
        return ()
    before = reached_from(known.events, known.tips_of(other)) if other else set()
    return tuple(sorted(reached_from(known.events, known.tips_of(one)) - before))


def reached_from(events: Sequence[Event], tips: Iterable[int]) -> set[int]:
    """The positions of the events that the tips reach, themselves counted."""
    found: set[int] = set()
    todo = list(tips)
    while todo:
        at = todo.pop()
        if at not in found:
            found.add(at)
            todo.extend(events[at].parents)
    return found


def comes_before(events: Sequence[Event], event: int, tips: Iterable[int]) -> bool:
    """Whether one of the tips is the event or comes after it; only what was found after the event is looked at."""
    todo, seen = [at for at in tips if at >= event], set(tips)
    while todo:
        at = todo.pop()
        if at == event:
            return True
        new = [parent for parent in events[at].parents if parent >= event and parent not in seen]
        seen.update(new)
        todo += new
    return False


def reached(place: Place, names: Collection[str], head: str) -> list[str]:
    """Those of the named commits that `head` reaches, in one walk."""
    wanted = sorted(names)
    ids = dict(zip(wanted, place.git.ids([f"{name}^{{commit}}" for name in wanted]), strict=True))
    there = [id for id in ids.values() if id]
    if not there:
        return []
    beyond = set(place.git.text("rev-list", *there, f"^{head}", "--").split())
    return [name for name, id in ids.items() if id and id not in beyond]


def always_an_event(subject: str, words: Words) -> bool:
    """Whether every commit of this subject says something, so that looking among the events is enough."""
    return bool(parse(subject, words))


def newest_with_subject(place: Place, sha: str, subject: str) -> str:
    """The newest ancestor of the commit whose first line is `subject`; "" when there is none. Raises GitError where git
    can't tell.
    """
    args = (*LOG, "--date-order", "--fixed-strings", f"--grep={subject}", f"{sha}^@", "--")
    for record in place.git.run(*args).decode("utf-8", "surrogateescape").split("\0"):
        line, _, rest = record.partition("\n")
        if rest.partition("\n")[2].strip().split("\n")[0].strip() == subject:
            return line.split(" ", 1)[0]
    return ""


def _full(place: Place, known: Known, sha: str) -> str:
    """The whole id where `sha` is an abbreviation that the repository understands."""
    if len(sha) >= 40 or sha in known.by_sha:
        return sha
    return place.git.ids([f"{sha}^{{commit}}"])[0] or sha

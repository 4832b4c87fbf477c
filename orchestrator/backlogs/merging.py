"""A backlog's entries come into the feature list: new ones added, definitions of existing ones brought up to date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from orchestrator.backlogs import writing
from orchestrator.backlogs.protocol import Backlog, Entry, Id
from orchestrator.errors import OrchestratorError
from orchestrator.features import document, graph, ids, marks, model
from orchestrator.features.dialects.tables import BUILT_IN, Rules
from orchestrator.features.dialects.vocabulary import Vocabulary
from orchestrator.features.model import Feature

EMPTY = b'{\n  "features": []\n}\n'
_ASIDE = frozenset({"priority", "complexity"})  # no part of a definition
MARK = "_imported_from"  # on features whose id was made here: which backlog they are from


class Merged(NamedTuple):
    """The new list, and what became of the entries: ids that are new, id -> fields that changed."""

    data: bytes
    entries: tuple[Entry, ...]
    added: tuple[str, ...]
    changed: Mapping[str, tuple[str, ...]]
    warnings: tuple[str, ...]


def merge(data: bytes, backlog: Backlog, where: str, rules: Rules = BUILT_IN) -> Merged:
    """The list with the entries merged in. Statuses of existing features stay. A second merge changes nothing.

    Raises OrchestratorError for an entry that comes twice, and where the list is broken or would be.
    """
    present = model.parse(data, where, rules).by_id
    entries = _named(backlog.entries, present, backlog.source)
    _refuse_twins(entries, backlog.source)
    entries, cut = _without_circles(entries, present, backlog.source)
    known = [(entry, present[str(entry.id)]) for entry in entries if str(entry.id) in present]
    changes = {feature.id: change for entry, feature in known if (change := writing.change(entry, feature))}
    words = marks.words_of(data, rules, where)
    new = [_feature(entry, backlog.source, words) for entry in entries if str(entry.id) not in present]
    merged = document.edit(data, changes)
    merged = document.append(merged, new) if new else merged
    after = model.parse(merged, where, rules).by_id
    return Merged(
        merged,
        entries,
        tuple(str(item["id"]) for item in new),
        {id: tuple(change) for id, change in changes.items()},
        (*cut, *_dangling(entries, after), *_reworded(changes, present)),
    )


def _named(entries: Sequence[Entry], present: Mapping[str, Feature], source: str) -> tuple[Entry, ...]:
    """The entries with the ids that they have in the list, where their source has none.

    Such an entry is what an earlier import made of it: the feature with its name, else (it was reworded) the one
    with its number, if that is from the same source (the same file of it) and no other entry's.
    """
    own = {id: mark for id, feature in present.items() if isinstance(mark := feature.data.get(MARK), str)}
    by_name: dict[tuple[str, str | None], list[str]] = {}
    for id, mark in own.items():
        by_name.setdefault((mark, present[id].name), []).append(id)
    made = [entry for entry in entries if entry.made]
    named = [(str(entry.id), by_name.get((entry.origin or source, entry.name))) for entry in made]
    ids_ = {id: same.pop(0) for id, same in named if same}
    used = {str(entry.id) for entry in entries if not entry.made} | set(ids_.values())
    for entry in made:
        id = str(entry.id)
        if id not in ids_:
            mine = id not in present or own.get(id) == (entry.origin or source)
            ids_[id] = id if id not in used and mine else _free(id, used | present.keys())
            used.add(ids_[id])
    listed = {id: feature.data["id"] for id, feature in present.items()}
    spelled: dict[str, Id] = {**{str(entry.id): entry.id for entry in entries}, **listed, **ids_}
    return tuple(_renamed(entry, spelled) for entry in entries)


def _free(id: str, taken: Iterable[str]) -> str:
    used, number = set(taken), 2
    while f"{id}-{number}" in used:
        number += 1
    return f"{id}-{number}"


def _renamed(entry: Entry, new: Mapping[str, Id]) -> Entry:
    """With the id and the dependencies as they are written in the list: `"1"` that means the entry 1 becomes 1."""
    id = new[str(entry.id)]
    if entry.dependencies is None:
        return entry._replace(id=id)
    return entry._replace(id=id, dependencies=tuple(new.get(str(other), other) for other in entry.dependencies))


def _refuse_twins(entries: Sequence[Entry], source: str) -> None:
    seen: set[str] = set()
    for entry in entries:
        id = str(entry.id)
        if what := ids.fault(id):
            raise OrchestratorError(what, where=source)
        if id in seen:
            raise OrchestratorError(f"the id {id!r} comes twice", where=source, fix="Give one of them another id")
        seen.add(id)


def _without_circles(
    entries: Sequence[Entry], present: Mapping[str, Feature], source: str
) -> tuple[tuple[Entry, ...], tuple[str, ...]]:
    """The entries without dependencies of what is done that make a circle: nothing waits for those.

    Raises OrchestratorError for a circle of what is not done.
    """
    edges = {id: list(feature.dependencies) for id, feature in present.items()}
    edges.update((str(e.id), [str(id) for id in e.dependencies]) for e in entries if e.dependencies is not None)
    done = {str(entry.id) for entry in entries if entry.state == "done" and entry.dependencies}
    cut: dict[str, set[str]] = {}
    while path := graph.cycle_of(edges):
        at = next((index for index, id in enumerate(path[:-1]) if id in done), None)
        if at is None:
            what = f"the dependencies go in a circle: {' -> '.join(path)}"
            within = any(other.startswith(f"{id}.") for id, other in pairwise(path))
            fold = ", or make subtasks tests of their task: `--subtasks tests`" if within else ""
            raise OrchestratorError(what, where=source, fix=f"Remove one of these dependencies{fold}")
        edges[path[at]].remove(path[at + 1])
        cut.setdefault(path[at], set()).add(path[at + 1])
    lines = (
        f"{id}: is done, and its dependency on {other} makes a circle; left out" for id in cut for other in cut[id]
    )
    return tuple(_cut(entry, cut.get(str(entry.id), set())) for entry in entries), tuple(lines)


def _cut(entry: Entry, gone: set[str]) -> Entry:
    if not gone:
        return entry
    return entry._replace(dependencies=tuple(id for id in entry.dependencies or () if str(id) not in gone))


def _feature(entry: Entry, source: str, words: Vocabulary) -> dict[str, Any]:
    return {**writing.new(entry, words), **({MARK: entry.origin or source} if entry.made else {})}


def _reworded(changes: Mapping[str, Mapping[str, object]], present: Mapping[str, Feature]) -> Iterable[str]:
    """Warnings for done features whose definition changes: a build may build them again."""
    asked = [id for id, change in changes.items() if present[id].passes and not _ASIDE.issuperset(change)]
    if asked:
        named = ", ".join(asked[:5]) + (", ..." if len(asked) > 5 else "")
        yield f"{len(asked)} done, and defined otherwise now: {named}; what a commit completed is built again"


def _dangling(entries: Sequence[Entry], after: Mapping[str, Feature]) -> Iterable[str]:
    """One warning for each dependency that is not in the list."""
    missing: dict[str, list[str]] = {}
    for entry in entries:
        for id in entry.dependencies or ():
            if str(id) not in after:
                missing.setdefault(str(id), []).append(str(entry.id))
    for id, users in missing.items():
        more = f" and {len(users) - 1} more" if len(users) > 1 else ""
        yield f"{users[0]}{more}: depends on {id}, which is neither there nor in the list; kept, and never met"

"""From phase files to entries of feature_list.json: three versions of each field, the hand's word last.

`given` is what each phase last gave to its feature, the base of the merge. What only the phase changed comes in, what
only a hand changed in the list stays, also a deletion; what both changed is told and left as the hand has it. Phase
files set a feature's definition, never its status.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from orchestrator.errors import OrchestratorError
from orchestrator.features import document, model
from orchestrator.features.dialects.tables import BUILT_IN, Rules
from orchestrator.features.document import REMOVE
from orchestrator.features.model import Feature
from orchestrator.features.same import same
from orchestrator.planning.phases import spelling
from orchestrator.planning.phases.phase_file import Phase
from orchestrator.planning.phases.spelling import Spelling

EMPTY = b'{\n  "features": []\n}\n'
OUT = "its phase is no longer in the plan"
_ABSENT = object()
_UNKNOWN = object()
# What the base notes besides the fields: that the phase is gone, and what dropping its feature took the place of.
_GONE, _DROPPED = "gone", "dropped"
_OWN = (_GONE, _DROPPED)


@dataclass(frozen=True)
class Wanted:
    """A phase and what its feature is to hold: `file` from the root, the command that checks it ("" for none)."""

    file: str
    phase: Phase
    verify: str = ""
    ticket: str = ""


@dataclass
class Merged:
    """The new list, the new base, the ids that were added, updated, dropped and taken up again, in order, and a
    sentence for whatever a person has to know.
    """

    data: bytes = b""
    given: dict[str, dict[str, Any]] = field(default_factory=dict)
    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    revived: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


def fields(wanted: Wanted) -> dict[str, Any]:
    """What the phase says of its feature; a check that can't start is a test in words."""
    phase = wanted.phase
    words = [phase.check] if phase.check and not wanted.verify else []
    found: dict[str, Any] = {
        "name": phase.name,
        "description": phase.description,
        "priority": phase.number if phase.priority is None else phase.priority,
        "dependencies": list(phase.depends),
        "tests": [*phase.criteria, *(" ".join(text.split()) for text in words)],
        "inputs": [wanted.file],
    }
    ticket = phase.ticket or wanted.ticket
    return found | ({"verify": wanted.verify} if wanted.verify else {}) | ({"ticket": ticket} if ticket else {})


def merge(
    data: bytes | None,
    phases: Sequence[Wanted],
    given: Mapping[str, Mapping[str, Any]],
    folder: str,
    where: str,
    rules: Rules = BUILT_IN,
) -> Merged:
    """The list with the phases' features brought up to date; `data` is None where there is no list at all.

    `folder` is the plan's folder, `where` the list's name. Raises OrchestratorError for two phases of one id, and for
    a list that would not be valid afterwards.
    """
    known = model.parse(data or EMPTY, where, rules).by_id
    _refuse_twins(phases)
    words = spelling.of(data or EMPTY, known.values(), rules, where)
    made = Merged(given={id: dict(item) for id, item in given.items()})
    changes: dict[str, dict[str, object]] = {}
    added = []
    for item in phases:
        id, now = item.phase.id, fields(item)
        base = given.get(id)
        if id in known:
            changes[id] = _change(made, known[id], now, base, folder, words)
        elif base is None or data is None:
            made.added.append(id)
            added.append(words.entry(id, now))
        elif any(not same(base.get(key), value) for key, value in now.items()):
            made.said.append(
                f"{id}: its phase has changed, but its feature was taken out of {where} by hand; it stays out"
            )
        made.given[id] = now
    _drop(made, known, {item.phase.id for item in phases}, folder, words, changes)
    changes = {id: change for id, change in changes.items() if change}
    merged = document.edit(data or EMPTY, changes)
    made.data = document.append(merged, added) if added else merged
    model.parse(made.data, where, rules)
    return made


def _change(
    made: Merged,
    feature: Feature,
    now: Mapping[str, Any],
    base: Mapping[str, Any] | None,
    folder: str,
    words: Spelling,
) -> dict[str, object]:
    found: dict[str, object] = _taken_up(made, feature, base)
    clashing, updated = [], False
    for what in dict.fromkeys([*now, *(key for key in base or {} if key not in _OWN)]):
        key = words.key(what, feature)
        present, there = _said(feature, what, key), now.get(what, _ABSENT)
        was = _UNKNOWN if base is None else base.get(what, _ABSENT)
        if what == "inputs":
            present, there, was = _inputs(present, there, was, folder)
        if _alike(present, there) or _alike(there, was):
            continue
        if _alike(present, was):
            found[key] = REMOVE if there is _ABSENT else there
            updated = True
        elif what != "priority":
            clashing.append(key)
    if clashing:
        how = "changed in the phase and by hand" if base is not None else "not as in the phase"
        made.said.append(f"{feature.id}: {', '.join(clashing)}: {how}; left as the list has it")
    if updated:
        made.updated.append(feature.id)
    return found


def _taken_up(made: Merged, feature: Feature, base: Mapping[str, Any] | None) -> dict[str, object]:
    """A feature that we dropped and whose phase is there again stands as it did before."""
    if not base or _DROPPED not in base or not feature.dropped:
        return {}
    made.revived.append(feature.id)
    return {key: REMOVE if was is None else was for key, was in base[_DROPPED].items()}


def _said(feature: Feature, what: str, key: str) -> Any:
    """What the list says, as a list of ids where it is one in another form."""
    value = feature.data.get(key, _ABSENT)
    if what == "dependencies" and value is not _ABSENT:
        return list(feature.dependencies)
    return [value] if what == "tests" and isinstance(value, str) else value


def _inputs(present: Any, there: Any, was: Any, folder: str) -> tuple[Any, Any, Any]:
    """The present inputs with the phase's file in the place of its earlier one; what a hand added goes along."""
    listed = list(present) if isinstance(present, list | tuple) else []
    [file] = there if isinstance(there, list) else [""]
    earlier = was[0] if isinstance(was, list) and len(was) == 1 else None
    ours = [path for path in listed if path == earlier or path.startswith(f"{folder}/")]
    if not ours:
        return present, present, was  # taken out by hand
    wanted = list(dict.fromkeys(file if path == ours[0] else path for path in listed))
    return listed, wanted, listed


def _drop(
    made: Merged,
    known: Mapping[str, Feature],
    here: set[str],
    folder: str,
    words: Spelling,
    changes: dict[str, dict[str, object]],
) -> None:
    """Features whose phase is gone: one that is built is kept, another is not to be built any more."""
    for id, feature in known.items():
        of_plan = id in made.given or any(path.startswith(f"{folder}/") for path in feature.inputs)
        if id in here or not of_plan or _GONE in made.given.get(id, {}):
            continue
        made.given[id] = {**made.given.get(id, {}), _GONE: True}
        if feature.passes:
            made.said.append(f"{id}: {OUT}, but it is built; kept")
        elif not feature.dropped:
            made.dropped.append(id)
            made.said.append(f"{id}: {OUT}; dropped, it is not built")
            changes[id] = words.dropping(feature)
            made.given[id][_DROPPED] = {key: feature.data.get(key) for key in changes[id]}


def _alike(one: object, other: object) -> bool:
    """Equal, where what is absent and what is empty are one."""
    empty: tuple[object, ...] = (_ABSENT, None, "", [])
    if any(one is value or one == value for value in empty):
        return any(other is value or other == value for value in empty)
    return one not in (_ABSENT, _UNKNOWN) and other not in (_ABSENT, _UNKNOWN) and same(one, other)


def _refuse_twins(phases: Sequence[Wanted]) -> None:
    seen: dict[str, str] = {}
    for item in phases:
        if item.phase.id in seen:
            raise OrchestratorError(
                f"two phase files have the id {item.phase.id!r}",
                where=f"{seen[item.phase.id]}, {item.file}",
                fix="Remove the `id:` line from the newer one: it gets one of its own",
            )
        seen[item.phase.id] = item.file

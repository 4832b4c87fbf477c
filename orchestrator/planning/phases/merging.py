"""A phase that goes on in a new breakdown: what a hand wrote stays where the agent left the old words."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from orchestrator.planning.backlog import new_ids
from orchestrator.planning.paths import slug
from orchestrator.planning.phases.phase_file import Phase

FIELDS = ("name", "description", "depends", "criteria", "requirements", "changes", "check")


def merged(new: Phase, present: Phase | None, written: Phase | None) -> Phase:
    """`new` from the agent, `present` as the file is, `written` as the last breakdown wrote it (None: a hand's own).

    A field that only a hand changed is the hand's. Where the agent, shown the hand's text, changed it too, the
    agent's word counts. Sections, priority and ticket of a person's own go along.
    """
    if present is None:
        return new
    values: dict[str, Any] = {}
    for name in FIELDS:
        was, here, there = (getattr(phase, name) if phase else None for phase in (written, present, new))
        values[name] = (here or there) if written is None else here if here != was and there == was else there
    return replace(new, **values, extra=present.extra, priority=present.priority, ticket=present.ticket)


def filled(data: object, known: Mapping[str, Phase]) -> Any:
    """The answer with the text of each phase that it calls unchanged, as that phase's file has it; what is no answer
    stays as it is.
    """
    if not isinstance(data, dict) or not isinstance(data.get("phases"), list):
        return data
    items = [dict(item) if isinstance(item, dict) else item for item in data["phases"]]
    numbers = {str(item.get("id")): number for number, item in enumerate(items, 1) if isinstance(item, dict)}
    for item in items:
        phase = known.get(str(item.get("id"))) if isinstance(item, dict) and item.get("unchanged") is True else None
        if phase is not None:
            depends = [numbers.get(id, id) for id in phase.depends]
            item |= {"depends_on": depends, **item, **_of_file(phase)}
    return {**data, "phases": items}


def _of_file(phase: Phase) -> dict[str, Any]:
    return {
        "name": phase.name,
        "description": phase.description,
        "acceptance_criteria": list(phase.criteria),
        "requirements": list(phase.requirements),
        "changes": list(phase.changes),
        "check": phase.check,
    }


def ids(items: Sequence[Mapping[str, Any]], known: Mapping[str, str], stem: str, taken: Collection[str]) -> list[str]:
    """Its id for each phase of an answer: the one it states, that of the phase of its name in `known` (id -> name,
    of phases that fell out too), else a new one.
    """
    by_name = {slug(name): id for id, name in known.items() if id}
    stated = {item["id"] for item in items if item.get("id")}
    found = []
    for item in items:
        same = by_name.get(slug(item["name"]), "")
        found.append(item.get("id") or ("" if same in stated else same))
    numbers = [number for number, id in enumerate(found, 1) if not id]
    new = iter(new_ids(stem, numbers, {*taken, *found}))
    return [id or next(new) for id in found]


def without(items: Sequence[Mapping[str, Any]], removed: Mapping[str, str]) -> tuple[list[dict[str, Any]], list[str]]:
    """The phases of an answer without those that a person took out (id -> name), and the names of those left out.

    What depended on one of them depends on what that one did.
    """
    names = {slug(name) for name in removed.values()}
    out = [number for number, item in enumerate(items, 1) if item.get("id") in removed or slug(item["name"]) in names]
    numbers: dict[int | str, int | str] = {
        old: new for new, old in enumerate((n for n in range(1, len(items) + 1) if n not in out), 1)
    }
    kept = []
    for number, item in enumerate(items, 1):
        if number not in out:
            depends = [numbers.get(other, other) for other in _through(items, number, out)]
            kept.append({**item, "depends_on": list(dict.fromkeys(depends))})
    return kept, [items[number - 1]["name"] for number in out]


def _through(items: Sequence[Mapping[str, Any]], number: int, out: Collection[int]) -> list[int | str]:
    found: list[int | str] = []
    for other in items[number - 1].get("depends_on", []):
        found += _through(items, other, out) if other in out else [other]
    return found

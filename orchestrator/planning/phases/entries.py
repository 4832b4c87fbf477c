"""From phase files to entries of feature_list.json, which only ever get fields of definition from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orchestrator.errors import OrchestratorError
from orchestrator.features import document, model
from orchestrator.planning.phases.phase_file import Phase

EMPTY = b'{\n  "features": []\n}\n'


@dataclass(frozen=True)
class Merged:
    """The new list and the ids that were added and updated, in the order of the phases."""

    data: bytes
    added: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()


def entry(phase: Phase, file: str) -> dict[str, Any]:
    """A new feature for the phase, whose file is part of its definition."""
    return {
        "id": phase.id,
        "name": phase.name,
        "description": phase.description,
        "priority": phase.number if phase.priority is None else phase.priority,
        "dependencies": list(phase.depends),
        "tests": list(phase.criteria),
        "inputs": [file],
        "passes": False,
    }


def merge(data: bytes, phases: Sequence[tuple[str, Phase]], folder: str, where: str) -> Merged:
    """`data` with each phase's feature added or brought up to date by its id.

    `phases` are (path from the root, phase), `folder` the plan's folder, `where` the list's name. Status fields of
    what exists are never touched; its priority only when the phase file states one. Raises OrchestratorError
    for two phases of one id, and for a list that would not be valid afterwards.
    """
    known = model.parse(data, where).by_id
    _refuse_twins(phases)
    changes: dict[str, dict[str, object]] = {}
    added = []
    for file, phase in phases:
        if phase.id not in known:
            added.append(entry(phase, file))
        elif change := _change(known[phase.id].data, phase, file, folder):
            changes[phase.id] = change
    merged = document.edit(data, changes) if changes else data
    merged = document.append(merged, added) if added else merged
    model.parse(merged, where)
    return Merged(merged, tuple(item["id"] for item in added), tuple(changes))


def _change(present: Mapping[str, Any], phase: Phase, file: str, folder: str) -> dict[str, object]:
    wanted = entry(phase, file)
    wanted["inputs"] = _inputs(present.get("inputs") or [], file, folder)
    kept = {"id", "passes"} | ({"priority"} if phase.priority is None else set())
    return {key: value for key, value in wanted.items() if key not in kept and present.get(key) != value}


def _inputs(present: Sequence[str], file: str, folder: str) -> list[str]:
    """The inputs with `file` in the place of the plan's earlier file for it; others, put there by hand, stay."""
    if file in present:
        return list(present)
    return [file, *(path for path in present if not path.startswith(f"{folder}/"))]


def _refuse_twins(phases: Sequence[tuple[str, Phase]]) -> None:
    seen: dict[str, str] = {}
    for file, phase in phases:
        if phase.id in seen:
            raise OrchestratorError(
                f"two phase files have the id {phase.id!r}",
                where=f"{seen[phase.id]}, {file}",
                fix="Remove the `id:` line from the newer one: it gets one of its own",
            )
        seen[phase.id] = file

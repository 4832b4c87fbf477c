"""What the tools change: the feature list alone, byte-preserving and under its lock; never what is done."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any

from orchestrator.backlogs import writing
from orchestrator.backlogs.protocol import Entry, Id, numbered
from orchestrator.building import byhand, record
from orchestrator.errors import OrchestratorError
from orchestrator.features import document, ids, marks, model
from orchestrator.features.model import FeatureList
from orchestrator.project import Project


def add(
    project: Project,
    name: str,
    description: str,
    *,
    id: str = "",
    category: str = "",
    priority: float | None = None,
    dependencies: Sequence[str] = (),
    tests: Sequence[str] = (),
) -> dict[str, Any]:
    """Add a feature at the end of the list, in the list's own words; its object as it is there.

    Without an id it gets the next one like the list's last. Raises OrchestratorError for an id that is taken or none,
    and for a dependency on no feature.
    """
    if not name.strip() or not description.strip():
        raise OrchestratorError("a feature needs a name and a description", fix="Say what is to be built")
    written: list[Id] = []

    def change(data: bytes, _: Collection[str]) -> bytes:
        present = project.features(data)
        new = _new_id(present, id)
        wanted = _known(present, dependencies)
        entry = Entry(new, name, description, category or None, priority, wanted, tuple(tests))
        words = marks.words_of(data, project.rules)
        changed = document.append(data, [writing.new(entry, words)])
        model.parse(changed, project.config.project.features, project.rules)
        written[:] = [new]
        return changed

    record.edit_list(project, change)
    return project.features().get(str(written[0])).data


def block(project: Project, id: str, reason: str) -> None:
    """Set a feature aside; a build leaves it alone. Raises OrchestratorError for an unknown id."""
    if not reason.strip():
        raise OrchestratorError("a reason is needed", fix="Say what the feature waits for")
    byhand.block(project, [id], reason)


def unblock(project: Project, id: str) -> None:
    """Take a feature up again. Raises OrchestratorError for one that is not blocked."""
    byhand.unblock(project, [id])


def _new_id(present: FeatureList, wanted: str) -> Id:
    known = [feature.id for feature in present.features]
    if not wanted:
        return next_id([feature.data["id"] for feature in present.features])
    if fault := ids.fault(wanted):
        raise OrchestratorError(fault, fix="Leave the id out to get the next one")
    if wanted.lower() in (id.lower() for id in known):
        raise OrchestratorError(f"the id {wanted!r} is taken", fix="Leave the id out to get the next one")
    return wanted


def _known(present: FeatureList, dependencies: Sequence[str]) -> tuple[Id, ...]:
    """The dependencies as the list spells their ids; raises OrchestratorError for one that no feature has."""
    return tuple(present.get(id).data["id"] for id in dependencies)


def next_id(known: Sequence[Id]) -> Id:
    """The id after those of a list: the next number where they are numbers, else the last one counted up, else `F001`
    and on.

    >>> next_id([1, 7]), next_id(["auth-09", "auth-10"]), next_id(["login"])
    (8, 'auth-11', 'F001')
    """
    numbers = [id for id in known if isinstance(id, int)]
    if numbers and len(numbers) == len(known):
        return max(numbers) + 1
    taken = {str(id).lower() for id in known}
    last = re.fullmatch(r"(.*?)(\d+)", str(known[-1])) if known else None
    return next(numbered("F", _cased(taken))) if last is None else _counted_up(last[1], last[2], taken)


def _cased(taken: Collection[str]) -> set[str]:
    return {id.upper() for id in taken}


def _counted_up(stem: str, digits: str, taken: Collection[str]) -> str:
    number = int(digits) + 1
    while (id := f"{stem}{number:0{len(digits)}}").lower() in taken:
        number += 1
    return id

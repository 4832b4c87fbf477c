"""What an agent's breakdown of a plan must be: a JSON Schema to ask for it, and sentences on what is wrong."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestrator.planning.criteria import vague
from orchestrator.planning.paths import slug
from orchestrator.planning.phases.checks import as_command
from orchestrator.planning.phases.phase_file import Phase, fenced

MOST = 40
"""More phases than this are no plan that a person can follow."""

_MAKES_CHECK = re.compile(r"\b(tests?|checks?|pytest|unittest)\b", re.IGNORECASE)
# The rest is asked for by `problems`: a phase that goes on as it is needs no more.
_REQUIRED = ("name",)


def schema() -> dict[str, Any]:
    text = {"type": "string", "minLength": 1}
    texts = {"type": "array", "items": text}
    phase = {
        "type": "object",
        "properties": {
            "id": {"type": "string"},
            "unchanged": {"type": "boolean"},
            "name": text,
            "description": text,
            "depends_on": {"type": "array", "items": {"type": ["integer", "string"]}},
            "requirements": texts,
            "changes": texts,
            "acceptance_criteria": {**texts, "minItems": 1},
            "check": text,
        },
        "required": list(_REQUIRED),
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {
            "overview": text,
            "phases": {"type": "array", "minItems": 1, "maxItems": MOST, "items": phase},
        },
        "required": ["overview", "phases"],
        "additionalProperties": False,
    }


@dataclass(frozen=True)
class Known:
    """What an answer may name: requirement ids, ids of the plan's earlier phases, ids of features of other origin.
    `root` is where a check has to be able to start; None where the project has a check command of its own.
    """

    requirements: Collection[str] = ()
    phases: Collection[str] = ()
    features: Collection[str] = ()
    root: Path | None = None


def problems(data: object, known: Known = Known()) -> list[str]:
    """Sentences on what is wrong, in the order of the answer."""
    if not isinstance(data, dict):
        return ["The answer must be one JSON object with the keys `overview` and `phases`."]
    found: list[str] = []
    if not isinstance(data.get("overview"), str) or not data["overview"].strip():
        found.append("`overview` must be the text of the overview.")
    phases = data.get("phases")
    if not isinstance(phases, list) or not phases:
        return [*found, "`phases` must be a list of at least one phase."]
    if len(phases) > MOST:
        found.append(f"There are {len(phases)} phases; merge them into at most {MOST}.")
    for number, phase in enumerate(phases, 1):
        found += _check(phase, number, known)
    found += _repeated(phases)
    return found or [*_uncovered(phases, known.requirements), *_uncheckable(phases, known.root)]


def _check(phase: object, number: int, known: Known) -> Iterator[str]:
    name = f"Phase {number}"
    if not isinstance(phase, dict):
        yield f"{name} must be an object."
        return
    if phase.get("unchanged") is True and phase.get("id") in known.phases:
        yield from _check_references(phase, number, known)
        return
    for key in ("name", "description"):
        if not isinstance(phase.get(key), str) or not phase[key].strip():
            yield f"{name} needs a {key}."
    yield from _check_criteria(phase, name)
    for key in ("changes", "requirements"):
        if not texts(phase.get(key, [])):
            yield f"`{key}` of {name} must be a list of texts."
    if not isinstance(phase.get("check"), str) or not phase["check"].strip():
        yield f"{name} needs a `check`: a command that passes when it is built, or how a person sees that it works."
    yield from _check_references(phase, number, known)


def _check_criteria(phase: Mapping[str, Any], name: str) -> Iterator[str]:
    criteria = phase.get("acceptance_criteria")
    if not texts(criteria) or not criteria:
        yield f"{name} needs acceptance criteria: a list of sentences, each of which a test can check."
        return
    for text in criteria:
        if vague(text):
            yield f"{name}: {text!r} says nothing that a test can check; say with what input and what must come out."


def _check_references(phase: Mapping[str, Any], number: int, known: Known) -> Iterator[str]:
    depends = phase.get("depends_on", [])
    if not isinstance(depends, list) or not all(type(item) in (int, str) for item in depends):
        yield f"`depends_on` of Phase {number} must be a list of phase numbers and of ids of features that exist."
    else:
        for item in depends:
            if isinstance(item, int) and not 0 < item < number:
                yield f"Phase {number} can't depend on {item}: only on phases that come before it."
            elif isinstance(item, str) and item not in known.features:
                yield f"Phase {number} depends on {item!r}, which is no feature that exists."
    for id in phase.get("requirements", []) if known.requirements and texts(phase.get("requirements", [])) else ():
        if id not in known.requirements and phase.get("unchanged") is not True:
            yield f"Phase {number} names the requirement {id!r}, which does not exist."
    own = phase.get("id") or ""
    if own and own not in known.phases:
        yield f"Phase {number} has the id {own!r}, which no earlier phase has; leave `id` out for a new phase."


def _repeated(phases: Sequence[Any]) -> Iterator[str]:
    seen: dict[tuple[str, str], int] = {}
    for number, phase in enumerate(phases, 1):
        if not isinstance(phase, dict) or not isinstance(phase.get("name"), str):
            continue
        marks = [("name", slug(phase["name"]))] + ([("id", str(phase["id"]))] if phase.get("id") else [])
        for mark in marks:
            first = seen.setdefault(mark, number)
            if first != number:
                yield f"Phase {first} and phase {number} have the same {mark[0]}."


def _uncovered(phases: Sequence[Mapping[str, Any]], requirements: Collection[str]) -> Iterator[str]:
    """Requirements that no phase meets: one is met with what it is part of, and with all its parts."""
    named = {id for phase in phases for id in phase.get("requirements", [])}
    inner = {id.rpartition(".")[0] for id in requirements}
    for id in requirements:
        if id not in inner and not any(id == name or id.startswith(f"{name}.") for name in named):
            yield f"The requirement {id} is in no phase; a phase that meets it names it in `requirements`."


def _uncheckable(phases: Sequence[Mapping[str, Any]], root: Path | None) -> Iterator[str]:
    """Without a check command of the project the first phase makes one, or each phase has its own."""
    if root is None or all(as_command(phase["check"], root) for phase in phases):
        return
    first = phases[0]
    said = " ".join([first["name"], first["description"], *first["acceptance_criteria"], *first.get("changes", [])])
    if not _MAKES_CHECK.search(said):
        yield (
            "The project has no check command, so nothing can tell whether a phase is done: the first phase must make "
            "the tests and the command that runs them, and say so."
        )
    for number in range(2, len(phases) + 1):
        if not _depends_on_first(phases, number):
            yield f"Phase {number} must depend on phase 1, which makes the check."


def _depends_on_first(phases: Sequence[Mapping[str, Any]], number: int) -> bool:
    depends = [item for item in phases[number - 1].get("depends_on", []) if isinstance(item, int)]
    return 1 in depends or any(_depends_on_first(phases, other) for other in depends)


def texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) and item.strip() for item in value)


def to_phases(data: Mapping[str, Any], ids: Sequence[str]) -> list[Phase]:
    """The phases of a sound answer; `ids` are their ids, in order, for what they depend on."""
    return [
        Phase(
            number=number,
            name=" ".join(item["name"].split()),
            id=ids[number - 1],
            description=_plain(item["description"]),
            depends=tuple(dict.fromkeys(_id(other, ids) for other in item.get("depends_on", []))),
            criteria=tuple(" ".join(text.split()) for text in item["acceptance_criteria"]),
            requirements=tuple(item.get("requirements", [])),
            changes=tuple(item.get("changes", [])),
            check=item.get("check", "").strip(),
        )
        for number, item in enumerate(data["phases"], 1)
    ]


def _id(item: int | str, ids: Sequence[str]) -> str:
    return item if isinstance(item, str) else ids[item - 1]


def _plain(text: str) -> str:
    """Without headings, which would end the description in the file; what looks like one in code is none."""
    return "\n".join(
        line.lstrip("# ") if line.startswith("#") and not code else line
        for line, code in fenced(text.strip().splitlines())
    )

"""What an agent's breakdown of a plan must be: a JSON Schema to ask for it, and sentences on what is wrong."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from orchestrator.planning.paths import slug
from orchestrator.planning.phases.phase_file import Phase

MOST = 40
"""More phases than this are no plan that a person can follow."""

_REQUIRED = ("name", "description", "depends_on", "acceptance_criteria", "check")


def schema() -> dict[str, Any]:
    text = {"type": "string", "minLength": 1}
    texts = {"type": "array", "items": text}
    phase = {
        "type": "object",
        "properties": {
            "id": {"type": "string"},
            "name": text,
            "description": text,
            "depends_on": {"type": "array", "items": {"type": "integer", "minimum": 1}},
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


def problems(data: object, requirements: Collection[str] = (), ids: Collection[str] = ()) -> list[str]:
    """Sentences on what is wrong; `requirements` are the known requirement ids, `ids` those of earlier phases."""
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
        found += _check(phase, number, requirements, ids)
    found += _repeated(phases)
    return found or list(_uncovered(phases, requirements))


def _check(phase: object, number: int, requirements: Collection[str], ids: Collection[str]) -> Iterator[str]:
    name = f"Phase {number}"
    if not isinstance(phase, dict):
        yield f"{name} must be an object."
        return
    for key in ("name", "description"):
        if not isinstance(phase.get(key), str) or not phase[key].strip():
            yield f"{name} needs a {key}."
    if not _texts(phase.get("acceptance_criteria")) or not phase["acceptance_criteria"]:
        yield f"{name} needs acceptance criteria: a list of sentences, each of which a test can check."
    for key in ("changes", "requirements"):
        if not _texts(phase.get(key, [])):
            yield f"`{key}` of {name} must be a list of texts."
    if not isinstance(phase.get("check", ""), str):
        yield f"`check` of {name} must be a text."
    yield from _check_references(phase, number, requirements, ids)


def _check_references(
    phase: Mapping[str, Any], number: int, requirements: Collection[str], ids: Collection[str]
) -> Iterator[str]:
    depends = phase.get("depends_on", [])
    if not isinstance(depends, list) or not all(type(item) is int for item in depends):
        yield f"`depends_on` of Phase {number} must be a list of phase numbers."
    elif wrong := [item for item in depends if not 0 < item < number]:
        yield f"Phase {number} can't depend on {wrong[0]}: only on phases that come before it."
    known = set(requirements)
    for id in phase.get("requirements", []) if known and _texts(phase.get("requirements", [])) else ():
        if id not in known:
            yield f"Phase {number} names the requirement {id!r}, which does not exist."
    own = phase.get("id") or ""
    if own and own not in ids:
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
    """Requirements left out, where the answer names requirements at all; one below a named one is covered."""
    named = {id for phase in phases for id in phase.get("requirements", [])}
    for id in requirements if named else ():
        if "." not in id and not any(name == id or name.startswith(f"{id}.") for name in named):
            yield f"The requirement {id} is in no phase."


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) and item.strip() for item in value)


def to_phases(data: Mapping[str, Any], ids: Sequence[str]) -> list[Phase]:
    """The phases of a sound answer; `ids` are their ids, in order, for what they depend on."""
    return [
        Phase(
            number=number,
            name=" ".join(item["name"].split()),
            id=ids[number - 1],
            description=_plain(item["description"]),
            depends=tuple(ids[other - 1] for other in dict.fromkeys(item.get("depends_on", []))),
            criteria=tuple(" ".join(text.split()) for text in item["acceptance_criteria"]),
            requirements=tuple(item.get("requirements", [])),
            changes=tuple(item.get("changes", [])),
            check=item.get("check", "").strip(),
        )
        for number, item in enumerate(data["phases"], 1)
    ]


def _plain(text: str) -> str:
    """Without headings, which would end the description in the file."""
    return "\n".join(line.lstrip("# ") if line.startswith("#") else line for line in text.strip().splitlines())

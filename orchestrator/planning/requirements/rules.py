"""What a requirement hierarchy must be: a JSON Schema to ask for it, and sentences on what is wrong with one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from orchestrator.planning.criteria import vague
from orchestrator.planning.requirements.tree import LAYERS, TYPES, children_of


@dataclass(frozen=True)
class Limits:
    """How large a hierarchy may be: without an upper end, agents gave hundreds of requirements for two pages."""

    requirements: int = 30
    least_children: int = 2
    most_children: int = 5


def schema(limits: Limits = Limits()) -> dict[str, Any]:
    """The JSON Schema of an answer; three levels written out, as not every agent follows references."""
    detail = _node_schema(None, 0, limits)
    process = _node_schema(detail, 0, limits)
    requirement = _node_schema(process, limits.least_children, limits)
    return {
        "type": "object",
        "properties": {
            "requirements": {
                "type": "array",
                "minItems": 1,
                "maxItems": limits.requirements,
                "items": requirement,
            }
        },
        "required": ["requirements"],
        "additionalProperties": False,
    }


def _node_schema(child: dict[str, Any] | None, least: int, limits: Limits) -> dict[str, Any]:
    texts = {"type": "array", "items": {"type": "string"}}
    properties: dict[str, Any] = {
        "id": {"type": "string"},
        "description": {"type": "string", "minLength": 1},
        "acceptance_criteria": texts,
        "implementation": {
            "type": "object",
            "properties": dict.fromkeys(LAYERS, texts),
            "additionalProperties": False,
        },
    }
    if child is not None:
        properties["children"] = {
            "type": "array",
            "minItems": least,
            "maxItems": limits.most_children,
            "items": child,
        }
    return {
        "type": "object",
        "properties": properties,
        "required": ["description"] + (["children"] if least else []),
        "additionalProperties": False,
    }


def problems(data: object, limits: Limits = Limits()) -> list[str]:
    """Sentences that tell the writer what to mend, in the order of the tree; none when it is sound."""
    if not isinstance(data, dict):
        return ["The answer must be one JSON object with the key `requirements`."]
    items = data.get("requirements")
    if not isinstance(items, list) or not items:
        return ["`requirements` must be a list of at least one requirement."]
    found: list[str] = []
    if len(items) > limits.requirements:
        found.append(
            f"There are {len(items)} requirements; merge them into at most {limits.requirements} of more weight."
        )
    seen: dict[str, str] = {}
    for number, item in enumerate(items):
        found += _check(item, _Place(f"REQ_{number:03}", None, 0), seen, limits)
    return found


@dataclass(frozen=True)
class _Place:
    """Where a node stands: the id it gets when it has none, its parent's id, its level."""

    default_id: str
    parent: str | None
    level: int


def _check(item: object, place: _Place, seen: dict[str, str], limits: Limits) -> Iterator[str]:
    if isinstance(item, str):
        item = {"description": item}
    if not isinstance(item, dict):
        yield f"{place.default_id} must be an object, not {type(item).__name__}."
        return
    own = item.get("id") or place.default_id
    name = own if isinstance(own, str) else place.default_id
    yield from _check_id(own, item, place, seen)
    yield from _check_fields(item, name, place)
    children = item.get("children", item.get("sub_processes", []))
    if children is not None and not isinstance(children, list):
        yield f"The children of {name} must be a list."
        return
    yield from _check_count(item, name, place, limits)
    if place.level + 1 < len(TYPES):
        for number, child in enumerate(children_of(item), 1):
            yield from _check(child, _Place(f"{name}.{number}", name, place.level + 1), seen, limits)


def _check_id(own: object, item: Mapping[str, Any], place: _Place, seen: dict[str, str]) -> Iterator[str]:
    wanted = r"REQ_\d{3,}" if place.parent is None else re.escape(place.parent) + r"\.[1-9]\d*"
    if not isinstance(own, str) or not re.fullmatch(wanted, own):
        example = place.default_id
        yield f"The id {own!r} is not well-formed at its place; it should look like {example!r}."
    elif own in seen:
        yield f"The id {own} stands twice: for {seen[own]!r} and for {item.get('description')!r}."
    else:
        seen[own] = str(item.get("description"))
    stated = item.get("parent_id", place.parent)
    if stated != place.parent:
        yield f"{own} says that its parent is {stated!r}, but it stands below {place.parent!r}."
    kind = item.get("type", TYPES[place.level])
    if kind != TYPES[place.level]:
        yield f"{own} has the type {kind!r}; at its level it is {TYPES[place.level]!r}."


def _check_fields(item: Mapping[str, Any], name: str, place: _Place) -> Iterator[str]:
    description = item.get("description")
    if not isinstance(description, str) or not description.strip():
        yield f"{name} needs a description."
    criteria = item.get("acceptance_criteria") or []
    if not _texts(criteria):
        yield f"The acceptance criteria of {name} must be a list of sentences, none of them empty."
    elif said := next(filter(vague, criteria), ""):
        yield f"{name}: {said!r} says nothing that a test can check; say with what input and what must come out."
    elif place.level and not criteria and not children_of(item):
        yield f"{name} needs at least one acceptance criterion that a test can check."
    made = item.get("implementation")
    if made is None:
        return
    if not isinstance(made, dict) or set(made) - set(LAYERS) or not all(_texts(made[key]) for key in made):
        yield f"The implementation of {name} must map {', '.join(LAYERS)} to lists of component names."


def _check_count(item: Mapping[str, Any], name: str, place: _Place, limits: Limits) -> Iterator[str]:
    count = len(children_of(item))
    if place.level + 1 == len(TYPES) and count:
        yield f"{name} is at the lowest of {len(TYPES)} levels and can't have children."
    elif count > limits.most_children:
        yield f"{name} has {count} children; at most {limits.most_children} are wanted."
    elif place.level == 0 and count < limits.least_children:
        yield (f"{name} has {count} sub-processes; {limits.least_children} to {limits.most_children} are wanted.")


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) and item.strip() for item in value)

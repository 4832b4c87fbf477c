"""The requirement tree: what it holds, and how it goes to and from JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from orchestrator.planning.requirements.properties import classify

TYPES = ("parent", "sub_process", "implementation")
"""The type of a requirement, by its level in the tree."""

LAYERS = ("frontend", "backend", "middleware", "shared")


@dataclass(frozen=True)
class Requirement:
    """One node; `parent_id` is None at the top. `implementation` maps each of LAYERS to component names."""

    id: str
    description: str
    type: str = "parent"
    parent_id: str | None = None
    children: tuple[Requirement, ...] = ()
    acceptance_criteria: tuple[str, ...] = ()
    implementation: Mapping[str, tuple[str, ...]] | None = None

    def walk(self) -> Iterator[Requirement]:
        """This requirement, then all below it, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True)
class Hierarchy:
    requirements: tuple[Requirement, ...] = ()
    metadata: Mapping[str, object] = field(default_factory=dict)

    def walk(self) -> Iterator[Requirement]:
        for requirement in self.requirements:
            yield from requirement.walk()

    def to_data(self) -> dict[str, Any]:
        """As it stands in requirements_hierarchy.json."""
        return {"requirements": [to_data(item) for item in self.requirements], "metadata": dict(self.metadata)}


def to_data(requirement: Requirement) -> dict[str, Any]:
    made = requirement.implementation
    return {
        "id": requirement.id,
        "description": requirement.description,
        "type": requirement.type,
        "parent_id": requirement.parent_id,
        "children": [to_data(child) for child in requirement.children],
        "acceptance_criteria": list(requirement.acceptance_criteria),
        "implementation": None if made is None else {layer: list(made[layer]) for layer in LAYERS},
        "testable_properties": [_property(criterion) for criterion in requirement.acceptance_criteria],
    }


def _property(criterion: str) -> dict[str, str]:
    found = classify(criterion)
    return {
        "criterion": criterion,
        "property_type": found.kind,
        "hypothesis_strategy": found.strategy,
    }


def from_data(data: Mapping[str, Any]) -> Hierarchy:
    """The hierarchy of JSON that `requirement_rules.problems` finds nothing wrong with.

    What the writer left out is filled in: ids are numbered from REQ_000 and .1, types follow the level,
    `sub_processes` may stand for `children`, and a child may be a mere sentence.
    """
    items = data.get("requirements") or []
    found = tuple(_node(item, f"REQ_{number:03}", None, 0) for number, item in enumerate(items))
    return Hierarchy(found, dict(data.get("metadata") or {}))


def children_of(item: Mapping[str, Any]) -> Sequence[Any]:
    """The children as written, under either name."""
    return item.get("children") or item.get("sub_processes") or []


def _node(item: Any, default_id: str, parent: str | None, level: int) -> Requirement:
    if isinstance(item, str):
        item = {"description": item}
    own = item.get("id") or default_id
    children = tuple(
        _node(child, f"{own}.{number}", own, level + 1) for number, child in enumerate(children_of(item), 1)
    )
    made = item.get("implementation")
    return Requirement(
        id=own,
        description=" ".join(item.get("description", "").split()),
        type=TYPES[level],
        parent_id=parent,
        children=children,
        acceptance_criteria=tuple(item.get("acceptance_criteria") or ()),
        implementation=None if made is None else {layer: tuple(made.get(layer) or ()) for layer in LAYERS},
    )

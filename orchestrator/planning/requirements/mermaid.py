"""Mermaid diagrams of a requirement hierarchy, byte for byte those of the original."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator

from orchestrator.planning.requirements.tree import LAYERS, Hierarchy, Requirement

_PREFIXES = dict(zip(LAYERS, ("FE", "BE", "MW", "SH"), strict=True))
_ONE_GROUP = 15
_LONGEST = 30
_SIGNS = str.maketrans({'"': "'", "[": "(", "]": ")", "{": "(", "}": ")", "<": "&lt;", ">": "&gt;"})


def flowchart(hierarchy: Hierarchy) -> str:
    """The requirements left to right, with the components that carry them out."""
    nodes = list(hierarchy.walk())
    lines = ["flowchart LR", *_groups(nodes)]
    lines += [f"    {_id(node.parent_id)} --> {_id(node.id)}" for node in nodes if node.parent_id]
    components = {found for node in nodes for found in _components(node)}
    if components:
        lines.append("    subgraph Components")
        lines += [f'    {_component_id(*item)}(("{item[0]}: {_label(item[1])}"))' for item in sorted(components)]
        lines.append("    end")
        for node in nodes:
            lines += [f"    {_id(node.id)} -.-> {_component_id(*item)}" for item in _components(node)]
    return "\n".join(lines)


def _groups(nodes: list[Requirement]) -> Iterator[str]:
    groups: dict[str, list[Requirement]] = {}
    for node in nodes:
        groups.setdefault("Requirements" if len(nodes) <= _ONE_GROUP else _top(node.id), []).append(node)
    for name, members in groups.items():
        yield f"    subgraph {name}"
        for node in members:
            yield f'    {_id(node.id)}["{node.id}: {_label(node.description)}"]'
        yield "    end"


def _top(id: str) -> str:
    found = re.match(r"REQ_\d+", id)
    return found[0] if found else "Other"


def _components(node: Requirement) -> Iterable[tuple[str, str]]:
    """(prefix, class) in the order of the layers, each once."""
    made = node.implementation or {}
    return dict.fromkeys(
        (_PREFIXES[layer], entry.split(".")[0].strip()) for layer in LAYERS for entry in made.get(layer, ())
    )


def _component_id(prefix: str, name: str) -> str:
    # A name without a Latin letter would leave nothing of itself: then its digest tells it apart.
    kept = re.sub(r"[^A-Za-z0-9_]", "", name) or hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{prefix}_{kept}"


def _id(id: str | None) -> str:
    return re.sub(r"[^A-Za-z0-9]", "_", id or "")


def _label(text: str) -> str:
    cut = text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
    return cut.translate(_SIGNS)

"""The fields of a feature and the types they may have (the table of SPEC section 3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from orchestrator.features import ids

NUMBER = frozenset({int, float})
TYPES: dict[str, frozenset[type]] = {
    "id": frozenset({str, int}),
    "name": frozenset({str}),
    "description": frozenset({str}),
    "category": frozenset({str}),
    "priority": NUMBER,
    "dependencies": frozenset({list}),
    "tests": frozenset({list}),
    "verify": frozenset({str}),
    "inputs": frozenset({list}),
    "passes": frozenset({bool}),
    "blocked": frozenset({bool}),
    "needs_review": frozenset({bool}),
    "complexity": frozenset({str}),
}
ELEMENTS: dict[str, frozenset[type]] = {
    "dependencies": frozenset({str, int}),
    "tests": frozenset({str}),
    "inputs": frozenset({str}),
}
BOOKKEEPING = frozenset({
    "passes", "passes_from", "blocked", "suggested_fix", "priority", "complexity", "needs_review",
    "ticket",
})  # fmt: skip

_WORDS: dict[type, str] = {str: "a string", int: "an integer", bool: "true or false", list: "a list"}


def fits(item: Mapping[str, Any]) -> bool:
    """Whether every known field has its type; the quick form of `faults`, which also checks the id."""
    types, elements = TYPES.get, ELEMENTS.get
    for key, value in item.items():
        allowed = types(key)
        if allowed is not None:
            if type(value) not in allowed:
                return False
            inner = elements(key)
            if inner is not None and value and not inner.issuperset(map(type, value)):
                return False
            if key == "inputs" and value and any(_wrong_inputs(value)):
                return False
    return True


def faults(item: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(key, what is wrong with its value), in the object's order; a missing id under the key ""."""
    if "id" not in item:
        yield "", "a feature has no id"
    for key, value in item.items():
        allowed = TYPES.get(key)
        if allowed is None:
            continue
        if type(value) not in allowed:
            yield key, f'"{key}" must be {_wanted(allowed)}, not {_shown(value)}'
        elif key in ELEMENTS:
            for wrong in value:
                if type(wrong) not in ELEMENTS[key]:
                    what = "ids" if key == "dependencies" else "strings"
                    yield key, f'"{key}" must be a list of {what}, not of {_shown(wrong)}'
                    break
            else:
                if key == "inputs":
                    yield from ((key, message) for message in _wrong_inputs(value))
        elif key == "id" and (what := ids.fault(str(value))):
            yield key, what


def _wrong_inputs(inputs: Iterable[str]) -> Iterator[str]:
    from orchestrator.features import patterns  # few lists have inputs

    for pattern in inputs:
        what = patterns.fault(pattern)
        if what:
            yield f"the input {_shown(pattern)} {what}"


def is_bookkeeping(key: str) -> bool:
    """Whether the field says how the work stands, not what is asked for."""
    return key in BOOKKEEPING or key.startswith(("_", "blocked_"))


def _wanted(allowed: frozenset[type]) -> str:
    if allowed == NUMBER:
        return "a number"
    return " or ".join(word for kind, word in _WORDS.items() if kind in allowed)


def _shown(value: object) -> str:
    import json

    text = json.dumps(value)
    return text if len(text) <= 40 else text[:37] + "..."

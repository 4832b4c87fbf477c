"""What is wrong with the fields of a feature (docs/contract.md, section 3), each with what to write instead."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from orchestrator.features import ids
from orchestrator.features.dialects import reading, shape, standing
from orchestrator.features.dialects.shape import Shape
from orchestrator.features.dialects.tables import BUILT_IN, FIELDS, Rules
from orchestrator.features.dialects.values import Wrong, shown

# Keys that every reader of lists knows: if a feature has one twice, that is told.
KNOWN = frozenset({
    "id", "features", "priority", "complexity", "inputs", "passes", "passes_from", "blocked", "needs_review",
    *(name for names in FIELDS.values() for name in names),
})  # fmt: skip

_NO_ID = "Run `orchestrator init`, which gives each feature an id"


class Fault(NamedTuple):
    """A field, what is wrong with it, and what to type. `key` is "" for a missing id."""

    key: str
    what: str
    fix: str


def faults(item: Mapping[str, Any], rules: Rules = BUILT_IN) -> Iterator[Fault]:
    """All that can't be read, in the object's order."""
    if "id" not in item or item["id"] is None:
        yield Fault("id" if "id" in item else "", "a feature has no id", _NO_ID)
    order = list(item)
    yield from sorted(_faults(item, rules), key=lambda fault: order.index(fault.key))


def _faults(item: Mapping[str, Any], rules: Rules) -> Iterator[Fault]:
    if item.get("id") is not None:
        yield from _of_id(item["id"])
    form = shape.of(tuple(item), rules)
    for read in _readers(item, form):
        try:
            read()
        except Wrong as wrong:
            yield Fault(wrong.key, f'"{wrong.key}" {wrong}', wrong.fix)


def _of_id(id: object) -> Iterator[Fault]:
    text = ids.id_text(id)
    if text is None:
        yield Fault("id", f'"id" must be a string or an integer, not {shown(id)}', 'Write a text, such as "F001"')
    elif what := ids.fault(text):
        yield Fault("id", what, 'Write a text, such as "F001"')


def _readers(item: Mapping[str, Any], form: Shape) -> list[Callable[[], object]]:
    """Everything that the model reads of a feature."""
    return [
        lambda: standing.standing(item, form),
        lambda: reading.stated_name(item, form),
        lambda: reading.text(item, form.description),
        lambda: reading.text(item, form.category),
        lambda: reading.priority(item, form),
        lambda: reading.dependencies(item, form),
        lambda: reading.tests(item, form._replace(verify=())),
        lambda: reading.verify(item, form),
        lambda: reading.inputs(item),
        lambda: reading.flag(item, "blocked"),
        lambda: reading.flag(item, "needs_review"),
    ]

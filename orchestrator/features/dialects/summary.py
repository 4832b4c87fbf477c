"""How a list was read: which key was taken for which field, what its status words mean, which keys were ignored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from orchestrator.features.dialects import reading, values
from orchestrator.features.dialects.prose import is_prose
from orchestrator.features.dialects.shape import Shape
from orchestrator.features.dialects.shape import of as shape_of
from orchestrator.features.dialects.standing import standing
from orchestrator.features.dialects.tables import FIELDS, Meaning, Rules, meaning

_ROLES = ("name", "description", "category", "dependencies", "tests", "verify")
_OWN = frozenset({"id", "inputs", "priority", "complexity", *(name for role in _ROLES for name in FIELDS[role])})


class Summary(NamedTuple):
    """Counts of features.

    `fields`: what they have -> the field it was read from -> in how many. `decides`: the field that says how they
    stand. `words`: the field of a status -> each word, how often, and its meaning (None for one that nobody knows).
    `unread`: fields of the definition that mean nothing to us; the agent sees them. `prose`: checks that are
    sentences; `priorities` words of a priority that nobody knows.
    """

    total: int
    done: int
    blocked: int
    dropped: int
    fields: Mapping[str, Mapping[str, int]]
    decides: Mapping[str, int]
    words: Mapping[str, Mapping[str, tuple[int, Meaning | None]]]
    unread: Mapping[str, int]
    prose: int
    priorities: Mapping[str, int]

    @property
    def todo(self) -> int:
        return self.total - self.done - self.blocked - self.dropped


def of(features: Iterable[tuple[Mapping[str, Any], Shape]], rules: Rules) -> Summary:
    """The summary. The features must be readable; unknown status words are allowed and listed."""
    fields: dict[str, Counter[str]] = {role: Counter() for role in _ROLES}
    decides: Counter[str] = Counter()
    words: dict[str, Counter[str]] = {}
    unread: Counter[str] = Counter()
    priorities: Counter[str] = Counter()
    stands: Counter[str] = Counter()
    for item, shape in features:
        for role in _ROLES:
            if name := taken_from(role, item, shape):
                fields[role][name] += 1
        found = standing(item, shape)
        decides[found.by or "nothing"] += 1
        stands[_state(found.passes, found.blocked or values.flag(item.get("blocked")), bool(found.dropped))] += 1
        for key in shape.status:
            if isinstance(item[key], str) and item[key].strip():
                words.setdefault(key, Counter())[item[key]] += 1
        unread.update(key for key in shape.definition if key not in _OWN and not values.is_empty(item[key]))
        if not values.is_priority(said := item.get("priority")):
            priorities[str(said)] += 1
        check = reading.check_field(item, shape)
        stands["prose"] += bool(check and is_prose(item[check]))
    return Summary(
        sum(decides.values()),
        stands["done"],
        stands["blocked"],
        stands["dropped"],
        {role: counted for role, counted in fields.items() if counted},
        decides,
        {key: {word: (n, meaning(word, rules)) for word, n in counted.items()} for key, counted in words.items()},
        unread,
        stands["prose"],
        priorities,
    )


def taken_from(role: str, item: Mapping[str, Any], shape: Shape) -> str:
    """The field that one of the roles (`name`, `tests`, ...) is read from; "" for none."""
    names: tuple[str, ...] = getattr(shape, role)
    if role == "verify":
        return reading.check_field(item, shape)
    if role == "name" and len(names) == 2:
        return "title" if reading.stated_name(item, shape) != item["name"] else "name"
    return next((name for name in names if _read(role, item, shape_of((name,), shape.rules))), "")


def _read(role: str, item: Mapping[str, Any], shape: Shape) -> object:
    if role == "dependencies":
        return reading.dependencies(item, shape)
    return reading.tests(item, shape) if role == "tests" else reading.text(item, getattr(shape, role))


def _state(passes: bool, blocked: bool, dropped: bool) -> str:
    return "dropped" if dropped else "blocked" if blocked else "done" if passes else "todo"

"""Reads a JSON object that describes one piece of work, in the field names and words of any dialect (docs/lists.md)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from orchestrator.backlogs.protocol import Entry, Id, State
from orchestrator.features.dialects import reading, shape, values
from orchestrator.features.dialects.standing import Standing, standing, word_of
from orchestrator.features.dialects.tables import BUILT_IN, FIELDS, Rules
from orchestrator.features.dialects.values import Wrong

NAME, DESCRIPTION = FIELDS["name"], FIELDS["description"]
STATES = ("passes", *FIELDS["status"], *FIELDS["flag"])
_CATEGORY = ("category", "area")  # what else is one gives way to the names around the object
_TEXTS = ("description", "text", "title", "name", "criterion", "step", "test", "content")


class Said(NamedTuple):
    """What an object says about how its work stands; `state` None where the word is not known."""

    state: State | None
    word: str
    key: str


def first(item: Mapping[str, Any], names: Sequence[str]) -> Any:
    """The value of the first of the names that has one; None where none has."""
    return next((item[name] for name in names if not values.is_empty(item.get(name))), None)


def text(value: object) -> str:
    """A value as text; lists as lines."""
    if isinstance(value, list):
        return "\n".join(f"- {text(item)}" if isinstance(item, str) else text(item) for item in value)
    return "" if value is None else value.strip() if isinstance(value, str) else str(value)


def lines(value: object) -> tuple[str, ...]:
    """A list of texts; a text is a list of one, an object its texts."""
    items = value if isinstance(value, list) else [] if value is None else [value]
    return tuple(said for item in items if (said := _line(item)))


def _line(item: object) -> str:
    if not isinstance(item, Mapping):
        return text(item)
    told = first(item, _TEXTS)
    if isinstance(told, str):
        return told.strip()
    return ", ".join(
        f"{key}: {value.strip()}" for key, value in item.items() if isinstance(value, str) and value.strip()
    )


def dependencies(value: object) -> tuple[Id, ...]:
    """A list of ids, one id, ids with commas between them, or nothing."""
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",")]
    items = value if isinstance(value, list) else [value]
    found = [_id(item.get("id") if isinstance(item, Mapping) else item) for item in items]
    return tuple(dict.fromkeys(id for id in found if id is not None and str(id).lower() != "none"))


def id_of(item: Mapping[str, Any]) -> Id | None:
    """The object's own id, None where it has none."""
    return _id(item.get("id"))


def _id(value: object) -> Id | None:
    """An integer, or text; a number like 2.1 is the text that stands there."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return str(value).strip() or None if isinstance(value, (str, float)) else None


def priority(value: object) -> float | None:
    """A number, also as text (`"2"`, `"P1"`), or a word for it; None for what says nothing."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)) or values.is_empty(value):
        return None
    return values.priority(value) if values.is_priority(value) else None


def level(value: object) -> str | None:
    """A word for complexity as `high`, `medium` or `low`; None for another."""
    return values.complexity(value) or None


def odd(items: Iterable[Mapping[str, Any]], level: Callable[[object], object] = level) -> Iterator[str]:
    """A warning for each word for a priority or a complexity that is not understood, however many have it."""
    for field, read, instead in (("priority", priority, "99"), ("complexity", level, "estimated")):
        words = (item[field] for item in items if not values.is_empty(item.get(field)))
        for word, count in Counter(values.shown(word) for word in words if read(word) is None).items():
            yield f"{field} {word} of {count} is not understood: {instead}"


def said(item: Mapping[str, Any], rules: Rules = BUILT_IN) -> Said | None:
    """How the work stands, as a feature of a list says it; None where nothing tells."""
    form = shape.of(tuple(item), rules)
    try:
        stands = standing(item, form)
    except Wrong as wrong:
        return Said(None, values.shown(item[wrong.key]), wrong.key)
    if stands.unknown:
        return Said(None, stands.unknown, word_of(item, form)[0])
    if values.is_empty(item.get(stands.by)):
        return None
    return Said(_state(stands), stands.dropped, stands.by)


def _state(stands: Standing) -> State:
    if stands.passes:
        return "done"
    return "dropped" if stands.dropped else "blocked" if stands.blocked else "open"


def entry(item: Mapping[str, Any], id: Id, category: str = "") -> Entry:
    """The definition that the object gives, None for what it does not name; its state is for the caller to say.

    Raises Wrong for a value that can't be read.
    """
    form = shape.of(tuple(item), BUILT_IN)
    description = reading.text(item, form.description) if form.description else None
    wanted, tests = first(item, form.dependencies), first(item, _lists(item, form.tests))
    return Entry(
        id,
        name=reading.stated_name(item, form) or reading.first_sentence(description or "") or None,
        description=description and description.strip(),
        category=text(first(item, _CATEGORY)) or category or reading.text(item, form.category) or None,
        priority=priority(item.get("priority")),
        dependencies=dependencies(wanted) if form.dependencies else None,
        tests=(*lines(tests), *_prose(item, form)) if form.tests or form.verify else None,
        verify=reading.verify(item, form),
        inputs=lines(item["inputs"]) if item.get("inputs") else None,
        complexity=level(item.get("complexity")),
    )


def _lists(item: Mapping[str, Any], names: Sequence[str]) -> tuple[str, ...]:
    """The texts, without a `verification` that is a string: it says how to check, not what."""
    return tuple(name for name in names if name != "verification" or isinstance(item[name], list))


def _prose(item: Mapping[str, Any], form: shape.Shape) -> tuple[str, ...]:
    """A check that reads as a sentence is a test in words."""
    field = reading.check_field(item, form)
    return (text(item[field]),) if field and reading.verify(item, form) is None else ()

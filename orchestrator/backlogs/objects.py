"""A JSON object that describes one piece of work, in whatever names its tool has for that (SPEC section 3)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from orchestrator.backlogs import statuses
from orchestrator.backlogs.protocol import Entry, Id, State
from orchestrator.features import complexity

NAME = ("name", "title")
DESCRIPTION = (
    "description", "details", "user_visible_behavior", "userVisibleBehavior", "behavior", "summary",
)  # fmt: skip
CATEGORY = ("category", "area")
GROUP = ("milestone", "phase", "track", "module")
DEPENDENCIES = ("dependencies", "depends_on", "dependsOn", "deps", "requires")
TESTS = (
    "tests", "steps", "acceptance", "acceptance_criteria", "acceptanceCriteria", "criteria", "done_criteria",
    "doneCriteria",
)  # fmt: skip
CHECK = ("verify", "verification_command")
STATUS = ("status", "state")
DONE = ("passes", "done", "complete", "completed", "implemented")
_PRIORITIES = {
    "critical": 1, "urgent": 1, "high": 2, "medium": 3, "normal": 3, "low": 4, "lowest": 5, "minor": 5,
}  # fmt: skip
_COMPLEXITIES = {
    "complex": "high", "hard": "high", "large": "high", "moderate": "medium",
    "simple": "low", "easy": "low", "trivial": "low", "small": "low",
}  # fmt: skip


class Said(NamedTuple):
    """What an object says about how its work stands; `state` None where its word is not known."""

    state: State | None
    word: str
    key: str


def first(item: Mapping[str, Any], names: Sequence[str]) -> Any:
    """The value of the first of the names that is there and not null."""
    return next((item[name] for name in names if item.get(name) is not None), None)


def text(value: object) -> str:
    """A value as text; lists as lines."""
    if isinstance(value, list):
        return "\n".join(f"- {text(item)}" if isinstance(item, str) else text(item) for item in value)
    return "" if value is None else value.strip() if isinstance(value, str) else str(value)


def lines(value: object) -> tuple[str, ...]:
    """A list of texts; a text is a list of one. Objects within give their first text."""
    items = value if isinstance(value, list) else [] if value is None else [value]
    return tuple(said for item in items if (said := _line(item)))


def _line(item: object) -> str:
    if isinstance(item, Mapping):
        return next((value.strip() for value in item.values() if isinstance(value, str) and value.strip()), "")
    return text(item)


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
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    if not isinstance(value, str):
        return None
    found = re.fullmatch(r"[Pp]?(-?\d+(?:\.\d+)?)", value.strip())
    if found:
        number = float(found[1])
        return int(number) if number.is_integer() else number
    return _PRIORITIES.get(value.strip().lower())


def level(value: object) -> str | None:
    """A word for complexity as `high`, `medium` or `low`; None for another."""
    said = value.strip().lower() if isinstance(value, str) else ""
    return said if said in complexity.LEVELS else _COMPLEXITIES.get(said)


def said(item: Mapping[str, Any], more: Mapping[str, State]) -> Said | None:
    """How the work stands: `passes`, else a status in words, else another truth value; None where nothing tells."""
    for key in (DONE[0], *STATUS, *DONE[1:]):
        value = item.get(key)
        if isinstance(value, bool):
            return Said("done" if value else "open", "", key)
        if isinstance(value, str) and key in STATUS:
            return Said(statuses.state(value, more), value, key)
        if isinstance(value, str) and value.strip().lower() in ("true", "yes", "false", "no"):
            return Said("done" if value.strip().lower() in ("true", "yes") else "open", "", key)
    return None


def entry(item: Mapping[str, Any], id: Id, category: str = "") -> Entry:
    """The definition that the object gives, None for what it does not name; its state is for the caller to say."""
    tests = first(item, TESTS)
    if tests is None and isinstance(item.get("verification"), list):
        tests = item["verification"]
    check, wanted = first(item, CHECK), first(item, DEPENDENCIES)
    name, description = _named(item, NAME), _named(item, DESCRIPTION)
    return Entry(
        id,
        name=name or (_sentence(description) if description else name),
        description=description,
        category=_named(item, CATEGORY) or category or _named(item, GROUP),
        priority=priority(item.get("priority")),
        dependencies=None if wanted is None else dependencies(wanted),
        tests=None if tests is None else lines(tests),
        verify=check if isinstance(check, str) else None,
        inputs=lines(item["inputs"]) if item.get("inputs") else None,
        complexity=level(item.get("complexity")),
    )


def _named(item: Mapping[str, Any], names: Sequence[str]) -> str | None:
    value = first(item, names)
    return None if value is None else text(value)


def _sentence(description: str) -> str:
    """The first sentence, for what has no name."""
    found = re.match(r".*?[.!?](?=\s|$)|[^\n]+", description, re.DOTALL)
    return " ".join(found[0].split()) if found else ""

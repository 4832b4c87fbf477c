"""An entry as its feature list writes it: a new feature, or what changes in one that is there."""

from __future__ import annotations

from typing import Any

from orchestrator.backlogs import objects
from orchestrator.backlogs.protocol import Entry
from orchestrator.features.dialects import reading, values
from orchestrator.features.dialects.tables import FIELDS, meaning
from orchestrator.features.dialects.vocabulary import Vocabulary
from orchestrator.features.model import Feature

_FIELDS = (
    "name", "description", "category", "priority", "dependencies", "tests", "verify", "inputs", "complexity",
)  # fmt: skip
_LISTS = ("dependencies", "tests")
_DROPPED = "cancelled"


def new(entry: Entry, words: Vocabulary) -> dict[str, Any]:
    """The object of a new feature, which stands in the list's own words as the source says."""
    item: dict[str, Any] = {"id": entry.id}
    for field in _FIELDS:
        value = getattr(entry, field)
        if value is not None and not _is_blank(value):
            item[field] = _plain(value)
        elif field in _LISTS or field == "description":
            item[field] = [] if field in _LISTS else ""
    item.update((key, value) for key, value in entry.extra.items() if key not in item)
    return {**item, **_standing(entry, words)}


def change(entry: Entry, feature: Feature) -> dict[str, object]:
    """The fields in which the entry differs from the feature, under the feature's own field names."""
    edit: dict[str, object] = {}
    for field in _FIELDS:
        wanted = getattr(entry, field)
        if wanted is not None and (wanted or field != "name") and not _same(wanted, _now(feature, field)):
            edit[_key(feature, field)] = _plain(wanted)
    return edit


def _standing(entry: Entry, words: Vocabulary) -> dict[str, Any]:
    by = words.field
    if by not in FIELDS["status"]:
        if entry.state == "dropped":
            return {"status": _dropped(entry, words)}  # without `passes`, which would say that it is to do
        blocked = {"blocked": True, **_reason(entry)} if entry.state == "blocked" else {}
        return {by or "passes": entry.state == "done", **blocked}
    said = {"done": words.done, "blocked": words.blocked, "open": words.open}
    word = _dropped(entry, words) if entry.state == "dropped" else said[entry.state](by)
    return {by: word, **(_reason(entry) if entry.state == "blocked" else {})}


def _dropped(entry: Entry, words: Vocabulary) -> str:
    """The source's own word for "dropped" if it is in the list's tables, else ours."""
    return entry.word if meaning(entry.word, words.rules) == "dropped" else _DROPPED


def _reason(entry: Entry) -> dict[str, str]:
    return {"blocked_reason": entry.reason} if entry.reason else {}


def _key(feature: Feature, field: str) -> str:
    """The name under which the feature says this; for a name that is a slug the title beside it."""
    names = tuple(name for name in FIELDS.get(field, (field,)) if name in feature.data)
    if field == "name" and len(names) > 1 and feature.data[names[0]] != feature.name:
        return names[1]
    filled = (name for name in names if not values.is_empty(feature.data[name]))
    return next(filled, names[0] if names else field)


def _now(feature: Feature, field: str) -> object:
    """What the feature says; a check in words is a test of its list, but none of its tests as they are written."""
    if field == "complexity":
        return values.complexity(feature.data.get("complexity"))
    if field == "tests" and feature.verify is None and reading.check_field(feature.data, feature.shape):
        return objects.lines(feature.data.get(_key(feature, field)))
    return getattr(feature, field)


def _same(wanted: object, now: object) -> bool:
    """Nothing, "" and an empty list say the same; `1` and `"1"` are one id."""
    if isinstance(wanted, tuple) and isinstance(now, tuple):
        return tuple(map(str, wanted)) == tuple(map(str, now))
    return wanted == now or (_is_blank(wanted) and _is_blank(now))


def _is_blank(value: object) -> bool:
    return not value.strip() if isinstance(value, str) else value == ()


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value

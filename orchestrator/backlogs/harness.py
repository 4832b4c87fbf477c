"""harness: lists like `feature_list.json`, whichever way they are nested.

Harnesses for long-running agents keep a list of features in a JSON file. Most are flat and read as they are
(docs/lists.md); this reads the others as well:

- objects of lists or objects by category: `{"features": {"auth": [...], "ui": [...]}}`, with or without `features`;
- groups, also as objects by name and in each other: `categories[].features`, `milestones[].features`, `phases[].tasks`;
- objects of features by number or by id: `{"0": {...}, "1": {...}}`, `{"F001": {...}}`.

The names around a feature become its category. Where the file holds a known key for a list or for groups, all that
stands beside it (rules, legends, sessions) is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from orchestrator.backlogs import objects, sources
from orchestrator.backlogs.protocol import Backlog, Entry, Id, Options, numbered
from orchestrator.errors import OrchestratorError
from orchestrator.features.dialects import shape
from orchestrator.features.dialects.tables import FIELDS

KIND = "harness"
NAMES = ("feature_list.json", "feature-list.json", "features.json")
Keys = tuple[str | int, ...]

_LISTS = (
    "features", "feature_list", "featureList", "items", "tasks", "stories", "userStories", "entries", "backlog",
)  # fmt: skip
_GROUPS = (
    "categories", "milestones", "phases", "groups", "modules", "epics", "sprints", "sections", "areas", "tracks",
    "components",
)  # fmt: skip
_TEXTS = (*objects.NAME, *objects.DESCRIPTION)
_STATES = objects.STATES
_KNOWN = frozenset({"id", "inputs", *(name for names in FIELDS.values() for name in names)})


class Found(NamedTuple):
    """A feature: its object, where it stands, the names around it, and the key that it has in an object of features."""

    item: Mapping[str, Any]
    keys: Keys
    category: str
    key: str = ""


def detect(root: Path) -> list[Path]:
    """The project's own list where it is nested: it can't be used before it is imported."""
    path = root / NAMES[0]
    return [path] if path.is_file() and nested(sources.peek(path)) else []


def fits(source: Path) -> bool:
    value = sources.peek(source) if source.is_file() else None
    return nested(value) or any(not set(_STATES).isdisjoint(feature.item) for feature in features(value))


def read(source: Path, options: Options) -> Backlog:
    file = sources.load(source, options.root)
    found = list(features(file.value))
    if not found:
        raise OrchestratorError(
            "no features in it", where=file.where, fix="A list holds objects with an id and a description"
        )
    ids = numbered("F", taken(found))
    entries = tuple(_entry(feature, file, options, ids) for feature in found)
    return Backlog(KIND, file.where, entries, warnings=tuple(objects.odd([feature.item for feature in found])))


def taken(found: Iterable[Found]) -> set[str]:
    """The ids that features have."""
    return {str(id) for feature in found if (id := own_id(feature)) is not None}


def own_id(found: Found) -> Id | None:
    """Its own id, else its key in an object of features; None where it has neither."""
    own = objects.id_of(found.item)
    return own if own is not None else found.key or None


def nested(value: Any) -> bool:
    """Whether the value holds features, but not as a plain list. Under an unknown key they must have a status."""
    if is_plain(value):
        return False
    found = list(features(value))
    return bool(found) and (bool(_members(value)) or any(not set(_STATES).isdisjoint(one.item) for one in found))


def is_plain(value: Any) -> bool:
    """Whether it is a list, or an object with a list `features`, and none of its entries a group without an id."""
    plain = value.get("features") if isinstance(value, Mapping) else value
    return isinstance(plain, list) and not any(_members(item) and "id" not in item for item in plain)


def features(value: Any, keys: Keys = (), category: str = "") -> Iterator[Found]:
    """The features in the value, in file order."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _one(item, (*keys, index), category)
    elif isinstance(value, Mapping):
        named = _members(value)
        for key in named or value:
            inner = category if key in _LISTS or key in _GROUPS else _joined(category, "" if key.isdigit() else key)
            if isinstance(value[key], list):
                yield from features(value[key], (*keys, key), inner)
            elif isinstance(value[key], Mapping):
                yield from _one(value[key], (*keys, key), category if _is_feature(value[key]) else inner, key)


def _one(item: Any, keys: Keys, category: str, key: str = "") -> Iterator[Found]:
    """A feature, or what stands in a group of them."""
    if not isinstance(item, Mapping):
        return
    if _is_feature(item):
        yield Found(item, keys, category, key)
        return
    name = objects.text(objects.first(item, (*objects.NAME, "category", "milestone", "phase", "id")))
    own = name if _members(item) and not key else ""
    yield from features(item, keys, _joined(category, own))


def _is_feature(item: Mapping[str, Any]) -> bool:
    """Whether the object is a feature, not a group of features. With `passes` it is always a feature."""
    told = "id" in item or any(isinstance(item.get(name), str) for name in _TEXTS)
    return told and ("passes" in item or not _members(item))


def _members(item: Any) -> list[str]:
    """The keys of an object under which features or groups of them stand."""
    if not isinstance(item, Mapping):
        return []
    return [
        key
        for key, value in item.items()
        if (key in _LISTS and any(isinstance(inner, (Mapping, list)) for inner in _inside(value)))
        or (key in _GROUPS and any(isinstance(inner, list) or _members(inner) for inner in _inside(value)))
    ]


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, Mapping):
        return value.values()
    return value if isinstance(value, list) else ()


def _joined(*names: str) -> str:
    return " / ".join(name for name in names if name)


def _entry(found: Found, file: sources.Json, options: Options, ids: Iterator[str]) -> Entry:
    id = own_id(found)
    entry = sources.entry(found.item, next(ids) if id is None else id, found.category, file, found.keys)
    form = shape.of(tuple(found.item), options.rules)
    extra = {key: found.item[key] for key in form.definition if key not in _KNOWN}
    entry = entry._replace(made=id is None, extra=extra)
    return sources.stated(entry, objects.said(found.item, options.rules), file, found.keys)

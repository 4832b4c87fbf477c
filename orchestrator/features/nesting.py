"""Why a JSON document is no feature list: its features are nested in another way, or it is something else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from orchestrator.features.dialects.tables import FIELDS

_DEEPEST = 5
_NAMED = frozenset({*FIELDS["name"], *FIELDS["description"]})
_TRACKED = frozenset({"passes", "priority", *FIELDS["status"], *FIELDS["flag"], *FIELDS["tests"]})
_GROUPS = ("features", "items", "tasks", "stories", "entries")


class NoList(NamedTuple):
    """Why there is no list of features, and what to type."""

    what: str
    fix: str


def of_root(root: Any, where: str) -> NoList:
    """For a document that is neither an array nor an object with an array `features`."""
    if _holds_entries(root, _DEEPEST):
        return _nested(where)
    if isinstance(root, dict) and "features" in root:
        return NoList('"features" must be a list', 'Write "features": [], with an object for each feature in it')
    return _none('it has no list "features"' if isinstance(root, dict) else "it is neither an object nor an array")


def of_entries(entries: Iterable[Any], where: str, *, bare: bool) -> NoList | None:
    """For the entries of an array that may be something else; None where they are features, good or bad ones."""
    listed = list(entries)
    objects = [entry for entry in listed if isinstance(entry, dict)]
    if any("id" in entry for entry in objects) or not listed:
        return None
    if any(_is_group(entry) for entry in objects):
        return _nested(where)
    if bare and not any(entry.keys() & (_NAMED | _TRACKED) for entry in objects):
        return _none("its entries are no features")
    return None


def _nested(where: str) -> NoList:
    return NoList("the features are nested in a way that is not read as it is", f"Run `orchestrator import {where}`")


def _none(why: str) -> NoList:
    return NoList(
        f"this is no feature list: {why}", "Name yours under [project] features in orchestrator.toml, or move this file"
    )


def _is_group(entry: dict[str, Any]) -> bool:
    if entry.keys() & {"passes", *FIELDS["status"]}:
        return False
    return any(key in entry and _holds_entries(entry[key], 2) for key in _GROUPS)


def _holds_entries(value: Any, depth: int) -> bool:
    inner = value if isinstance(value, list) else value.values() if isinstance(value, dict) else ()
    return depth > 0 and any(_is_entry(one) or _holds_entries(one, depth - 1) for one in inner)


def _is_entry(value: Any) -> bool:
    """Whether an object looks like a piece of work: it has a name or an id, and a standing or tests."""
    if not isinstance(value, dict):
        return False
    named, tracked = value.keys() & _NAMED, value.keys() & _TRACKED
    return bool(("id" in value or named) and tracked) or ("id" in value and bool(named))

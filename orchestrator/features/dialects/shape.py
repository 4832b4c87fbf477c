"""Which key of a feature is which field. Most features of a list have the same keys, so the answer is cached."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from orchestrator.features.dialects.tables import FIELDS, Rules, is_bookkeeping


class Shape(NamedTuple):
    """For each field, the keys under which this feature may have it; the first that is not empty counts.

    `own` holds the keys of fields that have one name only, `definition` the keys that say what is asked for.
    """

    name: tuple[str, ...]
    description: tuple[str, ...]
    category: tuple[str, ...]
    dependencies: tuple[str, ...]
    tests: tuple[str, ...]
    verify: tuple[str, ...]
    status: tuple[str, ...]
    flag: tuple[str, ...]
    passes: bool
    priority: bool
    marked: bool  # has any of the fields that few have
    definition: tuple[str, ...]
    rules: Rules


_FEW = ("inputs", "blocked", "needs_review")


@lru_cache(maxsize=4096)
def of(keys: tuple[str, ...], rules: Rules) -> Shape:
    """The shape of a feature with these keys."""
    here = frozenset(keys)
    found = {what: tuple([name for name in names if name in here]) for what, names in FIELDS.items()}
    return Shape(
        **found,
        passes="passes" in here,
        priority="priority" in here,
        marked=not here.isdisjoint(_FEW),
        definition=tuple([key for key in keys if not is_bookkeeping(key, rules)]),
        rules=rules,
    )

"""One version of a feature list, ready to be compared with another by id and by key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from orchestrator.features import model
from orchestrator.features.dialects.tables import BUILT_IN, Rules
from orchestrator.features.document import REMOVE, raw_values
from orchestrator.features.same import same
from orchestrator.features.spans import Element, Layout, decode, scan

MISSING: Final = object()
EMPTY = b'{\n  "features": []\n}\n'


@dataclass(frozen=True)
class Version:
    """The list taken apart; `top` holds the other top-level keys."""

    layout: Layout
    by_id: dict[str, Element]
    top: dict[str, Any]

    @property
    def ids(self) -> list[str]:
        """In file order."""
        return list(self.by_id)

    def value(self, id: str) -> Any:
        """The feature's object; MISSING when there is none."""
        return self.by_id[id].value if id in self.by_id else MISSING

    def raw(self, id: str) -> str:
        """The text of a feature."""
        return self.layout.raw(self.by_id[id])

    def edits(self, id: str, keys: Iterable[str]) -> dict[str, object]:
        """Edits that give the feature, in another version, these keys as they are here; REMOVE if absent here."""
        return _edits(raw_values(self.layout.text, self.by_id[id].start), keys)

    def top_edits(self, keys: Iterable[str]) -> dict[str, object]:
        """The same for top-level keys."""
        here = {} if self.layout.bare else raw_values(self.layout.text, self.layout.root.start)
        return _edits(here, keys)

    def same_feature(self, id: str, other: Version) -> bool:
        """Whether both define the feature alike (an absent flag counts as false). True also when neither has it."""
        if id not in self.by_id or id not in other.by_id:
            return id not in self.by_id and id not in other.by_id
        return self.raw(id) == other.raw(id) or not keys_that_differ(self.value(id), other.value(id))


def read(data: bytes, where: str, rules: Rules = BUILT_IN, *, may_be_absent: bool = False) -> Version:
    """Take a list apart. Raises OrchestratorError for an invalid one; unknown status words are allowed. With
    `may_be_absent`, no bytes at all count as an empty list.
    """
    data = EMPTY if may_be_absent and not data.strip() else data
    model.parse(data, where, rules, lenient=True)
    text = decode(data, where)
    layout = scan(text, where)
    top: dict[str, Any] = {}
    if not layout.bare:
        top = {key: raw.value() for key, raw in raw_values(text, layout.root.start).items() if key != "features"}
    return Version(layout, layout.by_id(where), top)


def same_key(key: str, one: object, other: object) -> bool:
    """Whether two values of a key are the same; an absent flag is a false one."""
    if key in _FLAGS:
        one, other = (False if value is MISSING else value for value in (one, other))
    if one is MISSING or other is MISSING:
        return one is other
    return same(one, other)


def keys_that_differ(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """In the order of `one`, then of `other`."""
    keys = dict.fromkeys([*one, *other])
    return [key for key in keys if not same_key(key, one.get(key, MISSING), other.get(key, MISSING))]


def anchors(order: Iterable[str], present: Iterable[str], wanted: Iterable[str]) -> dict[str, str | None]:
    """For each wanted id of `order`, the nearest one before it that is in `present`; None when there is none."""
    there, chosen = set(present), set(wanted)
    found: dict[str, str | None] = {}
    last: str | None = None
    for id in order:
        if id in chosen:
            found[id] = last
        elif id in there:
            last = id
    return found


_FLAGS = frozenset({"passes", "blocked", "needs_review"})


def _edits(here: Mapping[str, object], keys: Iterable[str]) -> dict[str, object]:
    return {key: here.get(key, REMOVE) for key in keys}

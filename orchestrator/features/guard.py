"""What an agent session may change in the feature list: it may add features and claim its own (SPEC section 8)."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator.errors import OrchestratorError
from orchestrator.features import document, model
from orchestrator.features.document import REMOVE
from orchestrator.features.spans import NAME
from orchestrator.features.versions import EMPTY, Version, anchors, keys_that_differ, read

_CLAIM = frozenset({"passes", "passes_from"})
_UNEARNED = {"passes": False, "blocked": False, "passes_from": REMOVE}


@dataclass(frozen=True)
class Guarded:
    """The list as it is to be, and a sentence for everything that was undone."""

    data: bytes
    undone: list[str]


def guard(before: bytes, after: bytes, own: str) -> Guarded:
    """The list after a session for the feature `own`, without what the session must not do.

    Where nothing is to be undone it is `after` to the byte; else it is made from `before`, so that what is
    restored is so to the byte. An `after` that is no valid list is dropped whole.
    """
    if before == after:
        return Guarded(after, [])
    old = read(before, f"{NAME} before the session", may_be_absent=True)
    try:
        new = read(after, NAME)
    except OrchestratorError as error:
        return Guarded(before, [f"the feature list was left invalid, {error}; it was restored whole"])
    added = [id for id in new.ids if id not in old.by_id]
    unearned = _unearned(new, added)
    undone = [*_undone_features(old, new, own), *_undone_top(old, new)]
    said = undone + [f"{id}: came in with {_and(keys)} set; cleared" for id, keys in unearned.items()]
    after = document.edit(after, {id: {key: _UNEARNED[key] for key in keys} for id, keys in unearned.items()})
    if not undone:
        return Guarded(after, said)
    data = _rebuilt(before, old, read(after, NAME), own, added)
    try:
        model.parse(data)
    except OrchestratorError as error:
        return Guarded(before, [*said, f"the added features do not fit the restored ones, {error}; they were dropped"])
    return Guarded(data, said)


def _unearned(new: Version, added: list[str]) -> dict[str, list[str]]:
    """The flags that a new feature can't have earned yet."""
    found: dict[str, list[str]] = {}
    for id in added:
        keys = [key for key in _UNEARNED if new.value(id).get(key)]
        if keys:
            found[id] = keys
    return found


def _undone_features(old: Version, new: Version, own: str) -> list[str]:
    said: list[str] = []
    for id in old.ids:
        if id not in new.by_id:
            said.append(f"{id}: was deleted; restored")
        elif not old.same_feature(id, new):
            keys = [key for key in keys_that_differ(old.value(id), new.value(id)) if not (id == own and key in _CLAIM)]
            if keys:
                said.append(f"{id}: {_and(keys)} {'was' if len(keys) == 1 else 'were'} changed; restored")
    return said


def _undone_top(old: Version, new: Version) -> list[str]:
    """Top-level keys may be added, not changed or taken away."""
    return [
        f'the top-level "{key}" was {"changed" if key in new.top else "deleted"}; restored'
        for key in keys_that_differ(old.top, new.top)
        if key in old.top
    ]


def _rebuilt(before: bytes, old: Version, new: Version, own: str, added: list[str]) -> bytes:
    """`before` with what a session may do: the claim, added features at their places, added top-level keys."""
    data = before if before.strip() else EMPTY
    if own in old.by_id and own in new.by_id:
        keys = [key for key in keys_that_differ(old.value(own), new.value(own)) if key in _CLAIM]
        data = document.edit(data, {own: new.edits(own, keys)})
    places = anchors(new.ids, old.ids, added)
    data = document.insert(data, [(places[id], new.raw(id)) for id in added])
    return document.edit_top(data, new.top_edits(key for key in new.top if key not in old.top))


def _and(keys: list[str]) -> str:
    return keys[0] if len(keys) == 1 else f"{', '.join(keys[:-1])} and {keys[-1]}"

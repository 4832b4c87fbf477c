"""What an agent session may change in the feature list: it may add features, claim its own, and keep its own books
about it (docs/contract.md, section 8).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from orchestrator.errors import OrchestratorError
from orchestrator.features import document, model
from orchestrator.features.dialects import shape, vocabulary
from orchestrator.features.dialects.shape import Shape
from orchestrator.features.dialects.standing import says, standing
from orchestrator.features.dialects.tables import BUILT_IN, FIELDS, NOT_FOR_AGENTS, Rules, is_bookkeeping
from orchestrator.features.document import REMOVE
from orchestrator.features.spans import NAME
from orchestrator.features.versions import EMPTY, Version, anchors, keys_that_differ, read

_CLAIM = frozenset({"passes", "passes_from"})
_OURS = ("_", "blocked")  # bookkeeping that is no session's


@dataclass(frozen=True)
class Guarded:
    """The list as it is to be, and a sentence for everything that was undone."""

    data: bytes
    undone: list[str]


def guard(before: bytes, after: bytes, own: str, rules: Rules = BUILT_IN) -> Guarded:
    """The list after a session for the feature `own`, without what the session must not do.

    If nothing has to be undone, the result is `after`, byte for byte. Else it is made from `before`, so that what is
    restored has its old bytes. If `after` is no valid list, the result is `before`.
    """
    if before == after:
        return Guarded(after, [])
    old = read(before, f"{NAME} before the session", rules, may_be_absent=True)
    try:
        new = read(after, NAME, rules)
    except OrchestratorError as error:
        return Guarded(before, [f"the feature list was left invalid, {error}; it was restored whole"])
    added = [id for id in new.ids if id not in old.by_id]
    unearned = _unearned(old, new, added, rules)
    kept = _kept(old, new, own, rules)
    undone = [*_undone_features(old, new, own, kept), *_undone_top(old, new)]
    said = undone + [f"{id}: came in with {_and(list(edit))} set; cleared" for id, edit in unearned.items()]
    after = document.edit(after, unearned)
    if not undone:
        return Guarded(after, said)
    data = _rebuilt(before, old, read(after, NAME, rules), own, kept, added)
    try:
        model.parse(data, rules=rules, lenient=True)
    except OrchestratorError as error:
        return Guarded(before, [*said, f"the added features do not fit the restored ones, {error}; they were dropped"])
    return Guarded(data, said)


def _unearned(old: Version, new: Version, added: list[str], rules: Rules) -> dict[str, dict[str, object]]:
    """The edit that clears what a new feature can't be yet, such as done."""
    found: dict[str, dict[str, object]] = {}
    words = vocabulary.of(((e.value, shape.of(tuple(e.value), rules)) for e in old.by_id.values()), old.top, rules)
    for id in added:
        item = new.value(id)
        form = shape.of(tuple(item), rules)
        edit: dict[str, object] = {key: False for key in ("passes", "blocked") if says(item, key, form) == "done"}
        edit |= {"passes_from": REMOVE} if item.get("passes_from") else {}
        edit |= {key: words.open(key) for key in form.status if _is_word(item[key]) and _earned(item, key, form)}
        edit |= {key: False for key in form.flag if says(item, key, form) == "done"}
        if edit:
            found[id] = edit
    return found


def _is_word(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _earned(item: dict[str, Any], key: str, form: Shape) -> bool:
    """Whether the field says done or blocked, or something that is not understood."""
    return says(item, key, form) in ("done", "blocked", None)


def _kept(old: Version, new: Version, own: str, rules: Rules) -> frozenset[str]:
    """The keys that the session may change in its own feature. It may not block or drop the feature by its status, nor
    write an unknown status word.
    """
    if own not in old.by_id or own not in new.by_id:
        return frozenset()
    item = new.value(own)
    form = shape.of(tuple(item), rules)
    stands = standing(item, form)
    held = stands.blocked or stands.dropped or stands.unknown
    return frozenset(
        key
        for key in keys_that_differ(old.value(own), item)
        if key in _CLAIM or (_is_session_s(key, rules) and not (held and key in FIELDS["status"]))
    )


def _is_session_s(key: str, rules: Rules) -> bool:
    return is_bookkeeping(key, rules) and key not in NOT_FOR_AGENTS and not key.startswith(_OURS)


def _undone_features(old: Version, new: Version, own: str, kept: frozenset[str]) -> list[str]:
    said: list[str] = []
    for id in old.ids:
        if id not in new.by_id:
            said.append(f"{id}: was deleted; restored")
        elif not old.same_feature(id, new):
            keys = [key for key in keys_that_differ(old.value(id), new.value(id)) if not (id == own and key in kept)]
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


def _rebuilt(before: bytes, old: Version, new: Version, own: str, kept: frozenset[str], added: list[str]) -> bytes:
    """`before` with what a session may do: the keys `kept` of its own feature, added features at their places, added
    top-level keys.
    """
    data = before if before.strip() else EMPTY
    if own in old.by_id and own in new.by_id:
        keys = [key for key in keys_that_differ(old.value(own), new.value(own)) if key in kept]
        data = document.edit(data, {own: new.edits(own, keys)})
    places = anchors(new.ids, old.ids, added)
    data = document.insert(data, [(places[id], new.raw(id)) for id in added])
    return document.edit_top(data, new.top_edits(key for key in new.top if key not in old.top))


def _and(keys: list[str]) -> str:
    return keys[0] if len(keys) == 1 else f"{', '.join(keys[:-1])} and {keys[-1]}"

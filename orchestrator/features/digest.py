"""The digest of a definition, and what changed between two definitions in words."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from orchestrator.features import phase_input
from orchestrator.features.dialects.tables import BUILT_IN, FIELDS, Rules, is_bookkeeping, was_bookkeeping
from orchestrator.features.dialects.values import is_empty
from orchestrator.features.model import Feature
from orchestrator.features.same import canonical, same

_LONGEST = 60
_CONTEXT = 15


def definition_digest(feature: Feature, inputs: Iterable[tuple[str, bytes]] = ()) -> str:
    """40 hex digits over the definition and the (path, content) of its inputs; their order does not matter.

    Ids count as their digits, and an empty field as an absent one: a script that reformats a list changes nothing.
    Each part is preceded by its length, so that no two different sets of parts run together to the same bytes.
    """
    definition, contents = phase_input.settled(_reckoned(feature), feature.id, inputs)
    return _digest(definition, contents)


def digest_0_1(feature: Feature, inputs: Iterable[tuple[str, bytes]] = ()) -> str:
    """The digest as version 0.1 computed it; trailers of existing histories hold such digests. It took every value as
    written, and counted the bookkeeping fields of other harnesses as part of the definition.
    """
    return _digest({key: value for key, value in feature.data.items() if not was_bookkeeping(key)}, inputs)


def changes(old: Mapping[str, Any], new: Mapping[str, Any], rules: Rules = BUILT_IN) -> list[str]:
    """One line for each field of the definition that differs: the fields of `new` in its order, then removed ones."""
    keys = [key for key in dict.fromkeys([*new, *old]) if not is_bookkeeping(key, rules)]
    lines: list[str] = []
    for key in keys:
        one, other = old.get(key), new.get(key)
        if same(_value(key, one), _value(key, other)) or (is_empty(one) and is_empty(other)):
            continue
        if key not in old:
            lines.append(f"{key}: (absent) -> {_short(canonical_text(other))}")
        elif key not in new:
            lines.append(f"{key}: {_short(canonical_text(one))} -> (absent)")
        else:
            lines.append(f"{key}: {_difference(one, other)}")
    return lines


def canonical_text(value: object) -> str:
    """JSON in one line for people: letters as they are, blanks after commas, control characters escaped."""
    import json

    text = json.dumps(value, ensure_ascii=False)
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


_DEPENDENCIES = frozenset(FIELDS["dependencies"])


def _digest(definition: Mapping[str, Any], inputs: Iterable[tuple[str, bytes]]) -> str:
    whole = hashlib.sha256()
    for part in [canonical(definition).encode(), *_parts(inputs)]:
        whole.update(b"%d:" % len(part))
        whole.update(part)
    return whole.hexdigest()[:40]


def _reckoned(feature: Feature) -> dict[str, Any]:
    data = feature.data
    return {key: _value(key, value) for key in feature.shape.definition if not is_empty(value := data[key])}


def _value(key: str, value: Any) -> Any:
    """Ids as their digits."""
    if key == "id":
        return str(value)
    if key in _DEPENDENCIES:
        if isinstance(value, list):
            return [str(id) if type(id) is int else id for id in value]
        return str(value) if type(value) is int else value
    return value


def _parts(inputs: Iterable[tuple[str, bytes]]) -> Iterable[bytes]:
    for path, content in sorted(set(inputs)):
        yield path.encode("utf-8", "surrogatepass")
        yield content


def _difference(old: object, new: object) -> str:
    if isinstance(old, list) and isinstance(new, list):
        return _list_difference(old, new)
    before, after = canonical_text(old), canonical_text(new)
    pairs = enumerate(zip(before, after, strict=False))
    shared = next((index for index, (one, other) in pairs if one != other), min(len(before), len(after)))
    # Two long texts may begin alike, which tells nothing: show them from where they differ.
    cut = shared - _CONTEXT if max(len(before), len(after)) > _LONGEST and shared > 2 * _CONTEXT else 0
    return f"{_short(before, cut)} -> {_short(after, cut)}"


def _list_difference(old: list[Any], new: list[Any]) -> str:
    added, removed = _without(new, old), _without(old, new)
    said = [
        f"{word} {', '.join(_short(item) for item in items)}"
        for word, items in (("added", added), ("removed", removed))
        if items
    ]
    return "; ".join(said) if said else "in another order"


def _without(items: list[Any], others: list[Any]) -> list[str]:
    """The multiset difference: each of `items`, without as many of it as `others` has."""
    left = [canonical(item) for item in others]
    found: list[str] = []
    for item in items:
        text = canonical(item)
        if text in left:
            left.remove(text)
        else:
            found.append(canonical_text(item))
    return found


def _short(text: str, start: int = 0) -> str:
    shown = ("..." if start > 0 else "") + text[max(start, 0) :]
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 3] + "..."

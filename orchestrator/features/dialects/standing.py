"""How a feature stands by the list's own word: done or not, blocked, dropped; and which field says it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from orchestrator.features.dialects import values
from orchestrator.features.dialects.shape import Shape
from orchestrator.features.dialects.tables import Meaning, meaning


class Standing(NamedTuple):
    """`dropped`: the status word that drops the feature. `unknown`: a status word that is in no table. `by`: the field
    that decides. Each is "" where there is none.
    """

    passes: bool
    blocked: bool = False
    dropped: str = ""
    unknown: str = ""
    by: str = ""


def standing(item: Mapping[str, Any], shape: Shape) -> Standing:
    """Decided by `passes` if the feature has it, else by a status, else by a flag such as `completed`. Raises Wrong."""
    if shape.passes and not values.is_empty(said := item["passes"]):
        if said is True:
            return _DONE
        if said is False and not shape.status:
            return _OPEN
        passes = _flag(item, "passes")
        found = _DONE if passes else _OPEN
        return found if passes or not shape.status else _of_word(item, shape, found)
    if shape.status:
        found = _of_word(item, shape, _NOTHING)
        if found.by:
            return found
    for key in shape.flag:
        if not values.is_empty(item[key]):
            return Standing(_flag(item, key), by=key)
    return _NOTHING._replace(by="passes" if shape.passes else "".join((shape.status + shape.flag)[:1]))


_DONE, _OPEN, _NOTHING = Standing(True, by="passes"), Standing(False, by="passes"), Standing(False)


def _flag(item: Mapping[str, Any], key: str) -> bool:
    try:
        return values.flag(item[key])
    except values.Wrong as wrong:
        wrong.key = key
        raise


def _of_word(item: Mapping[str, Any], shape: Shape, base: Standing) -> Standing:
    """What the status word says. Beside `passes: false` it can only block or drop the feature."""
    key, word = word_of(item, shape)
    if not key:
        return base
    found = meaning(word, shape.rules)
    by = base.by or key
    if found is None:
        return Standing(False, unknown=word, by=by)
    return Standing(found == "done" and not base.by, found == "blocked", word if found == "dropped" else "", "", by)


def word_of(item: Mapping[str, Any], shape: Shape) -> tuple[str, str]:
    """The field of the status that counts and its word; empty ones where there is none. Raises Wrong."""
    for key in shape.status:
        value = item[key]
        if isinstance(value, str):
            if value.strip():
                return key, value
        elif not values.is_empty(value):
            if shape.passes and not values.is_empty(item["passes"]):
                continue  # beside `passes`, it may be about something else
            raise values.Wrong(f"must be a word, not {values.shown(value)}", 'Write a word, such as "pending"', key)
    return "", ""


def holds(item: Mapping[str, Any], shape: Shape) -> bool:
    """Whether the deciding word says blocked or dropped. The same field can't say "not done" as well then."""
    if not shape.status:
        return False
    stands = standing(item, shape)
    return stands.by in shape.status and (stands.blocked or bool(stands.dropped))


def says(item: Mapping[str, Any], key: str, shape: Shape) -> Meaning | None:
    """What one field says alone, without the others; None for no value or an unknown word."""
    value = item.get(key)
    if values.is_empty(value):
        return None
    if key in shape.status:
        return meaning(value, shape.rules) if isinstance(value, str) and value.strip() else None
    return ("done" if values.flag(value) else "not done") if values.is_flag(value) else None

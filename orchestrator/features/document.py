"""Edits of a feature list's text: only the bytes of what is edited change."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from orchestrator.errors import OrchestratorError
from orchestrator.features import ids as ids_
from orchestrator.features import style
from orchestrator.features.same import same
from orchestrator.features.spans import (
    DECODER,
    NAME,
    Layout,
    Member,
    apply,
    decode,
    line_column,
    members,
    object_end,
    scan,
)
from orchestrator.features.style import Raw


class _Remove:
    def __repr__(self) -> str:
        return "REMOVE"


REMOVE: Final = _Remove()

Patch = tuple[int, int, str]

# Where a new key goes that a completion writes, so that a formatter which sorts keys finds nothing to change: the mark
# right behind its flag, each of them into its place among sorted keys. Other keys go to the end.
_BEHIND = {"passes_from": "passes"}
_SORTED_IN = ("passes", "passes_from", "needs_review")
_TELLING = 4  # so many keys are not in order by chance


def edit(data: bytes, changes: Mapping[str, Mapping[str, object]]) -> bytes:
    """Set keys of features: id -> key -> JSON value, `Raw` text, or REMOVE.

    Of a key that comes several times the last one is set, all are removed; a value that is there already is
    left as it is written. Raises OrchestratorError for an unknown id.
    """
    if not changes:
        return data
    text = decode(data)
    layout = scan(text)
    known = layout.by_id()
    escape = style.escapes(text)
    patches: list[Patch] = []
    for id, values in changes.items():
        if id not in known:
            raise ids_.unknown(id, known, NAME)
        patches += _object_patches(text, known[id].start, values, escape)
    return apply(text, patches).encode("utf-8") if patches else data


def edit_top(data: bytes, values: Mapping[str, object]) -> bytes:
    """Set keys of the top-level object, like `edit`; a bare array has none and stays as it is."""
    if not values:
        return data
    text = decode(data)
    layout = scan(text)
    if layout.bare:
        return data
    patches = _object_patches(text, layout.root.start, values, style.escapes(text))
    return apply(text, patches).encode("utf-8")


def append(data: bytes, features: Sequence[Mapping[str, object]]) -> bytes:
    """Add features at the end, in the style of the last one."""
    text = decode(data)
    layout = scan(text)
    form = style.of_array(layout)
    last = len(layout.elements) - 1
    return _put(layout, {last: [form.entry.object(item) for item in features]}, form)


def insert(data: bytes, objects: Sequence[tuple[str | None, str]]) -> bytes:
    """Put in JSON texts of features, each after the feature of that id (None: before all), in the given order."""
    if not objects:
        return data
    text = decode(data)
    layout = scan(text)
    at = {id: index for index, id in enumerate(layout.by_id())}
    groups: dict[int, list[str]] = {}
    for after, item in objects:
        if after is not None and after not in at:
            raise ids_.unknown(after, at, NAME)
        index = -1 if after is None else at[after]
        groups.setdefault(index, []).append(style.raw_object(layout, item))
    return _put(layout, groups, style.of_array(layout))


def remove(data: bytes, ids: Iterable[str]) -> bytes:
    """Take out features with their commas and lines. Raises OrchestratorError for an unknown id."""
    gone = set(ids)
    if not gone:
        return data
    text = decode(data)
    layout = scan(text)
    at = {id: index for index, id in enumerate(layout.by_id())}
    for id in sorted(gone - at.keys()):
        raise ids_.unknown(id, at, NAME)
    spans = [(element.start, element.end) for element in layout.elements]
    inside = (layout.array.start + 1, layout.array.end - 1)
    patches = _removals(spans, {at[id] for id in gone}, inside)
    return apply(text, patches).encode("utf-8")


def locate(data: bytes, id: str, key: str | None = None) -> tuple[int, int]:
    """Line and column (from 1) of a feature, or of a key of it (the feature where it has no such key)."""
    text = decode(data)
    known = scan(text).by_id()
    if id not in known:
        raise ids_.unknown(id, known, NAME)
    start = known[id].start
    found = [member.start for member in members(text, start) if member.key == key]
    return line_column(text, found[-1] if found else start)


def raw_values(text: str, start: int) -> dict[str, Raw]:
    """The values of the object that starts there, as written."""
    return {member.key: Raw(text[member.value : member.end]) for member in members(text, start)}


def _object_patches(text: str, start: int, values: Mapping[str, object], escape: bool) -> list[Patch]:
    found = members(text, start)
    last = {member.key: member for member in found}
    if values.get("id") is REMOVE:
        raise OrchestratorError("an id can't be removed", where=NAME)
    form = style.of_object(text, start, found, escape)
    patches: list[Patch] = []
    gone: set[int] = set()
    added: dict[str, str] = {}
    for key, value in values.items():
        if value is REMOVE:
            gone.update(index for index, member in enumerate(found) if member.key == key)
        elif key in last:
            patches += _replace(text, last[key], value, form)
        else:
            added[key] = form.member(key, value)
    inside = (start + 1, object_end(text, found[-1].end if found else start + 1))
    patches += _removals([(member.start, member.end) for member in found], gone, inside)
    kept = [member for index, member in enumerate(found) if index not in gone]
    if kept:
        patches += _additions(kept, added, form)
    elif added:
        patches.append((inside[0], inside[0], form.opening + form.separator.join(added.values()) + form.closing))
    return patches


def _replace(text: str, member: Member, value: object, form: style.ObjectStyle) -> list[Patch]:
    old = text[member.value : member.end]
    if isinstance(value, Raw):
        unchanged = old == value.text
    else:
        unchanged = same(DECODER.decode(old), value)
    new = form.value(value, nested="\n" in old or (old in ("[]", "{}") and form.nested))
    return [] if unchanged else [(member.value, member.end, new)]


def _additions(kept: Sequence[Member], added: Mapping[str, str], form: style.ObjectStyle) -> list[Patch]:
    order = [member.key for member in kept]
    for key in added:
        order.insert(_place(key, order), key)
    first = next(index for index, key in enumerate(order) if key not in added)
    patches = [(kept[0].start, kept[0].start, added[key] + form.separator) for key in order[:first]]
    ends = (member.end for member in kept)
    end = 0
    for key in order[first:]:
        if key in added:
            patches.append((end, end, form.separator + added[key]))
        else:
            end = next(ends)
    return patches


def _place(key: str, order: list[str]) -> int:
    """The index at which a new key joins those of an object."""
    if _BEHIND.get(key) in order:
        return len(order) - order[::-1].index(_BEHIND[key])
    keeps_sorted = len(order) >= _TELLING and order == sorted(order)
    return bisect(order, key) if key in _SORTED_IN and keeps_sorted else len(order)


def _removals(spans: Sequence[tuple[int, int]], gone: set[int], inside: tuple[int, int]) -> list[Patch]:
    """An item is removed with the comma before it; if it is the first, with the comma after it."""
    if not gone:
        return []
    if len(gone) == len(spans):
        return [(*inside, "")]
    first_kept = next(index for index in range(len(spans)) if index not in gone)
    patches: list[Patch] = []
    for index in gone:
        if index < first_kept:
            patches.append((spans[index][0], spans[index + 1][0], ""))
        else:
            patches.append((spans[index - 1][1], spans[index][1], ""))
    return patches


def _put(layout: Layout, groups: Mapping[int, list[str]], form: style.ArrayStyle) -> bytes:
    """Put texts after the entries of those indices, -1 for the start of the list."""
    patches: list[Patch] = []
    for index, items in groups.items():
        joined = form.separator.join(items)
        if not items:
            continue
        if not layout.elements:
            inside = style.unused_span(layout)
            patches.append((inside.start, inside.end, form.opening + joined + form.closing))
        elif index < 0:
            start = layout.elements[0].start
            patches.append((start, start, joined + form.separator))
        else:
            end = layout.elements[index].end
            patches.append((end, end, form.separator + joined))
    return apply(layout.text, patches).encode("utf-8")

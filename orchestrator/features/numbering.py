"""Ids for features that have none: made in file order, each put in as the first field."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import NamedTuple

from orchestrator.errors import OrchestratorError
from orchestrator.features import nesting
from orchestrator.features.ids import id_text
from orchestrator.features.spans import NAME, Element, Layout, apply, decode, members, scan

PREFIX = "F"


class Numbered(NamedTuple):
    """The list with its new ids, in file order; none where nothing lacked one or nothing can be numbered."""

    data: bytes
    ids: tuple[str, ...]


def with_ids(data: bytes, taken: Collection[str] = (), where: str = NAME) -> Numbered:
    """Give `F001`, ... to the features without an id; one that the list has, or that is `taken`, is passed over.

    No byte changes besides. What is no list of features stays as it is: `checks.errors` says why.
    """
    try:
        layout = scan(decode(data, where), where)
    except OrchestratorError:
        return Numbered(data, ())
    if nesting.of_entries((element.value for element in layout.elements), where, bare=layout.bare):
        return Numbered(data, ())
    lacking = [element for element in layout.elements if _lacks_id(element)]
    free = _free(layout, taken)
    ids = tuple(next(free) for _ in lacking)
    patches = [_patch(layout.text, element.start, id) for element, id in zip(lacking, ids, strict=True)]
    return Numbered(apply(layout.text, patches).encode("utf-8"), ids) if ids else Numbered(data, ())


def _lacks_id(element: Element) -> bool:
    return isinstance(element.value, dict) and element.value.get("id") is None


def _free(layout: Layout, taken: Collection[str]) -> Iterator[str]:
    """The ids that are free. Ids that differ in letter case only count as one, as in some file systems."""
    objects = (element.value for element in layout.elements if isinstance(element.value, dict))
    own = {text.upper() for item in objects if (text := id_text(item.get("id"))) is not None}
    used = own | {id.upper() for id in taken}
    number = 0
    while True:
        number += 1
        if (id := f"{PREFIX}{number:03}") not in used:
            yield id


def _patch(text: str, start: int, id: str) -> tuple[int, int, str]:
    """The id in the place of a null, else before the first field, laid out as that one is."""
    found = members(text, start)
    value = json.dumps(id)
    if empty := [member for member in found if member.key == "id"]:
        return empty[-1].value, empty[-1].end, value
    if not found:
        return start + 1, start + 1, f'"id": {value}'
    first = found[0]
    colon = text[first.key_end : first.value]
    opening = text[start + 1 : first.start]
    if "\n" in opening:
        gap = "," + opening
    elif len(found) > 1:
        gap = text[first.end : found[1].start]
    else:
        gap = ", " if colon.endswith(" ") else ","
    return first.start, first.start, f'"id"{colon}{value}{gap}'

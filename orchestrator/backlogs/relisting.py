"""A nested feature list written flat: the same features, each with its id and category, under `features`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from orchestrator.backlogs import harness, objects
from orchestrator.backlogs.protocol import numbered
from orchestrator.features import spans
from orchestrator.features.dialects.tables import FIELDS

_indent = re.compile(r'\n([ \t]+)["{\[]')


def flat(data: bytes) -> bytes:
    """The list in the style of the nested one: its indent, line ends, byte order mark and other top-level keys.

    What groups say besides their names does not come along.
    """
    text = data.decode("utf-8")
    plain = text.removeprefix(spans.BOM)
    found = _indent.search(plain)
    written = json.dumps(_document(spans.DECODER.decode(plain)), ensure_ascii=False, indent=found[1] if found else 2)
    end = "\n" if plain.endswith("\n") else ""
    eol = "\r\n" if "\r\n" in plain else "\n"
    return (spans.BOM * (text != plain) + (written + end).replace("\n", eol)).encode("utf-8", "surrogatepass")


def _document(value: Any) -> dict[str, Any]:
    found = list(harness.features(value))
    ids = numbered("F", harness.taken(found))
    features = [_feature(one, next(ids) if harness.own_id(one) is None else None) for one in found]
    used = {one.keys[0] for one in found}
    document: dict[str, Any] = {}
    for key, inner in value.items() if isinstance(value, Mapping) else ():
        if key not in used:
            document[key] = inner
        elif "features" not in document:
            document["features"] = features
    return document if "features" in document else {**document, "features": features}


def _feature(found: harness.Found, made: str | None) -> dict[str, Any]:
    """The object as it is, with the id and the category that it lacks."""
    item = dict(found.item)
    head: dict[str, Any] = {"id": item.pop("id", None)}
    if objects.id_of(found.item) is None:
        head["id"] = made or found.key
    if found.category and objects.first(found.item, FIELDS["category"]) is None:
        item.pop("category", None)
        head["category"] = found.category
    return {**head, **item}

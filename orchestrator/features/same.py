"""Whether two JSON values are the same."""

from __future__ import annotations

import json


def same(one: object, other: object) -> bool:
    """Equal as JSON: `1` is neither `true` nor `1.0`; the order of keys does not matter."""
    return one == other and canonical(one) == canonical(other)


def canonical(value: object) -> str:
    """The one ASCII text of a JSON value: sorted keys, no blanks."""
    return _encode(value)


_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode

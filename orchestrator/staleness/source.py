"""Something that the facts were read from. A module of its own: a build with nothing to do imports it, and no rules."""

from __future__ import annotations

from typing import NamedTuple


class Source(NamedTuple):
    """`kind` is a key of `_VALUES` in staleness/sources.py, `name` which one of that kind."""

    kind: str
    name: str

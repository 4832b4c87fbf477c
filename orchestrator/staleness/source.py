"""A thing that the facts were read from. Apart from all else, for a build with nothing to do imports no rule."""

from __future__ import annotations

from typing import NamedTuple


class Source(NamedTuple):
    """staleness/sources says what each kind is."""

    kind: str
    name: str

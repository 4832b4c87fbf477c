"""What an entry's status word means: the tables of feature lists, used for the words of all tools."""

from __future__ import annotations

import re

from orchestrator.backlogs.protocol import State
from orchestrator.features.dialects import tables
from orchestrator.features.dialects.tables import Meaning, Rules

_STATES: dict[Meaning, State] = {"done": "done", "not done": "open", "blocked": "blocked", "dropped": "dropped"}


def plain(word: str) -> str:
    """The word in small letters, with `-` for blanks and `_`."""
    return re.sub(r"[\s_-]+", "-", word.strip().lower())


def state(word: str, rules: Rules) -> State | None:
    """What the word says; None for one that nobody knows."""
    found = tables.meaning(word, rules)
    return _STATES[found] if found else None

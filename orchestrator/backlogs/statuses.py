"""What a word for an entry's status means, whichever tool wrote it (SPEC section 3)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from orchestrator.backlogs.protocol import State

_DONE = """
done complete completed pass passed passing accepted closed finished merged verified implemented resolved shipped
"""
_DROPPED = """
cancelled canceled deferred skipped superseded obsolete deprecated removed aborted abandoned postponed parked
wont-do won't-do
"""
_BLOCKED = "blocked on-hold paused waiting"
_OPEN = """
pending todo to-do not-started planned open backlog ready spec-ready approved new draft proposed queued analyzing
analysing in-progress active started wip doing working review in-review testing fail failed failing needs-work
"""


def plain(word: str) -> str:
    """The word in small letters, with `-` for blanks and `_`."""
    return re.sub(r"[\s_-]+", "-", word.strip().lower())


_TABLE: tuple[tuple[State, str], ...] = (
    ("done", _DONE),
    ("dropped", _DROPPED),
    ("blocked", _BLOCKED),
    ("open", _OPEN),
)
_WORDS: dict[str, State] = {"": "open", **{word: state for state, words in _TABLE for word in words.split()}}


def state(word: str, more: Mapping[str, State]) -> State | None:
    """What the word says; None for one that nobody knows."""
    said = plain(word)
    if said.startswith("ready-for-"):
        return more.get(said, "open")
    return more.get(said) or _WORDS.get(said)

"""A session's claims of features that are not its own: none settles anything unseen."""

from __future__ import annotations

import enum
from typing import NamedTuple

from orchestrator.staleness.state import Standing, State


class Answer(enum.Enum):
    """What becomes of such a claim."""

    STANDS = "stands"
    """The feature was done before: the claim says nothing new."""
    PERSON = "person"
    """A commit completed it while the session ran that was not the session's, as far as that can be told."""
    VERIFY = "verify"
    """The feature's own check decides."""
    REOPEN = "reopen"
    """It could not have been built, or nothing can check it."""


class Claim(NamedTuple):
    """A claim of a feature that the session was not for; `command` is that feature's check."""

    id: str
    answer: Answer
    command: str = ""


def answer(standing: Standing | None, command: str, setting: str) -> Answer:
    """What becomes of the claim of a feature that stood so before the session (None: there was no such feature).

    `setting` is `[guard] foreign_claims`.
    """
    if standing is None or standing.feature.is_qa:
        return Answer.REOPEN
    if standing.state is State.DONE:
        return Answer.STANDS
    buildable = standing.state is State.STALE or (standing.state in (State.TODO, State.CHANGED) and standing.ready)
    return Answer.VERIFY if buildable and command and setting == "verify" else Answer.REOPEN

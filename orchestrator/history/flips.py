"""What sync changes in the feature list: a pure function of the list and the ledger (SPEC section 4)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from orchestrator.features.model import Feature
from orchestrator.history.ledger import Ledger

HISTORY = "history"


class Flip(NamedTuple):
    """One flag that does not say what the history says."""

    id: str
    passes: bool
    reason: str

    @property
    def edit(self) -> dict[str, object]:
        """The change of the feature's object."""
        from orchestrator.features.document import REMOVE  # only where something is written

        return {"passes": self.passes, "passes_from": HISTORY if self.passes else REMOVE}


def flips(features: Iterable[Feature], ledger: Ledger) -> list[Flip]:
    """The flags to flip, in file order."""
    return [flip for feature in features if (flip := _flip(feature, ledger))]


def passes(feature: Feature, ledger: Ledger) -> bool:
    """Whether the feature passes once the list is in line with the history."""
    flip = _flip(feature, ledger)
    return flip.passes if flip else feature.passes


def _flip(feature: Feature, ledger: Ledger) -> Flip | None:
    if ledger.silent(feature.id):
        return None
    completion = ledger.completion(feature.id)
    if completion:
        return None if feature.passes else Flip(feature.id, True, f"completed by {completion.sha[:10]}")
    if feature.passes_from != HISTORY:
        return None
    sha, how = ledger.cancelled.get(feature.id, ("", ""))
    return Flip(feature.id, False, f"{how} by {sha[:10]}" if sha else "no completion in the history")

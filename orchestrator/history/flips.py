"""What sync changes in the feature list: a pure function of the list and the ledger (docs/contract.md, 4)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from orchestrator.features.dialects.standing import holds
from orchestrator.features.model import Feature
from orchestrator.history.ledger import Ledger


class Flip(NamedTuple):
    """One flag that does not say what the history says."""

    id: str
    passes: bool
    reason: str


def flips(features: Iterable[Feature], ledger: Ledger) -> list[Flip]:
    """The flags to flip, in file order."""
    return [flip for feature in features if (flip := _flip(feature, ledger))]


def passes(feature: Feature, ledger: Ledger) -> bool:
    """Whether the feature passes once the list is in line with the history."""
    held = feature.blocked and holds(feature.data, feature.shape)
    if held and not ledger.silent(feature.id) and ledger.completion(feature.id):
        return True  # the list's one word for how it stands has no room for it
    flip = _flip(feature, ledger)
    return flip.passes if flip else feature.passes


def by_hand(feature: Feature, ledger: Ledger) -> bool:
    """Whether somebody turned the completed feature off and has not committed it: HEAD's list has it on, or sync's own
    mark is still there. That is a wish, and stands.
    """
    if feature.passes or ledger.silent(feature.id) or not ledger.completion(feature.id):
        return False
    if ledger.behind is not None and feature.id not in ledger.behind:
        return True
    return feature.passes_from == "history" and feature.id not in ledger.marked  # HEAD's may be off with the mark


def _flip(feature: Feature, ledger: Ledger) -> Flip | None:
    if feature.unknown or ledger.silent(feature.id):
        return None
    completion = ledger.completion(feature.id)
    if completion:
        stands = feature.passes or feature.dropped or holds(feature.data, feature.shape) or by_hand(feature, ledger)
        return None if stands else Flip(feature.id, True, f"completed by {completion.sha[:10]}")
    if feature.passes_from != "history":
        return None
    sha, how = ledger.cancelled.get(feature.id, ("", ""))
    return Flip(feature.id, False, f"{how} by {sha[:10]}" if sha else "no completion in the history")

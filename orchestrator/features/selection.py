"""Which feature comes next (SPEC section 3)."""

from __future__ import annotations

from collections.abc import Container, Iterable

from orchestrator.features.model import Feature


def next_feature(
    features: Iterable[Feature],
    *,
    changed: Container[str] = (),
    skip_review: bool = False,
    exclude: Container[str] = (),
) -> Feature | None:
    """The first by priority, then as listed, that is not done or blocked and whose dependencies all pass.

    `changed` ones do not count as passing; `exclude` ones are not chosen, yet count when they pass. None when
    nothing is left that can be worked on.
    """
    listed = list(features)
    passing = {feature.id for feature in listed if feature.passes and feature.id not in changed}
    ready = (
        feature
        for feature in listed
        if feature.id not in passing
        and not feature.blocked
        and not (skip_review and feature.needs_review)
        and feature.id not in exclude
        and passing.issuperset(feature.dependencies)
    )
    return min(ready, key=lambda feature: feature.priority, default=None)

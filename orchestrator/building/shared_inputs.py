"""Files that are inputs of other features and that a session changed.

A file that another feature names (no pattern), and the session's own feature does not have, is part of that feature's
definition: put back, as any definition is. A file that both have, or that a pattern of the other's takes in, is meant
to be written by all: what is done stays done, its definition counting as of now, or sessions that append to one file
would build each other's features for ever.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from orchestrator.features import patterns
from orchestrator.features.digest import definition_digest
from orchestrator.features.model import Feature, FeatureList
from orchestrator.project import Project
from orchestrator.staleness import inputs
from orchestrator.staleness.state import Facts, changed


class Touched(NamedTuple):
    """`foreign`: paths to put back, and whose input each is; `shared`: the features whose inputs all write."""

    foreign: dict[str, str]
    shared: tuple[str, ...]


def touched(features: FeatureList, own: Feature, paths: Collection[str]) -> Touched:
    """What a session for the feature `own` did to others' inputs; `paths` are from the project's folder."""
    names = sorted(paths)
    mine = set(_selected(names, own.inputs))
    foreign: dict[str, str] = {}
    shared = []
    for feature in features.features:
        if feature.id == own.id or not feature.inputs:
            continue
        named = {patterns.normal(pattern) for pattern in feature.inputs if not patterns.is_glob(pattern)}
        found = set(_selected(names, feature.inputs))
        foreign |= dict.fromkeys((found & named) - mine, feature.id)
        if found - (named - mine):
            shared.append(feature.id)
    return Touched(foreign, tuple(shared))


def _selected(names: list[str], wanted: Iterable[str]) -> Iterable[str]:
    return (name for pattern in wanted if not patterns.fault(pattern) for name in patterns.select(names, pattern))


def unchanged_but_for_it(project: Project, now: Facts, ids: Iterable[str], tree: str, prefix: str) -> list[Feature]:
    """Those of the features that are done, and changed only by what their inputs have become since `tree`."""
    git = project.repository.git
    found = []
    for id in ids:
        feature = now.features.by_id.get(id)
        if feature is None or not feature.passes or not changed(feature, now):
            continue
        before = definition_digest(feature, inputs.in_commit(git, tree, prefix, feature.inputs))
        if before == now.completed.get(id):
            found.append(feature)
    return found

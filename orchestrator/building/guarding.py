"""The feature list after a session, without what the session may not change."""

from __future__ import annotations

from typing import NamedTuple

from orchestrator import files
from orchestrator.building import attempts
from orchestrator.features import model
from orchestrator.features.guard import guard
from orchestrator.features.model import FeatureList
from orchestrator.project import Project


class Lists(NamedTuple):
    """The list `before` and `after` a session, and a sentence for everything in it that was `undone`."""

    before: FeatureList
    after: FeatureList
    undone: list[str]


def guarded(project: Project, own: str) -> Lists:
    """Undo in the work tree's list what a session for the feature `own` may not change."""
    where = project.config.project.features
    before = attempts.list_copy(project.store, own).read_bytes()
    with files.lock(project.list_lock, purpose="check the feature list after a session"):
        try:
            after = project.features_path.read_bytes()
        except FileNotFoundError:
            after = b""
        result = guard(before, after, own)
        if result.data != after:
            files.write_atomic(project.features_path, result.data)
    return Lists(model.parse(before, where), model.parse(result.data, where), list(result.undone))

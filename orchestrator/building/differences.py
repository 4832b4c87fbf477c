"""What the files say after a session: what it changed, and what of that had to be put back."""

from __future__ import annotations

from collections.abc import Mapping

from orchestrator.building import (
    checked,
    guarding,
    nested,
    record,
    shared_inputs,
    undone,
    watched,
)  # fmt: skip
from orchestrator.building.attempts import Attempts
from orchestrator.features.model import Feature, FeatureList
from orchestrator.git import diff, snapshot
from orchestrator.git.diff import Change
from orchestrator.project import Project


class Said:
    """Sentences about a session, as they come up."""

    def __init__(self) -> None:
        self.undone: list[str] = []
        self.unfinished: list[str] = []


def kept_by(command: str) -> str:
    return f"what was undone is kept: {command}"


def differences(
    project: Project, feature: Feature, features: FeatureList, kept: Attempts, said: Said
) -> tuple[Mapping[str, Change], Mapping[str, Change], tuple[str, ...], str]:
    """What the session changed, what all sessions for the feature did, the feature list aside, whose inputs it changed
    that all may write, and the tree of the files.
    """
    place, own = project.repository, record.list_name(project)
    now, left_out = snapshot.take(place)
    session = diff.changes(place, kept.before_tree, now)
    ignored = own in session and session[own].after is None and project.features_path.is_file()
    if ignored and (tracked := guarding.tracked_again(project, kept.before_head_tree)):
        said.undone.append(tracked)
        now = snapshot.worktree(place)
    now = _protected(project, kept, session, now, said)
    now, shared = _others_inputs(project, feature, features, kept, session, now, said)
    now = _users_own(project, kept, session, now, said)
    first = session if kept.base_tree == kept.before_tree else diff.changes(place, kept.base_tree, now)
    for path in (own, *kept.theirs):
        session.pop(path, None)
        first.pop(path, None)
    said.unfinished += nested.unfinished(place, first, left_out, kept.nested)
    kept.owned = sorted({*kept.owned, *session} - {*kept.theirs})
    kept.put_back = sorted({*kept.put_back, *_committed_steering(project, kept, now)})
    return session, first, shared, now


def _protected(project: Project, kept: Attempts, session: dict[str, Change], now: str, said: Said) -> str:
    """Put back what `[guard] protect` names; the tree of the files afterwards."""
    patterns = project.config.guard.protect
    prefix = prefix_of(project)
    paths = [path for path in session if watched.matches(path.removeprefix(prefix), patterns)] if patterns else []
    if not paths:
        return now
    place = project.repository
    shown = undone.keep_tree(place, kept.session, kept.before_tree, now)
    snapshot.restore(place, kept.before_tree, paths)
    for path in paths:
        del session[path]
    said.undone += [*(f"{path}: was changed; put back" for path in paths), kept_by(shown)]
    return snapshot.worktree(place)


def _others_inputs(
    project: Project, feature: Feature, features: FeatureList, kept: Attempts, session: dict[str, Change], now: str,
    said: Said,
) -> tuple[str, tuple[str, ...]]:  # fmt: skip
    """Put back what other features have as their inputs alone; the tree of the files afterwards, and the features whose
    inputs are meant to be written by all.
    """
    if not session or not any(other.inputs for other in features.features):
        return now, ()
    prefix = prefix_of(project)
    inside = [path.removeprefix(prefix) for path in session if path.startswith(prefix) and path not in kept.theirs]
    found = shared_inputs.touched(features, feature, inside)
    if not found.foreign:
        return now, found.shared
    place = project.repository
    shown = undone.keep_tree(place, kept.session, kept.before_tree, now)
    snapshot.restore(place, kept.before_tree, [prefix + path for path in found.foreign])
    for path in found.foreign:
        del session[prefix + path]
    kept.put_back = sorted({*kept.put_back, *(prefix + path for path in found.foreign)})
    said.undone += [f"{path}: is an input of {id}; its change was undone" for path, id in found.foreign.items()]
    said.undone.append(kept_by(shown))
    return snapshot.worktree(place), found.shared


def _users_own(project: Project, kept: Attempts, session: dict[str, Change], now: str, said: Said) -> str:
    """Put back what the user had uncommitted and the session threw away; the tree of the files afterwards."""
    paths = checked.users_own(project.repository, kept, session)
    said.undone += [f"{path}: was not committed before the session, and thrown away; put back" for path in paths]
    return snapshot.worktree(project.repository) if paths else now


def _committed_steering(project: Project, kept: Attempts, now: str) -> list[str]:
    """The paths that steer the build and that commits of the session changed: the completion has them as before."""
    place = project.repository
    if place.head is None or place.head == kept.before_head or place.tree == now:
        return []  # files that are as HEAD has them steer as they did: what was changed of them was put back
    prefix = prefix_of(project)
    patterns = (*watched.STEERING, *project.config.guard.protect)
    committed = diff.changes(place, snapshot.tree_of(place, kept.before_head or None), place.tree)
    return [path for path in committed if watched.matches(path.removeprefix(prefix), patterns)]


def prefix_of(project: Project) -> str:
    """The project's folder in a tree, ending in "/"; "" at the top."""
    name = project.repository.relative(project.root)
    return "" if name == "." else f"{name}/"


def steering_changed(project: Project, session: Mapping[str, Change]) -> list[str]:
    """What steers the build and changed since a session began whose run was killed: by it or by a person."""
    prefix = prefix_of(project)
    return [
        f"{path}: changed since the killed session began"
        for path in session
        if watched.matches(path.removeprefix(prefix), watched.STEERING)
    ]

"""All errors and warnings about a project's feature list, also about the files and commits that it depends on."""

from __future__ import annotations

from collections.abc import Iterator

from orchestrator.building.startable import cannot_start
from orchestrator.features.checks import Problem, key_place
from orchestrator.features.model import Feature
from orchestrator.features.spans import decode, scan
from orchestrator.features.validation import validate
from orchestrator.hooks import sharing
from orchestrator.project import Project
from orchestrator.staleness.inputs import Tree


def problems(project: Project) -> list[Problem]:
    """Errors, then warnings. Raises OrchestratorError where there is no list."""
    data, where = project.read_features(), project.config.project.features
    found = [*_shared(project), *validate(data, where, project.rules, cannot_start(project.root))]
    if any(problem.severity == "error" for problem in found):
        return found
    return [*found, *_absent_inputs(project, data, where), *_unheard(project, data)]


def _shared(project: Project) -> list[Problem]:
    """The error where another project's completions would count for this one."""
    found = sharing.clash(project)
    return [Problem("error", found.what, found.where, found.fix)] if found else []


def absent(tree: Tree, feature: Feature) -> list[str]:
    """The inputs of the feature that mean no file."""
    return [pattern for pattern in feature.inputs if not tree.select(pattern)]


def _absent_inputs(project: Project, data: bytes, where: str) -> Iterator[Problem]:
    features = project.features(data).features
    if not any(feature.inputs for feature in features):
        return
    tree = Tree(project.root, project.place)
    layout = scan(decode(data, where), where)
    known = layout.by_id(where)
    for feature in features:
        for pattern in absent(tree, feature):
            at = key_place(layout, known[feature.id], "inputs", where)
            yield Problem("warning", f"{feature.id}: no file matches the input {pattern!r}", at)


def _unheard(project: Project, data: bytes) -> Iterator[Problem]:
    """Commits that seem to complete a feature and don't."""
    if project.place is None:
        return
    from orchestrator.history import unheard

    features = project.features(data)
    for one in unheard.find(project.place, project.features_path, project.words, features, project.rules):
        yield Problem("warning", one.said, one.sha[:10])

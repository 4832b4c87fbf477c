"""Why a feature is in its state, and what depends on it."""

from __future__ import annotations

from typing import Any

from orchestrator.building import record
from orchestrator.features.digest import changes
from orchestrator.features.graph import downstream
from orchestrator.git import commits
from orchestrator.git.place import Place
from orchestrator.project import Project
from orchestrator.report.problems import absent
from orchestrator.staleness import facts as gather
from orchestrator.staleness import inputs
from orchestrator.staleness.state import Facts, Standing, State, states


def why(project: Project, id: str) -> dict[str, Any]:
    """The state of the feature, the reason, and the details behind it."""
    facts = gather.load(project)
    feature = facts.features.get(id)
    now = states(facts)
    standing = now[feature.id]
    return {
        "id": feature.id,
        "state": standing.state.value,
        "reason": standing.reason,
        "commit": standing.commit or None,
        "details": [
            *_history(project, facts, standing),
            *_unheard(project, facts, standing),
            *_definition(project, standing),
            *_around(project, now, standing),
        ],
    }


def _history(project: Project, facts: Facts, standing: Standing) -> list[str]:
    id = standing.feature.id
    found = [f"completed by {_described(project, c.sha)}" for c in facts.ledger.standing.get(id, ())]
    if id in facts.ledger.cancelled:
        sha, how = facts.ledger.cancelled[id]
        found.append(f"{how} by {_described(project, sha)}")
    if not found:
        found.append("the history names no completion of it")
    return found


def _unheard(project: Project, facts: Facts, standing: Standing) -> list[str]:
    """The commits that seem to complete the feature and don't."""
    if project.place is None:
        return []
    from orchestrator.history import unheard

    found = unheard.find(project.place, project.features_path, project.words, facts.features, project.rules)
    return [str(one) for one in found if standing.feature.id in one.ids]


def _described(project: Project, sha: str) -> str:
    if project.place is None:
        return sha[:10]
    text = project.place.git.text("log", "-1", "--format=%h %ad %s", "--date=short", sha, "--")
    return text or sha[:10]


def _definition(project: Project, standing: Standing) -> list[str]:
    if standing.state is not State.CHANGED or project.place is None:
        return []
    name = record.list_name(project)
    then = gather.definition_then(project.place, name, standing.commit, standing.feature.id, project.rules)
    if then is None:
        return [f"the definition as of {standing.commit[:10]} can't be read"]
    return changes(then, standing.feature.definition, project.rules) or _changed_inputs(
        project, project.place, standing
    )


def _changed_inputs(project: Project, place: Place, standing: Standing) -> list[str]:
    """The input files that differ from those of the completion, where the definition's fields are equal."""
    feature = standing.feature
    name = record.list_name(project)
    prefix = name[: len(name) - len(project.config.project.features)]
    then = dict(inputs.in_commit(place.git, standing.commit, prefix, feature.inputs))
    now = dict(inputs.in_worktree(inputs.Tree(project.root, place), project.root, feature.inputs))
    found = [
        f"its input {path} {'is gone' if path not in now else 'is new' if path not in then else 'has changed'}"
        for path in sorted({*then, *now})
        if then.get(path) != now.get(path)
    ]
    return found or [f"its inputs changed: {', '.join(feature.inputs)}"]


def _around(project: Project, now: dict[str, Standing], standing: Standing) -> list[str]:
    found = []
    for id in standing.feature.dependencies:
        other = now.get(id)
        found.append(f"depends on {id}: " + (f"{other.state.value}, {other.reason}" if other else "not in the list"))
    for pattern in absent(inputs.Tree(project.root, project.place), standing.feature):
        found.append(f"no file matches its input {pattern}")
    if project.place and commits.resolve(project.place, record.leftovers_ref(standing.feature.id)):
        found.append(f"unfinished work: git show {record.leftovers_ref(standing.feature.id)}")
    return found


def impact(project: Project, id: str) -> dict[str, Any]:
    """What a change of the feature would make stale, and what becomes ready once it is done."""
    facts = gather.load(project)
    feature = facts.features.get(id)
    now = states(facts)
    below = downstream(facts.features.features, [feature.id]) - {feature.id}
    invalidated = [f.id for f in facts.features.features if f.id in below and now[f.id].passes]
    unblocked = [f.id for f in facts.features.features if f.id in below and _only_waits_for(now[f.id], feature.id, now)]
    return {"id": feature.id, "invalidates": invalidated, "unblocks": unblocked}


def _only_waits_for(standing: Standing, id: str, now: dict[str, Standing]) -> bool:
    if standing.state is not State.WAITING or id not in standing.feature.dependencies:
        return False
    others = [other for other in standing.feature.dependencies if other != id]
    return all(other in now and now[other].met for other in others)

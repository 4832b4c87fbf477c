"""What a person decides about features: completions, acceptance, reopening, blocking."""

from __future__ import annotations

from collections.abc import Sequence

from orchestrator.building import record
from orchestrator.errors import OrchestratorError
from orchestrator.features import marks
from orchestrator.git import commits, snapshot, under_way
from orchestrator.project import Project
from orchestrator.staleness import facts


def _ready(project: Project) -> None:
    """Commits of ours are not put into the middle of git's own operations."""
    operation = under_way.operation(project.repository.git_dir)
    if operation:
        raise OrchestratorError(f"a {operation} is under way", fix="Finish or abort it first")
    commits.need_identity(project.repository)


def complete(project: Project, id: str, message: str, *, everything: bool) -> str:
    """Commit the staged changes (or all of them) as the completion of the feature; returns the commit."""
    _ready(project)
    feature = project.features().get(id)
    place = project.repository
    name = record.list_name(project)
    if everything:
        tree = snapshot.worktree(place)
        wanted = snapshot.changed(place, snapshot.tree_of(place, place.head), tree)
    else:
        wanted = snapshot.changed(place, snapshot.tree_of(place, place.head), place.git.text("write-tree"))
        if not {path for path in wanted if path != name}:
            raise OrchestratorError("nothing is staged", fix="Stage the work with `git add`, or use -a for all changes")
    if feature.blocked:
        unblock(project, [feature.id])
    return record.complete_by_hand(project, [feature], message, wanted)


def accept(project: Project, ids: Sequence[str], message: str) -> str:
    """Record the features as complete as they are defined now; returns the commit."""
    _ready(project)
    known = project.features()
    return record.complete_by_hand(project, [known.get(id) for id in ids], message, {})


def reopen(project: Project, id: str, message: str) -> str:
    """Take the feature's completion back; returns the commit. Raises OrchestratorError when it has none."""
    _ready(project)
    feature = project.features().get(id)
    now = facts.load(project)
    if not feature.passes and not now.ledger.completion(feature.id):
        raise OrchestratorError(f"{feature.id} is not completed, so there is nothing to reopen")
    return record.reopen(project, [feature.id], message)


def block(project: Project, ids: Sequence[str], message: str) -> None:
    known = project.features()
    record.block(project, [known.get(id).id for id in ids], message)


def unblock(project: Project, ids: Sequence[str]) -> list[str]:
    """The ids that were blocked and no longer are; attempts on them start at one again."""
    known = project.features()
    chosen = [feature for id in ids if (feature := known.get(id)).blocked]
    if not chosen:
        raise OrchestratorError(f"{', '.join(ids)}: not blocked")
    found = [feature.id for feature in chosen]
    record.edit_list(
        project, lambda data, there: marks.unblock(data, [id for id in found if id in there], project.rules)
    )
    return found

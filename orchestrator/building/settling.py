"""What a session left in the work tree and the history, and what of it had to be undone."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator.building import attempts, branches, guarding, record, weakening
from orchestrator.building.attempts import Attempts
from orchestrator.building.checkout import Checkout
from orchestrator.features.model import Feature, FeatureList
from orchestrator.git import commits, snapshot
from orchestrator.git.place import Place
from orchestrator.history import index
from orchestrator.project import Project


@dataclass(frozen=True)
class Settled:
    """What a session left: its own claim (a commit, "" for none), claims of other features, features added,
    whether it changed a file besides the feature list, and what had to be undone or deserves a look. `base` is HEAD
    before the session.
    """

    base: str | None
    claim: str = ""
    others: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    changed: bool = False
    undone: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def settle(checkout: Checkout, feature: Feature, kept: Attempts) -> Settled:
    """Undo what a session may not change, and find out what it did and what it claims."""
    notes = branches.put_back(checkout.refresh().repository, kept)
    project = checkout.refresh()
    place = project.repository
    lists = guarding.guarded(project, feature.id)
    now = snapshot.worktree(place)
    changed = _changed(project, kept, now)
    kept.owned = sorted({*kept.owned, *changed})
    attempts.save(project.store, feature.id, kept)
    claims = _claims(place, checkout, kept.before_head or None)
    others = tuple(id for id in claims if id != feature.id and not _passed(lists.before, id))
    notes += [f"claimed {id}, which was not its to complete; reopened" for id in others]
    return Settled(
        base=kept.before_head or None,
        claim=claims.get(feature.id, ""),
        others=others,
        added=tuple(one.id for one in lists.after.features if one.id not in lists.before.by_id),
        changed=kept.unjudged or bool(changed) or (not claims and _committed_change(project, kept.before_head)),
        undone=(*lists.undone, *notes),
        notes=tuple(weakening.weakened_tests(place, kept.before_tree, now)),
    )


def _changed(project: Project, kept: Attempts, now: str) -> set[str]:
    """The paths that the session changed, the feature list aside."""
    return set(snapshot.changed(project.repository, kept.before_tree, now)) - {record.list_name(project)}


def _committed_change(project: Project, base: str) -> bool:
    """Whether commits since `base` changed a file besides the feature list."""
    place = project.repository
    if place.head is None or place.head == (base or None):
        return False
    before = snapshot.tree_of(place, base or None)
    return bool(set(snapshot.changed(place, before, snapshot.tree_of(place, place.head))) - {record.list_name(project)})


def _passed(features: FeatureList, id: str) -> bool:
    return id in features.by_id and features.by_id[id].passes


def _claims(place: Place, checkout: Checkout, base: str | None) -> dict[str, str]:
    """The standing completions among the commits of the session: id -> commit."""
    made = set(commits.since(place, base).commits)
    ledger = index.read(place, checkout.project.words, checkout.seen.history)
    return {id: standing[-1].sha for id, standing in ledger.standing.items() if standing[-1].sha in made}

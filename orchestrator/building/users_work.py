"""What a user had uncommitted before a session and an agent's own commit took in: taken out of that commit again."""

from __future__ import annotations

from orchestrator.building.attempts import Attempts
from orchestrator.building.authorship import Made
from orchestrator.git import remake, snapshot
from orchestrator.git.place import Place
from orchestrator.git.snapshot import Entries
from orchestrator.history.sync import may_remake

_NAMED = 5


def take_out(place: Place, kept: Attempts, made: Made, feature_list: str) -> tuple[str, Made]:
    """Make the session's commits again without what was there before it and what it did not touch; what was said, ""
    for nothing, and the commits as they are then. The files stand uncommitted as before, staged where they were staged.
    """
    if not made.own or not kept.base_index:
        return "", made
    before = snapshot.tree_of(place, kept.before_head or None)
    theirs = snapshot.changed(place, before, kept.before_tree)
    theirs.pop(feature_list, None)
    taken = _as_they_were(place, theirs, snapshot.worktree(place))
    taken = _as_they_were(place, taken, place.tree)
    if not taken:
        return "", made
    named = ", ".join(sorted(taken)[:_NAMED]) + (" and more" if len(taken) > _NAMED else "")
    if made.others or not made.linear or not may_remake(place, made.commits[0]):
        return f"the session committed what was uncommitted before it: {named}", made
    again = _remake(place, made, snapshot.entries(place, before, taken))
    snapshot.stage(place, snapshot.entries(place, kept.base_index, taken))
    said = f"the session committed what was uncommitted before it; it is uncommitted again: {named}"
    return said, Made(again, True, frozenset(again))


def _as_they_were(place: Place, wanted: Entries, tree: str) -> Entries:
    """Those of the entries that the tree has as they are."""
    there = snapshot.entries(place, tree, wanted)
    return {path: entry for path, entry in wanted.items() if there[path] == entry}


def _remake(place: Place, made: Made, instead: Entries) -> tuple[str, ...]:
    parent: str | None = None
    again: list[str] = []
    for sha in made.commits:
        raw = place.git.run("cat-file", "commit", sha)
        tree = snapshot.with_entries(place, snapshot.tree_of(place, sha), instead)
        parent = remake.commit_again(place.git, raw, tree, parents=None if parent is None else [parent])
        again.append(parent)
    assert parent is not None
    assert place.head is not None
    remake.move_head(place, parent, place.head, "orchestrator: without what was uncommitted before the session")
    return tuple(again)

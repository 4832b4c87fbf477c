"""What was undone is kept: what was found, beside what was put in its place, under a ref of its own."""

from __future__ import annotations

from collections.abc import Mapping

from orchestrator.git import commits, snapshot
from orchestrator.git.place import Place

Versions = Mapping[str, bytes | None]  # path -> content, None where there is no file
FOLDER = "refs/orchestrator/undone"


def keep(place: Place, session: int, found: Versions, restored: Versions) -> str:
    """Keep what was `found` at the paths beside what was `restored` there; the command that shows the difference."""
    return keep_tree(place, session, _tree(place, restored), _tree(place, found))


def keep_tree(place: Place, session: int, before: str, found: str) -> str:
    """Keep a tree as it was found; the command that shows how it differs from the tree `before`."""
    base = commits.alone(place, before, "orchestrator: as it was put back\n", [])
    return f"git show {_hold(place, session, commits.alone(place, found, _message(session), [base]))}"


def keep_commit(place: Place, session: int, commit: str) -> str:
    """Keep a commit that no branch holds any more; the command that shows it and those before it."""
    return f"git log {_hold(place, session, commit)}"


def _message(session: int) -> str:
    return f"orchestrator: as it was found after session {session}\n"


def _hold(place: Place, session: int, commit: str) -> str:
    """A new ref to the commit."""
    wanted, number = f"{FOLDER}/session-{session:03d}", 1
    ref = wanted
    while place.git.try_run("update-ref", "-m", "orchestrator: undone", ref, commit, "0" * len(commit)).returncode:
        number += 1
        ref = f"{wanted}-{number}"
        if number > 1000:
            place.git.run("update-ref", "-m", "orchestrator: undone", ref, commit)
            break
    return ref


def _tree(place: Place, versions: Versions) -> str:
    entries: snapshot.Entries = {
        path: ("100644", place.git.write("blob", content)) for path, content in versions.items() if content is not None
    }
    return snapshot.built(place, entries)

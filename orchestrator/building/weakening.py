"""Tests that a session weakened: worth a look, for an agent may go green that way."""

from __future__ import annotations

from orchestrator.git.place import Place


def weakened_tests(place: Place, before: str, after: str) -> list[str]:
    """A sentence for each test file that lost more lines than it gained between the two trees."""
    listed = place.git.text("diff-tree", "-r", "--numstat", "-z", "--no-renames", before, after)
    return in_numstat(listed)


def in_numstat(listed: str) -> list[str]:
    """The same, from what `git diff --numstat -z` prints."""
    found = []
    for entry in listed.split("\0"):
        added, _, rest = entry.partition("\t")
        removed, _, path = rest.partition("\t")
        name = path.lower()
        if removed.isdigit() and added.isdigit() and int(removed) > int(added) and ("test" in name or "spec" in name):
            found.append(f"{path}: {int(removed) - int(added)} lines of tests fewer")
    return found

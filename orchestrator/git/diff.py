"""What differs between two trees: paths, modes, and how many lines were added and removed."""

from __future__ import annotations

import os
from typing import NamedTuple

from orchestrator.git.place import Place

GITLINK = "160000"
Entry = tuple[str, str]  # mode and object id


class Change(NamedTuple):
    """One path; `before` and `after` are None where it is absent, `added` and `removed` 0 for a binary file."""

    path: str
    before: Entry | None
    after: Entry | None
    added: int = 0
    removed: int = 0


def changes(place: Place, before: str, after: str) -> dict[str, Change]:
    """The paths that differ between two trees, in one git process."""
    if before == after:
        return {}
    done = place.git.run("diff-tree", "-r", "-z", "--no-renames", "--raw", "--numstat", before, after)
    return parsed(done)


def parsed(output: bytes) -> dict[str, Change]:
    """The same, from what `git diff-tree -z --raw --numstat` prints."""
    fields = iter(output.split(b"\0"))
    found: dict[str, Change] = {}
    for field in fields:
        if field.startswith(b":"):
            old_mode, new_mode, old, new, _ = field[1:].decode("ascii").split(" ")
            path = os.fsdecode(next(fields))
            found[path] = Change(path, _entry(old_mode, old), _entry(new_mode, new))
        elif field:
            added, removed, name = field.split(b"\t", 2)
            path = os.fsdecode(name)
            found[path] = found[path]._replace(added=_count(added), removed=_count(removed))
    return found


def _entry(mode: str, id: str) -> Entry | None:
    return None if mode == "000000" else (mode, id)


def _count(number: bytes) -> int:
    return int(number) if number.isdigit() else 0

"""Branches and tags: where they point, and refs of ours that hold what git's own clean-up would take."""

from __future__ import annotations

from collections.abc import Mapping

from orchestrator.git.place import Place

Refs = dict[str, str]  # full name -> object id
OURS = "refs/orchestrator/"
_KEPT = tuple(f"{OURS}{kind}" for kind in ("attempts", "leftovers", "plans", "undone"))
_HEX = frozenset("0123456789abcdef")


def read(place: Place) -> Refs:
    """The user's branches and tags, the stash, and our refs to kept work."""
    wanted = ("refs/heads", "refs/tags", "refs/stash", *_KEPT)
    listed = place.git.text("for-each-ref", "--format=%(objectname) %(refname)", *wanted)
    return parsed(listed)


def parsed(listed: str) -> Refs:
    """The same, from lines of an object id and a name; other lines are passed over."""
    rows = (line.partition(" ") for line in listed.splitlines())
    return {name: id for id, _, name in rows if name.startswith("refs/") and len(id) >= 40 and _HEX.issuperset(id)}


def written(refs: Mapping[str, str]) -> str:
    """Lines that `parsed` reads."""
    return "".join(f"{id} {name}\n" for name, id in refs.items())


def hold(place: Place, refs: Mapping[str, str]) -> None:
    """Make each name point to its object, whatever it pointed to; an object of "" deletes the name."""
    lines = [f"update {name}\0{id}\0\0" if id else f"delete {name}\0\0" for name, id in refs.items()]
    place.git.run("update-ref", "-z", "--stdin", stdin="".join(lines).encode("utf-8", "surrogateescape"))

"""Which of the histories that were joined in a repository is this project's own.

A commit belongs to a project when it descends from the project's own root. Which root that is, the first parents tell:
whoever brings in another repository (`git subtree add`, `git merge --allow-unrelated-histories`) stands on its own
history, which is the first parent, and so do hosting services. Not so where the list itself came in by such a merge,
as of a repository that moved into a larger one, or that was pulled into a new one with nothing but a README: then the
list's history is the project's, and the line goes on where the list came from.

A squashed subtree is a root of its own, whose later squashes descend from it; what is merged back and forth between the
two descends from both, and counts.
"""

from __future__ import annotations

from collections.abc import Iterator

from orchestrator.git.plumbing import Git


def own_root(git: Git, head: str, name: str) -> str:
    """The root of the history of the list `name` ("" for none) in the line of `head`."""
    line = head
    while name and (came := _came_by_merge(git, line, name)):
        line, name = came
    return git.text("rev-list", "--first-parent", "--max-parents=0", line, "--")


def _came_by_merge(git: Git, head: str, name: str) -> tuple[str, str] | None:
    """The parent that the list came from, and its name there, where a merge brought it in by another than the first."""
    added = ("log", "--first-parent", "-m", "--no-renames", "--diff-filter=A", "-1", "--format=%H %P")
    merge, _, *others = (git.text(*added, head, "--", f":(literal){name}").split("\n")[0] + " ").split(" ")
    places = [(parent, other) for parent in others if parent for other in _names(name)]
    blobs = git.ids([f"{merge}:{name}", *(f"{parent}:{other}" for parent, other in places)]) if places else [None]
    return next((place for place, blob in zip(places, blobs[1:], strict=True) if blob and blob == blobs[0]), None)


def _names(name: str) -> Iterator[str]:
    """The name in the whole repository, and in one that became a folder of it."""
    parts = name.split("/")
    yield from ("/".join(parts[at:]) for at in range(len(parts)))

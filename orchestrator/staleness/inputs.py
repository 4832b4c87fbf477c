"""The content of a feature's `inputs` (features/patterns), in the work tree or in a commit."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from orchestrator.features import patterns, phase_input
from orchestrator.git.place import Place
from orchestrator.git.plumbing import Git
from orchestrator.staleness.tracker_block import without_block

Content = tuple[str, bytes]


class Tree:
    """The files of a project's work tree, listed once, when a glob or a folder first needs it: tracked and untracked
    files. Files that git ignores are no inputs, unless a pattern names one exactly.
    """

    def __init__(self, root: Path, place: Place | None) -> None:
        self._root, self._place = root, place
        self._names: list[str] | None = None
        self.renamed: set[str] = set()

    def select(self, pattern: str) -> list[str]:
        """The files that match the pattern, as paths from the project's folder."""
        if patterns.fault(pattern):
            return []
        name = patterns.normal(pattern)
        if (self._root / name).is_file():
            return [name] if not patterns.is_glob(name) else sorted({name, *self._listed(pattern)})
        return self._listed(pattern) if patterns.is_glob(name) or (self._root / name).is_dir() else []

    def _listed(self, pattern: str) -> list[str]:
        if self._names is None:
            found = _walked(self._root) if self._place is None else _known_to_git(self._place, self._root)
            self._names = sorted(found)
        return [name for name in patterns.select(self._names, pattern) if (self._root / name).is_file()]

    def renamed_phase(self, pattern: str, id: str) -> str:
        """If the named phase file is absent: the file in its folder that has the feature's id, "" for none. Kept in
        `renamed`.
        """
        path = self._root / pattern
        if path.suffix != ".md" or patterns.fault(pattern) or patterns.is_glob(pattern) or path.exists():
            return ""
        for other in sorted(path.parent.glob("*.md")):
            if phase_input.id_of(other.read_bytes()) == id:
                self.renamed.add(other.relative_to(self._root).as_posix())
                return other.relative_to(self._root).as_posix()
        return ""


def in_worktree(tree: Tree, root: Path, wanted: Iterable[str], id: str = "") -> list[Content]:
    """(path, content) of every file that matches one of the patterns; absent files have no entry.

    A renamed phase file of the feature `id` is found by that id, and is listed under its old name.
    """
    names = {name: name for pattern in wanted for name in tree.select(pattern)}
    if id:
        names |= {pattern: name for pattern in wanted if (name := tree.renamed_phase(pattern, id))}
    return [(name, text((root / path).read_bytes())) for name, path in sorted(names.items())]


def in_commit(git: Git, commit: str, prefix: str, wanted: Sequence[str]) -> list[Content]:
    """The same as of a commit; `prefix` is the project's folder in the tree ("" at the top)."""
    listed = git.run("ls-tree", "-r", "-z", "--name-only", "--full-tree", commit, *([prefix] if prefix else []))
    names = sorted(_below(listed, prefix))
    chosen = sorted({name for pattern in wanted for name in patterns.select(names, pattern)})
    objects = git.objects([f"{commit}:{prefix}{name}" for name in chosen])
    return [(name, text(found[2])) for name, found in zip(chosen, objects, strict=True) if found]


def text(content: bytes) -> bytes:
    """The content that counts: with LF, so that a checkout with CRLF has the same digest; without the block that we
    write into phase files, so that a new issue number does not change the definition.
    """
    content = content.replace(b"\r\n", b"\n")
    if b"<!-- orchestrator: tracker -->" in content:
        content = without_block(content.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
    return content


def _known_to_git(place: Place, root: Path) -> Iterator[str]:
    folder = place.relative(root)
    prefix = "" if folder == "." else f"{folder}/"
    args = ("--literal-pathspecs", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", prefix or ".")
    yield from set(_below(place.git.run(*args), prefix))


def _below(listed: bytes, prefix: str) -> Iterator[str]:
    for name in listed.split(b"\0"):
        decoded = name.decode("utf-8", "surrogateescape")
        if name and decoded.startswith(prefix):
            yield decoded[len(prefix) :]


def _walked(root: Path) -> Iterator[str]:
    """All files of the folder, for a project outside of a repository."""
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name != ".git"]
        for name in names:
            yield Path(folder, name).relative_to(root).as_posix()

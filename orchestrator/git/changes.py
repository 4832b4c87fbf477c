"""What commits or the work tree change, file by file with the new lines: to be searched for secrets and the like."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from orchestrator.git.place import Place
from orchestrator.git.snapshot import Entries

_READ = 1_000_000  # bytes; a longer file is no text that a person wrote
_PATCH = (
    "--format=", "--patch", "--unified=0", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-color",
    "--cc", "--src-prefix=a/", "--dst-prefix=b/",
)  # fmt: skip
_FILES = ("100644", "100755", "120000")


class Change(NamedTuple):
    """A file as a commit changes it: whether it is new there, its new lines, and its size in bytes (0 if unknown)."""

    path: str
    new: bool
    lines: str
    size: int = 0


def of_worktree(place: Place, before: Entries, after: Entries) -> list[Change]:
    """The files of the tree `after` that are new or changed since `before`; read from the work tree."""
    changed = [
        (path, before.get(path))
        for path, entry in after.items()
        if entry is not None and entry[0] in _FILES and entry != before.get(path)
    ]
    old = _contents(place, [entry[1] for _, entry in changed if entry is not None])
    return [
        Change(
            path,
            entry is None,
            _new_lines(old.get(entry[1], "") if entry else "", _text(place.top / path)),
            _size(place.top / path),
        )
        for path, entry in changed
    ]


def of_commits(place: Place, commits: Sequence[str]) -> list[Change]:
    """What each commit adds, without merges. Lines that a later commit removes are included: the history keeps them."""
    if not commits:
        return []
    named = "".join(f"{sha}\n" for sha in commits).encode()
    said = place.git.run("-c", "core.quotePath=false", "log", *_PATCH, "--no-walk=unsorted", "--stdin", stdin=named)
    return list(_parsed(said.decode("utf-8", "replace")))


def _parsed(text: str) -> Iterator[Change]:
    lines: list[str] = []
    path, new, inside = "", False, False
    for line in text.split("\n"):
        if line.startswith(("diff --git ", "diff --cc ")):
            if path:
                yield Change(path, new, "\n".join(lines))
            path, new, lines, inside = _named(line), False, [], False
        elif line.startswith("@@"):
            inside = True
        elif not inside and line.startswith("new file mode"):
            new = True
        elif inside and line.lstrip(" ").startswith("+"):
            lines.append(line.lstrip(" ").lstrip("+"))
    if path:
        yield Change(path, new, "\n".join(lines))


def _named(header: str) -> str:
    """The path in `diff --git a/PATH b/PATH`. Both are equal, as renames are off; quoted if it has odd bytes."""
    if header.startswith("diff --cc "):  # a merge: what is like none of its parents
        return header.removeprefix("diff --cc ").strip('"')
    rest = header.removeprefix("diff --git ")
    if rest.startswith('"'):
        quoted = rest[3 : len(rest) // 2 - 1].encode("utf-8", "replace")
        return quoted.decode("unicode_escape", "replace").encode("latin-1", "replace").decode("utf-8", "replace")
    return rest[2 : len(rest) // 2]


def _contents(place: Place, blobs: Collection[str]) -> dict[str, str]:
    found = place.git.objects(list(dict.fromkeys(blobs)))
    return {entry[0]: _decoded(entry[2]) for entry in found if entry}


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0


def _text(path: Path) -> str:
    """The file's text; of a link, its target. "" for a binary, a very long or a missing file."""
    try:
        if path.is_symlink():
            return str(path.readlink())
        return _decoded(path.read_bytes()) if path.stat().st_size <= _READ else ""
    except OSError:
        return ""


def _decoded(content: bytes) -> str:
    """ "" for what holds a NUL byte, as git tells binary files."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    return "" if b"\0" in content[:8000] else content.decode("utf-8", "replace")


def _new_lines(old: str, new: str) -> str:
    had = set(old.splitlines())
    return "\n".join(line for line in new.splitlines() if line not in had)

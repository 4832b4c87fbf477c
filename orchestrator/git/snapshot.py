"""Trees of the work tree: what a session changed, the changes committed, set aside, or taken back.

All of it goes through an index of its own, so that what the user has staged stays as it is.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from orchestrator import files
from orchestrator.git.place import Place
from orchestrator.git.plumbing import LITERAL, Git, failure

_NAMED = 100
Entries = dict[str, tuple[str, str] | None]  # path -> (mode, blob), None where it is absent


@contextmanager
def _index(place: Place, *, copy: bool) -> Iterator[dict[str, str]]:
    """The environment for a private index, a copy of the user's (so that unchanged files are not read again)."""
    files.make_folder(place.own_store)
    files.sweep_old(place.own_store, "index-*")
    handle, name = tempfile.mkstemp(prefix="index-", dir=place.own_store)
    os.close(handle)
    path = Path(name)
    path.unlink()
    if copy:
        with suppress(FileNotFoundError):
            shutil.copyfile(place.git_dir / "index", path)
    try:
        yield {"GIT_INDEX_FILE": str(path)}
    finally:
        for leftover in (path, path.with_name(path.name + ".lock")):
            leftover.unlink(missing_ok=True)


class Taken(NamedTuple):
    """The tree of the files, and the repositories among them that have no commit yet, which git can't add."""

    tree: str
    left_out: tuple[str, ...] = ()


def worktree(place: Place) -> str:
    """The tree of all tracked and untracked files as they are now; ignored ones are left out."""
    return take(place).tree


def take(place: Place) -> Taken:
    """The same, and the repositories that had to be left out."""
    left_out: tuple[str, ...] = ()
    with _index(place, copy=True) as env:
        done = place.git.try_run("add", "--all", "--", ".", env=env)
        if done.returncode:
            left_out = tuple(_without_commit(place))
            if not left_out:
                raise failure(("add",), done.returncode, done.stderr)
            names = [f":(exclude,top,literal){path}" for path in left_out]
            place.git.run("add", "--all", "--", ".", *names, env=env)
        return Taken(place.git.text("write-tree", env=env), left_out)


def _without_commit(place: Place) -> list[str]:
    """The untracked repositories below the top that have no commit."""
    listed = place.git.text("ls-files", "-z", "--others", "--exclude-standard", "--directory", "--no-empty-directory")
    folders = [name.rstrip("/") for name in listed.split("\0") if name.endswith("/")]
    inside = [name for folder in folders for name in _repositories(place.top, folder)]
    return [name for name in inside if Git(place.top / name).try_run("rev-parse", "-q", "--verify", "HEAD").returncode]


def _repositories(top: Path, folder: str) -> Iterator[str]:
    """The folders from here down that hold a `.git`; not those inside of another repository."""
    if (top / folder / ".git").exists():
        yield folder
        return
    for path in sorted((top / folder).iterdir()):
        if path.is_dir() and not path.is_symlink():
            yield from _repositories(top, f"{folder}/{path.name}")


def tree_of(place: Place, commit: str | None) -> str:
    """The tree of a commit; the empty tree for None."""
    if commit and commit == place.head and place.tree:
        return place.tree
    return place.git.text("rev-parse", f"{commit}^{{tree}}") if commit else place.git.text("mktree", stdin=b"")


def changed(place: Place, before: str, after: str) -> Entries:
    """The paths that differ between two trees, with what `after` has there."""
    done = place.git.run("diff-tree", "-r", "-z", "--no-renames", before, after)
    fields = [field for field in done.split(b"\0") if field]
    found: Entries = {}
    for meta, name in zip(fields[::2], fields[1::2], strict=True):
        _, mode, _, blob, status = meta.decode("ascii").split(" ")
        found[os.fsdecode(name)] = None if status == "D" else (mode, blob)
    return found


def entries(place: Place, tree: str, paths: Collection[str]) -> Entries:
    """What a tree has at the paths."""
    found: Entries = dict.fromkeys(paths)
    if not paths:
        return found
    # Few paths are asked for by name; many would not fit on a command line.
    named = [] if len(paths) > _NAMED else ["--", *paths]
    listed = place.git.run("ls-tree", "-r", "-z", "--full-tree", tree, *named, env=LITERAL)
    for entry in listed.split(b"\0"):
        meta, _, name = entry.partition(b"\t")
        if os.fsdecode(name) in found:
            mode, _, blob = meta.decode("ascii").split(" ")
            found[os.fsdecode(name)] = (mode, blob)
    return found


def with_entries(place: Place, tree: str, wanted: Mapping[str, tuple[str, str] | None]) -> str:
    """The tree with these paths replaced or removed."""
    with _index(place, copy=False) as env:
        place.git.run("read-tree", tree, env=env)
        place.git.run("update-index", "-z", "--index-info", stdin=_info(place, wanted), env=env)
        return place.git.text("write-tree", env=env)


@contextmanager
def index_of(place: Place, wanted: Mapping[str, tuple[str, str] | None]) -> Iterator[dict[str, str]]:
    """The environment in which git's index is HEAD with these paths replaced or removed, for a hook of the user's: its
    files are known to be unchanged where they are. Refused by git while the user's own has files in conflict.
    """
    with _index(place, copy=True) as env:
        place.git.run("read-tree", "--reset", tree_of(place, place.head), env=env)
        place.git.run("update-index", "-z", "--index-info", stdin=_info(place, wanted), env=env)
        place.git.try_run("update-index", "-q", "--refresh", env=env)
        yield env


def built(place: Place, wanted: Mapping[str, tuple[str, str] | None]) -> str:
    """A tree that holds these paths and nothing else."""
    return with_entries(place, tree_of(place, None), wanted)


def stage(place: Place, wanted: Mapping[str, tuple[str, str] | None]) -> None:
    """Put the paths into the user's index as given, the rest of it untouched."""
    if wanted:
        place.git.run("update-index", "-z", "--index-info", stdin=_info(place, wanted))
        place.git.try_run("update-index", "-q", "--refresh")


def _info(place: Place, wanted: Mapping[str, tuple[str, str] | None]) -> bytes:
    nothing = "0" * _id_length(place)
    lines = []
    for path, entry in wanted.items():
        mode, blob = entry or ("0", nothing)
        lines.append(f"{mode} {blob}\t".encode() + os.fsencode(path))
    return b"".join(line + b"\0" for line in lines)


def _id_length(place: Place) -> int:
    if place.head:
        return len(place.head)
    return 64 if place.git.text("rev-parse", "--show-object-format") == "sha256" else 40


def restore(place: Place, tree: str, paths: Iterable[str]) -> None:
    """Give the paths of the work tree the content of `tree`; those that it does not have are deleted."""
    wanted = entries(place, tree, set(paths))
    for path, entry in wanted.items():
        if entry is None:
            _delete(place.top, path)  # first, for a file may stand where the tree has a folder
    kept = [path for path, entry in wanted.items() if entry]
    if kept:
        with _index(place, copy=False) as env:
            place.git.run("read-tree", tree, env=env)
            names = b"".join(os.fsencode(path) + b"\0" for path in kept)
            place.git.run("checkout-index", "-f", "-z", "--stdin", stdin=names, env=env)


def _delete(top: Path, path: str) -> None:
    """Delete a file, and then its folders if they are empty. Nothing is deleted if the name is a folder's, or if a
    folder on the way is a symbolic link.
    """
    file = top / path
    folders = [top / folder for folder in Path(path).parents if folder != Path()]
    if any(folder.is_symlink() for folder in folders) or (file.is_dir() and not file.is_symlink()):
        return
    with suppress(FileNotFoundError, NotADirectoryError):
        file.unlink()
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            return

"""Commits made without the index and the work tree: trees with a file replaced, commits made again."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import NamedTuple

from orchestrator.errors import GitError
from orchestrator.git.place import Place
from orchestrator.git.plumbing import LITERAL, Git


class Entry(NamedTuple):
    """A file as a tree or an index holds it."""

    mode: str
    blob: str
    content: bytes


def committed(git: Git, commit: str, path: str) -> Entry | None:
    """The file `path` (as git names it) of a commit; None where it is absent or no regular file."""
    done = git.run("ls-tree", "-z", commit, "--", path, env=LITERAL)
    found = re.match(rb"(100\d{3}) blob ([0-9a-f]+)\t", done)
    if not found:
        return None
    blob = found[2].decode()
    return Entry(found[1].decode(), blob, git.run("cat-file", "blob", blob))


def staged(git: Git, path: str) -> Entry | None:
    """The file `path` of the index; None where it is absent, unmerged or no regular file."""
    done = git.run("ls-files", "-s", "-z", "--", path, env=LITERAL)
    entries = [entry for entry in done.split(b"\0") if entry]
    found = re.match(rb"(100\d{3}) ([0-9a-f]+) 0\t", entries[0]) if len(entries) == 1 else None
    if not found:
        return None
    blob = found[2].decode()
    return Entry(found[1].decode(), blob, git.run("cat-file", "blob", blob))


def tree_with(git: Git, commit: str, files: Mapping[str, tuple[str, str]]) -> str:
    """The tree of `commit` with `files` (path -> mode and blob id) replaced."""
    root = f"{commit}^{{tree}}"
    return _tree(git, root, {tuple(path.split("/")): entry for path, entry in files.items()})


def _tree(git: Git, tree: str, files: Mapping[tuple[str, ...], tuple[str, str]]) -> str:
    entries = [entry for entry in git.run("ls-tree", "-z", tree).split(b"\0") if entry]
    new: dict[bytes, bytes] = {entry.split(b"\t", 1)[1]: entry for entry in entries}
    folders: dict[str, dict[tuple[str, ...], tuple[str, str]]] = {}
    for (name, *rest), (mode, blob) in ((list(path), entry) for path, entry in files.items()):
        if rest:
            folders.setdefault(name, {})[tuple(rest)] = (mode, blob)
        else:
            new[os.fsencode(name)] = f"{mode} blob {blob}\t".encode() + os.fsencode(name)
    for name, below in folders.items():
        key = os.fsencode(name)
        if key not in new or b" tree " not in new[key].split(b"\t", 1)[0]:
            raise GitError(f"{name} is no folder of the commit")
        subtree = _tree(git, new[key].split(b"\t", 1)[0].split(b" ")[2].decode(), below)
        new[key] = f"040000 tree {subtree}\t".encode() + key
    return git.text("mktree", "-z", "--missing", stdin=b"".join(entry + b"\0" for entry in new.values()))


def commit_again(
    git: Git, commit: str, tree: str, *, parents: list[str] | None = None, message: bytes | None = None
) -> str:
    """The commit `commit` with another tree (and parents, and message): author, dates, encoding and the rest
    as they were; signed again if it was signed.
    """
    raw = git.run("cat-file", "commit", commit)
    header, _, old_message = raw.partition(b"\n\n")
    lines = _header_lines(header)
    signed = any(line.startswith((b"gpgsig ", b"gpgsig-sha256 ")) for line in lines)
    kept = [line for line in lines if not line.startswith((b"tree ", b"gpgsig ", b"gpgsig-sha256 "))]
    if parents is not None:
        kept = [line for line in kept if not line.startswith(b"parent ")]
        kept = [f"parent {parent}".encode() for parent in parents] + kept
    new_message = old_message if message is None else message
    if not signed:
        return git.write("commit", b"\n".join([f"tree {tree}".encode(), *kept]) + b"\n\n" + new_message)
    return _signed(git, tree, kept, new_message)


def _header_lines(header: bytes) -> list[bytes]:
    """The fields of a commit's header, each with its continuation lines."""
    return re.split(rb"\n(?! )", header)


def _signed(git: Git, tree: str, kept: list[bytes], message: bytes) -> str:
    """`git commit-tree -S`, which alone knows how the user signs. Raises GitError when that fails."""
    env: dict[str, str] = {}
    parents: list[str] = []
    encoding = "UTF-8"
    for line in kept:
        name, _, value = line.partition(b" ")
        if name == b"parent":
            parents += ["-p", value.decode()]
        elif name == b"encoding":
            encoding = value.decode("ascii", "replace")
        elif name in (b"author", b"committer"):
            who = re.match(rb"(.*) <(.*)> (.*)", value)
            if who:
                text = [part.decode("utf-8", "surrogateescape") for part in who.groups()]
                for field, content in zip(("NAME", "EMAIL", "DATE"), text, strict=True):
                    env[f"GIT_{name.decode().upper()}_{field}"] = content
                env[f"GIT_{name.decode().upper()}_DATE"] = "@" + text[2]
    args = ["-c", f"i18n.commitEncoding={encoding}", "commit-tree", "-S", *parents, "-F", "-", tree]
    return git.text(*args, stdin=message, env=env)


def on_a_remote(git: Git, commit: str) -> bool:
    """Whether a remote branch holds the commit: then it may have been seen and must not be made again."""
    return bool(git.text("for-each-ref", "--count=1", f"--contains={commit}", "refs/remotes"))


def update_index(place: Place, path: str, mode: str, blob: str) -> None:
    """Stage the blob and make git look at the file again, so that an equal file counts as clean."""
    place.git.run("update-index", "--cacheinfo", f"{mode},{blob},{path}")
    refresh(place, path)


def refresh(place: Place, path: str) -> None:
    """Have git compare the file with the index now. Best effort: a locked index costs a comparison later."""
    place.git.try_run("add", "--refresh", "--", path, env=LITERAL)  # update-index --refresh PATH would stage it


def move_head(place: Place, new: str, old: str, why: str) -> None:
    """Point HEAD's branch (or a detached HEAD) from `old` to `new`; raises GitError when it is elsewhere."""
    place.git.run("update-ref", "-m", why, "HEAD", new, old)

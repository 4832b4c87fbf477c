"""Commits made without the index and the work tree: trees with a file replaced, commits made again."""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from orchestrator import files
from orchestrator.errors import GitError
from orchestrator.git.place import Place
from orchestrator.git.plumbing import LITERAL, Git

_SIGNATURES = (b"gpgsig ", b"gpgsig-sha256 ")
_SIGNED_FIELDS = (b"tree", b"parent", b"author", b"committer", b"encoding", b"gpgsig", b"gpgsig-sha256")

SESSION_ACTION = "orchestrator-session"  # GIT_REFLOG_ACTION of an agent begins with it


class Entry(NamedTuple):
    """A file as a tree or an index holds it; `bits` are the options of update-index that the index has for it."""

    mode: str
    blob: str
    content: bytes
    bits: tuple[str, ...] = ()


class Look(NamedTuple):
    """A commit as stored, with all that it takes to make it again with another version of one file: the trees from
    its root down to the file's folder (`names` are those of the folders), and the file itself.
    """

    raw: bytes
    names: tuple[bytes, ...]
    trees: tuple[bytes, ...]
    entry: Entry | None


def look(git: Git, commit: str, path: str) -> Look:
    """A commit and its file `path` (as git names it), read by one git; `entry` is None where the file is absent or no
    regular file. Raises GitError for a commit that there is not.
    """
    *folders, name = path.split("/")
    above = ["/".join(folders[:depth]) for depth in range(len(folders) + 1)]
    found = git.objects([commit, *(f"{commit}:{folder}" for folder in above), f"{commit}:{path}"])
    if found[0] is None or "\n" in path:
        raise GitError(f"git can't read {path!r} of {commit}")
    names = tuple(os.fsencode(one) for one in (*folders, name))
    trees = tuple(tree[2] for tree in found[1:-1] if tree and tree[1] == "tree")
    entry = None
    file = found[-1]
    if file and file[1] == "blob" and len(trees) == len(above):
        mode = _modes(trees[-1], len(file[0]) // 2)[names[-1]][0].decode()
        entry = Entry(mode, file[0], file[2]) if mode.startswith("100") else None
    return Look(found[0][2], names, trees, entry)


def _modes(tree: bytes, size: int) -> dict[bytes, tuple[bytes, int]]:
    """The mode of each entry of a stored tree, and where the id of `size` bytes stands."""
    found = {}
    at = 0
    while at < len(tree):
        blank, end = tree.index(b" ", at), tree.index(b"\0", at)
        found[tree[blank + 1 : end]] = tree[at:blank], end + 1
        at = end + 1 + size
    return found


def committed(git: Git, commit: str, path: str) -> Entry | None:
    """The file `path` of a commit; None where it is absent or no regular file."""
    return look(git, commit, path).entry


def staged(git: Git, path: str, known: Entry | None = None) -> Entry | None:
    """The file `path` of the index; None where it is absent, unmerged or no regular file. Git is not asked again for
    the content of `known`.
    """
    done = git.run("ls-files", "-s", "-v", "-z", "--", path, env=LITERAL)
    entries = [entry for entry in done.split(b"\0") if entry]
    found = re.match(rb"([A-Za-z]) (100\d{3}) ([0-9a-f]+) 0\t", entries[0]) if len(entries) == 1 else None
    if not found:
        return None
    tag, mode, blob = (part.decode() for part in found.groups())
    content = known.content if known and known.blob == blob else git.run("cat-file", "blob", blob)
    bits = (("--assume-unchanged",) if tag.islower() else ()) + (("--skip-worktree",) if tag in "Ss" else ())
    return Entry(mode, blob, content, bits)


def tree_with(git: Git, seen: Look, blob: str) -> str:
    """The commit's tree with `blob` for the file that was looked at, which has to be there."""
    id = bytes.fromhex(blob)
    for name, tree in zip(reversed(seen.names), reversed(seen.trees), strict=True):
        at = _modes(tree, len(id))[name][1]
        id = bytes.fromhex(git.write("tree", tree[:at] + id + tree[at + len(id) :]))
    return id.hex()


def commit_again(
    git: Git, raw: bytes, tree: str, *, parents: list[str] | None = None, message: bytes | None = None
) -> str:
    """The commit whose stored form is `raw` with another tree (and parents, and message): author, dates, encoding
    and the rest as they were; signed again if it was signed.
    """
    header, _, old_message = raw.partition(b"\n\n")
    lines = _header_lines(header)
    signed = _is_signed(lines)
    kept = [line for line in lines if not line.startswith((b"tree ", *_SIGNATURES))]
    if parents is not None:
        kept = [line for line in kept if not line.startswith(b"parent ")]
        kept = [f"parent {parent}".encode() for parent in parents] + kept
    new_message = old_message if message is None else message
    if not signed:
        return git.write("commit", b"\n".join([f"tree {tree}".encode(), *kept]) + b"\n\n" + new_message)
    return _signed(git, tree, kept, new_message)


def can_be_made_again(raw: bytes) -> bool:
    """Whether `commit_again` keeps all of a commit: `git commit-tree` can't sign one with further fields, such as the
    tag that it merges.
    """
    lines = _header_lines(raw.partition(b"\n\n")[0])
    return not _is_signed(lines) or all(line.partition(b" ")[0] in _SIGNED_FIELDS for line in lines)


def _is_signed(lines: list[bytes]) -> bool:
    return any(line.startswith(_SIGNATURES) for line in lines)


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


def update_index(place: Place, path: str, entry: Entry, blob: str) -> None:
    """Stage the blob in the entry's place and make git look at the file again: an equal file then counts as clean."""
    place.git.run("update-index", "--cacheinfo", f"{entry.mode},{blob},{path}")
    for bit in entry.bits:
        place.git.run("update-index", bit, "--", path)
    refresh(place, path)


def refresh(place: Place, path: str, entry: Entry | None = None) -> None:
    """Have git compare the file with the index now. Best effort: a locked index costs a comparison later.

    `entry` is the index's, where git may have noted times and size of the file that are not those of the staged blob:
    see `leave_unnoticed`. It would then take a file of another size for modified, whatever is in it.
    """
    if entry and entry.content and not entry.bits:  # an empty one is only to be added (`git add -N`), and stays so
        place.git.try_run("update-index", "--cacheinfo", f"{entry.mode},{entry.blob},{path}")
    place.git.try_run("add", "--refresh", "--", path, env=LITERAL)  # update-index --refresh PATH would stage it


def leave_unnoticed(place: Place, path: str, entry: Entry) -> None:
    """Make git call the file unchanged, though it is not what the index's `entry` holds: until somebody writes it, git
    compares its size and times alone. Best effort: otherwise the file counts as modified.

    Git itself notes these times when the file, as a filter cleans it, is the staged blob: here, for once, a filter says
    so. The file's time goes back, for git reads a file again that is not older than the index.
    """
    file, attributes = place.top / path, place.own_store / "attributes"
    if entry.bits:
        return
    now = file.stat()
    os.utime(file, ns=(now.st_atime_ns, now.st_mtime_ns - 2 * 10**9))
    files.keep(attributes, b"* filter=orchestrator-flips\n")
    given = {
        "core.attributesFile": attributes.as_posix(),
        "filter.orchestrator-flips.clean": f"git cat-file blob {entry.blob}",
    }
    settings = [word for name, value in given.items() for word in ("-c", f"{name}={value}")]
    place.git.try_run("update-index", "--cacheinfo", f"{entry.mode},{entry.blob},{path}")
    place.git.try_run(*settings, "add", "--refresh", "--", path, env=LITERAL)


def move_head(place: Place, new: str, old: str, why: str) -> None:
    """Point HEAD's branch (or a detached HEAD) from `old` to `new`; raises GitError when it is elsewhere.

    Below an agent of ours the words of the reflog begin as those of its own git do: by them its commits are known.
    """
    action = os.environ.get("GIT_REFLOG_ACTION", "")
    words = f"{action}: {why}" if action.startswith(SESSION_ACTION) else why
    place.git.run("update-ref", "-m", words, "HEAD", new, old)

"""The content of a feature's `inputs` (paths and globs), in the work tree or in a commit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path

from orchestrator.git.plumbing import Git
from orchestrator.staleness.tracker_block import without_block

Content = tuple[str, bytes]


def in_worktree(root: Path, patterns: Iterable[str]) -> list[Content]:
    """(path, content) of every file that a pattern names; a named file that is absent counts as absent content."""
    found: dict[str, bytes] = {}
    for pattern in patterns:
        if _is_glob(pattern):
            for path in sorted(root.glob(pattern.removeprefix("./"))):
                if path.is_file():
                    found[path.relative_to(root).as_posix()] = _text(path.read_bytes())
        else:
            path = root / pattern
            names = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
            for name in names:
                if name.is_file():
                    found[_name(root, name)] = _text(name.read_bytes())
    return sorted(found.items())


def in_commit(git: Git, commit: str, prefix: str, patterns: Sequence[str]) -> list[Content]:
    """The same as of a commit; `prefix` is the project's folder in the tree ("" at the top)."""
    names = _names(git, commit, prefix)
    wanted = [name for name in names if any(_matches(name, pattern) for pattern in patterns)]
    objects = git.objects([f"{commit}:{prefix}{name}" for name in wanted])
    return [(name, _text(found[2])) for name, found in zip(wanted, objects, strict=True) if found]


def _names(git: Git, commit: str, prefix: str) -> list[str]:
    listed = git.run("ls-tree", "-r", "-z", "--name-only", "--full-tree", commit, *([prefix] if prefix else []))
    names = (name.decode("utf-8", "surrogateescape") for name in listed.split(b"\0") if name)
    return sorted(name[len(prefix) :] for name in names if name.startswith(prefix))


def _name(root: Path, path: Path) -> str:
    try:
        return path.relative_to(root).as_posix()
    except ValueError:
        return path.as_posix()


def _text(content: bytes) -> bytes:
    """Line ends as git stores them, so that a checkout with CRLF has the same digest; without our own notes, so
    that a tracker's issue number is no change of what was asked for.
    """
    content = content.replace(b"\r\n", b"\n")
    if b"<!-- orchestrator: tracker -->" in content:
        content = without_block(content.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
    return content


def _is_glob(pattern: str) -> bool:
    return any(mark in pattern for mark in "*?[")


def _matches(name: str, pattern: str) -> bool:
    pattern = pattern.removeprefix("./")
    if not _is_glob(pattern):
        return name == pattern or name.startswith(pattern.rstrip("/") + "/")
    return _glob(pattern)(name)


@cache
def _glob(pattern: str) -> Callable[[str], bool]:
    """pathlib's glob as a test of a path: `**` spans folders, `*` and `?` do not."""
    expression = ""
    for part in re.split(r"(\*\*/|\*\*|\*|\?|\[[^\]]*\])", pattern):
        if part == "**/":
            expression += r"(?:[^/]+/)*"
        elif part == "**":
            expression += r".*"
        elif part == "*":
            expression += r"[^/]*"
        elif part == "?":
            expression += r"[^/]"
        elif part.startswith("[") and part.endswith("]"):
            expression += part.replace("[!", "[^", 1)
        else:
            expression += re.escape(part)
    compiled = re.compile(expression)
    return lambda name: compiled.fullmatch(name) is not None

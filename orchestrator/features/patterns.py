"""The paths and globs of a feature's `inputs`: one meaning in the work tree, in a commit and in the index.

A path names a file, or all files below a folder. In a glob `*` and `?` stay within a name, `[...]` is one of some
characters, and `**` is any number of folders (at the end: all files below). What exists under the very name counts
too: `app/[id]/page.tsx` is a file as well as a glob. Letter case counts everywhere, as it does in git.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

_CLASS = re.compile(r"\[(!?\]?[^]]*)\]")
_TOKEN = re.compile(rf"{_CLASS.pattern}|\*|\?|.", re.DOTALL)


def fault(pattern: str) -> str:
    """What is wrong with the pattern, in words; "" for a sound one."""
    if pattern.startswith("/") or re.match(r"[A-Za-z]:[\\/]", pattern):
        return "is absolute; inputs are files of the project"
    parts = pattern.split("/")
    if ".." in parts:
        return 'leads out of the project ("..")'
    if not normal(pattern):
        return "names no file"
    if "\0" in pattern:
        return "holds a NUL, which no file name does"
    if any("**" in part and part != "**" for part in parts):
        return 'has a "**" that is no folder of its own (write src/**/*.py, not src/**.py)'
    try:
        _expression(pattern)
    except re.error:
        return "has a range that ends before it begins ([z-a])"
    return ""


def normal(pattern: str) -> str:
    """The pattern without `./`, doubled and trailing slashes."""
    return "/".join(part for part in pattern.split("/") if part not in ("", "."))


def is_glob(pattern: str) -> bool:
    return any(mark in pattern for mark in "*?[")


def select(names: Sequence[str], pattern: str) -> list[str]:
    """Those of the sorted names (paths from the project's folder) that the pattern means; none for a faulty one."""
    start = base(pattern)
    found = []
    matches = matcher(pattern)
    for name in names[bisect_left(names, start) :]:
        if not name.startswith(start):
            break
        if matches(name):
            found.append(name)
    return found


def base(pattern: str) -> str:
    """The beginning that all names have which match the pattern."""
    whole = normal(pattern)
    parts = whole.split("/")
    plain = next((n for n, part in enumerate(parts) if is_glob(part)), None)
    return whole if plain is None else "".join(f"{part}/" for part in parts[:plain])


@lru_cache(maxsize=4096)
def matcher(pattern: str) -> Callable[[str], bool]:
    """Whether the pattern means the file of a name."""
    if fault(pattern):
        return lambda name: False
    whole = normal(pattern)
    expression = _expression(pattern) if is_glob(whole) else None

    def matches(name: str) -> bool:
        if name == whole or name.startswith(whole + "/"):
            return True
        return expression is not None and expression.fullmatch(name) is not None

    return matches


def _expression(pattern: str) -> re.Pattern[str]:
    """Raises re.error for a range that is none."""
    *folders, last = normal(pattern).split("/")
    before = "".join("(?:[^/]+/)*" if part == "**" else _part(part) + "/" for part in folders)
    return re.compile(before + (".+" if last == "**" else _part(last)), re.DOTALL)


def _part(part: str) -> str:
    return "".join(_one(token) for token in _TOKEN.finditer(part))


def _one(token: re.Match[str]) -> str:
    text = token[0]
    if text == "*":
        return "[^/]*"
    if text == "?":
        return "[^/]"
    inner = token[1]
    if inner is None:
        return re.escape(text)
    negated, chosen = ("^", inner[1:]) if inner.startswith("!") else ("", inner)
    return f"(?!/)[{negated}{''.join(_chosen(chosen))}]"


def _chosen(text: str) -> Iterator[str]:
    """The characters and ranges of a class, as a Python expression has them."""
    at = 0
    while at < len(text):
        if text[at + 1 : at + 2] == "-" and at + 2 < len(text):
            yield f"{re.escape(text[at])}-{re.escape(text[at + 2])}"
            at += 3
        else:
            yield re.escape(text[at])
            at += 1

"""Paths and globs of inputs, against a matcher that is written differently."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from orchestrator.features import patterns

NAMES = sorted([
    "spec.md", "src/a.py", "src/b/c.py", "src/b/c.txt", "src/.hidden", "src-x/a.py", "docs/v1/one.md", "app/[id]/page",
    "app/i/page", "a\\b", "é/ü.md", "new\nline",
])  # fmt: skip


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("spec.md", ["spec.md"]),
        ("./spec.md", ["spec.md"]),
        ("src", ["src/.hidden", "src/a.py", "src/b/c.py", "src/b/c.txt"]),
        ("src/", ["src/.hidden", "src/a.py", "src/b/c.py", "src/b/c.txt"]),
        ("src/**", ["src/.hidden", "src/a.py", "src/b/c.py", "src/b/c.txt"]),
        ("src/*", ["src/.hidden", "src/a.py"]),
        ("src/**/*.py", ["src/a.py", "src/b/c.py"]),
        ("**/*.md", ["docs/v1/one.md", "spec.md", "é/ü.md"]),
        ("**/c.*", ["src/b/c.py", "src/b/c.txt"]),
        ("src//b/./c.py", ["src/b/c.py"]),
        ("docs/v[0-9]/*", ["docs/v1/one.md"]),
        ("docs/v[!0-9]/*", []),
        ("app/[id]/page", ["app/[id]/page", "app/i/page"]),
        ("app/[id]", ["app/[id]/page"]),
        ("?/?.md", ["é/ü.md"]),
        ("a\\b", ["a\\b"]),
        ("Spec.md", []),
        ("sp", []),
        ("new?line", ["new\nline"]),
        ("src[/]a.py", []),
        ("../spec.md", []),
    ],
)
def test_a_pattern_means_these_files(pattern: str, expected: list[str]) -> None:
    assert patterns.select(NAMES, pattern) == expected


@pytest.mark.parametrize(
    ("pattern", "word"),
    [
        ("src/**.py", "src/**/*.py"), ("a**/b", "no folder of its own"), ("/etc/host*", "absolute"),
        ("C:\\x", "absolute"), ("[z-a]*", "range"), ("../x", '".."'), ("a/../b", '".."'), ("", "names no file"),
        (".", "names no file"), ("./", "names no file"), ("a\0b", "NUL"),
    ],
)  # fmt: skip
def test_what_can_mean_no_file_is_said(pattern: str, word: str) -> None:
    assert word in patterns.fault(pattern)
    assert not patterns.matcher(pattern)("src/x.py")


def reference(pattern: list[str], name: list[str]) -> bool:
    """Part by part, as a shell would."""
    if not pattern:
        return not name
    if pattern[0] == "**":
        rest = pattern[1:]
        return (not rest and bool(name)) or any(reference(rest, name[n:]) for n in range(len(name) + 1) if rest)
    return bool(name) and fnmatchcase(name[0], pattern[0]) and reference(pattern[1:], name[1:])


part = st.text("ab.*?[]!-^\\&", min_size=1, max_size=4).filter(
    lambda text: text not in (".", "..") and "**" not in text
)
globs = st.lists(part | st.just("**"), min_size=1, max_size=4).map("/".join)
file = st.text("ab.[]!-^\\&", min_size=1, max_size=3).filter(lambda text: text not in (".", ".."))
files = st.lists(file, min_size=1, max_size=4).map("/".join)


@given(globs, files)
@example("[]-a]", "]")
@example("[^a]", "^")
@example("[--a]", ".")
@example("**/a", "a")
@example("a/**", "a")
def test_a_glob_means_what_a_shell_means_by_it_or_the_very_name(pattern: str, name: str) -> None:
    if patterns.fault(pattern):
        return
    literal = name == pattern or name.startswith(pattern + "/")
    assert patterns.matcher(pattern)(name) == (literal or reference(pattern.split("/"), name.split("/")))


@given(st.lists(files, max_size=8), globs | files)
def test_the_sorted_names_give_what_each_name_gives(names: list[str], pattern: str) -> None:
    names = sorted(set(names))
    assert patterns.select(names, pattern) == [name for name in names if patterns.matcher(pattern)(name)]


@given(st.text(max_size=8))
def test_no_text_breaks_the_matcher(pattern: str) -> None:
    patterns.fault(pattern)
    patterns.matcher(pattern)("a/b")

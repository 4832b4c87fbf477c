"""What may have softened the check: tests, and files that say how it runs."""

from __future__ import annotations

import json

import pytest

from orchestrator.building import watched
from orchestrator.building.weakening import in_settings, in_test, part

TEST = frozenset({"test"})


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("tests/data.json", True), ("test_a.py", True), ("src/a_test.go", True), ("a.spec.ts", True),
        ("src/FooTest.java", True), ("src/__tests__/a.js", True), ("Spec/x.rb", True), ("e2e/login.ts", True),
        ("src/latest.py", False), ("inspect.py", False), ("contest/a.py", False), ("src/attest.go", False),
    ],
)  # fmt: skip
def test_a_test_is_known_by_its_name(path: str, expected: bool) -> None:
    assert watched.is_test(path) is expected


def test_a_deleted_a_shortened_and_a_grown_test() -> None:
    assert in_test("t.py", b"a\nb\n", None, 0) == "t.py: test deleted (2 lines)"
    assert in_test("t.py", b"a\nb\n", b"a\n", 1) == "t.py: 1 line of tests fewer"
    assert in_test("t.py", b"a\n", b"a\nb\n", -1) == ""
    assert in_test("t.py", b"a\n", b"b\n", 0) == ""


def test_a_test_less_is_seen_though_the_file_grew() -> None:
    before = b"def test_a():\n    assert f() == 1\n\ndef test_b():\n    assert g()\n"
    after = b"def test_a():\n    # a\n    # b\n    # c\n    # d\n    assert f() == 1\n"
    assert in_test("t.py", before, after, -1) == "t.py: 1 test fewer"


@pytest.mark.parametrize(
    "line",
    [
        "@pytest.mark.skip", "@pytest.mark.skipif(True, reason='x')", "@unittest.skip('x')", "pytest.skip('later')",
        "@pytest.mark.xfail", "it.skip('x', () => {})", "describe.only('y', () => {})", "xit('x', () => {})",
        "t.Skip()", "#[ignore]", "@Disabled", "self.skipTest('x')", "$this->markTestSkipped();",
    ],
)  # fmt: skip
def test_a_skip_is_seen_and_shown(line: str) -> None:
    before = b"def test_a():\n    pass\n"
    assert in_test("t.py", before, line.encode() + b"\n" + before, -1) == f"t.py: tests skipped: {line}"
    assert in_test("t.py", line.encode() + b"\n" + before, line.encode() + b"\n" + before + b"#\n", -1) == ""


def test_of_package_json_the_scripts_and_jest_count() -> None:
    before = {"name": "x", "scripts": {"test": "jest"}, "dependencies": {"a": "1"}}
    other = {**before, "dependencies": {"a": "2"}, "name": "y"}
    soft = {**before, "scripts": {"test": "true"}}
    encoded = [json.dumps(data).encode() for data in (before, other, soft)]
    assert in_settings("package.json", encoded[0], encoded[1], TEST) == ""
    assert in_settings("a/package.json", encoded[0], encoded[2], TEST) == (
        'a/package.json: -"test": "jest" / +"test": "true"'
    )


def test_of_pyproject_the_tables_of_the_test_tools_count() -> None:
    before = b'[project]\nname = "a"\n[tool.pytest.ini_options]\naddopts = "-q"\n[tool.ruff]\nx = 1\n'
    assert in_settings("pyproject.toml", before, before.replace(b"x = 1", b"x = 2"), TEST) == ""
    assert in_settings("pyproject.toml", before, before.replace(b"-q", b"--co"), TEST) == (
        'pyproject.toml: -addopts = "-q" / +addopts = "--co"'
    )
    assert in_settings("pyproject.toml", before, b'[project]\nname = "a"\n', TEST).startswith("pyproject.toml: -[tool")


MAKE = b"""PYTEST = pytest
OTHER = x
all: build
build:
\tcc a.c
test: unit
\techo done
unit: build
\t$(PYTEST) -q
lint:
\truff .
"""


@pytest.mark.parametrize(
    ("old", "new", "seen"),
    [
        (b"\truff .", b"\ttrue", False),
        (b"OTHER = x", b"OTHER = y", False),
        (b"all: build", b"all: lint", False),
        (b"$(PYTEST) -q", b"true", True),
        (b"PYTEST = pytest", b"PYTEST = true", True),
        (b"test: unit", b"test:", True),
        (b"\tcc a.c", b"\tcc b.c", True),
        (b"OTHER = x", b"include more.mk", True),
    ],
)
def test_of_a_makefile_the_target_and_all_that_it_needs_count(old: bytes, new: bytes, seen: bool) -> None:
    assert bool(in_settings("Makefile", MAKE, MAKE.replace(old, new), TEST)) is seen


def test_a_makefile_is_read_by_the_targets_that_the_check_calls() -> None:
    assert part("Makefile", MAKE, frozenset({"lint"})) == "lint:\n\truff ."


def test_setup_cfg_counts_by_its_sections() -> None:
    before = b"[metadata]\nname=a\n[tool:pytest]\naddopts=-q\n"
    assert in_settings("setup.cfg", before, before.replace(b"name=a", b"name=b"), TEST) == ""
    assert in_settings("setup.cfg", before, before.replace(b"-q", b"--co"), TEST) != ""


@pytest.mark.parametrize("content", [b"{", b"[]", b'"x"', b"\xff\xfe", b'{"scripts": 3}'])
def test_a_broken_file_is_compared_as_it_stands_or_says_nothing_and_raises_nothing(content: bytes) -> None:
    for name in ("package.json", "pyproject.toml", "setup.cfg", "Makefile"):
        in_settings(name, content, b"{}", TEST)
        in_settings(name, None, content, TEST)
    assert in_settings("conftest.py", None, content, TEST) == "conftest.py: added, and says how the check runs"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a/conftest.py", True), (".github/workflows/ci.yml", True), ("CLAUDE.md", True), ("docs/AGENTS.md", True),
        (".claude/agents/x.md", True), ("jest.config.mjs", True), ("src/app.py", False), ("github/workflows/x", False),
    ],
)  # fmt: skip
def test_what_steers_checks_and_later_sessions_is_known_by_its_name(path: str, expected: bool) -> None:
    assert watched.is_whole(path) is expected


@pytest.mark.parametrize(
    ("path", "pattern", "expected"),
    [
        ("ci/run.sh", "ci/", True), ("ci/run.sh", "ci", True), ("ci/run.sh", "ci/*.sh", True),
        ("a/b/c.sh", "a/*.sh", False),
        ("a/b/c.sh", "**/*.sh", True), ("c.sh", "**/*.sh", True), ("cix", "ci", False), ("a[1]", "a[1]", True),
    ],
)  # fmt: skip
def test_patterns_name_files_folders_and_globs(path: str, pattern: str, expected: bool) -> None:
    assert watched.matches(path, [pattern]) is expected

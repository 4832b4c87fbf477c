"""Which files a session may not change, and which it may only change in sight."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable

# What steers the build itself, relative to the project; a name that ends in "/" is a folder.
STEERING = ("orchestrator.toml", "dodo.py", ".agent/prompts/")
# What says how a check runs, whatever is in it, or steers later sessions.
_WHOLE = (
    "conftest.py", "pytest.ini", ".pytest.ini", "tox.ini", "noxfile.py", "nose.cfg",
    "jest.config.*", "vitest.config.*", "vitest.workspace.*", "karma.conf.*", ".mocharc*", "playwright.config.*",
    "cypress.config.*", "phpunit.xml*", ".rspec", "CLAUDE.md", "CLAUDE.local.md", "AGENTS.md",
    ".gitlab-ci.yml", ".travis.yml", "Jenkinsfile", "azure-pipelines.yml", "bitbucket-pipelines.yml", ".drone.yml",
    "buildspec.yml", "appveyor.yml", ".pre-commit-config.yaml", "lefthook.yml",
)  # fmt: skip
_FOLDERS = (".github/workflows", ".circleci", ".claude", ".buildkite")
# Files of which only a part says so; `parts` knows which.
IN_PART = frozenset({"package.json", "pyproject.toml", "setup.cfg", "Makefile", "makefile", "GNUmakefile"})
_TEST_NAME = re.compile(
    r"(^|[/._-])(tests?|specs?|e2e|__tests__)([/._-]|$)"  # tests/..., test_x.py, x_test.go, x.spec.ts
    r"|(Tests?|Spec|Specs)\.\w+$",  # FooTest.java, FooSpec.scala
    re.ASCII,
)


def is_test(path: str) -> bool:
    """Whether a file holds tests, as far as its name tells."""
    lowered = path.lower()
    return bool(_TEST_NAME.search(path) or _TEST_NAME.search(lowered))


def is_whole(path: str) -> bool:
    """Whether any change of the file may change what the check checks, or what later sessions are told."""
    name = path.rpartition("/")[2]
    if any(fnmatch.fnmatchcase(name, pattern) for pattern in _WHOLE):
        return True
    return any(f"/{path}".find(f"/{folder}/") >= 0 for folder in _FOLDERS)


def is_in_part(path: str) -> bool:
    """Whether a part of the file may."""
    return path.rpartition("/")[2] in IN_PART


def matches(path: str, patterns: Iterable[str]) -> bool:
    """Whether a pattern names the file, a folder above it, or fits as a glob (`*` spans no folder, `**` any)."""
    return any(_fits(path, pattern.removeprefix("./")) for pattern in patterns)


def _fits(path: str, pattern: str) -> bool:
    folder = pattern.rstrip("/")
    if path == folder or path.startswith(folder + "/"):
        return True
    return re.fullmatch(_expression(pattern), path, re.DOTALL) is not None


def _expression(pattern: str) -> str:
    translated = {"**/": r"(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    return "".join(translated.get(part, re.escape(part)) for part in parts)

"""tech_stack.json: languages, frameworks, test and build tools, told by marker files and their dependencies."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

_LANGUAGES: dict[str, tuple[str, ...]] = {
    "Python": ("pyproject.toml", "setup.py", "requirements.txt", "Pipfile", ".py"),
    "TypeScript": ("tsconfig.json", ".ts", ".tsx"),
    "JavaScript": ("package.json", ".js", ".jsx"),
    "Rust": ("Cargo.toml", ".rs"),
    "Go": ("go.mod", "go.sum", ".go"),
    "Java": ("pom.xml", "build.gradle", ".java"),
    "C#": (".csproj", ".sln", ".cs"),
    "Ruby": ("Gemfile", "Rakefile", ".rb"),
    "PHP": ("composer.json", ".php"),
}
_PYTHON = {
    "fastapi": "FastAPI",
    "django": "Django",
    "flask": "Flask",
    "starlette": "Starlette",
    "pydantic": "Pydantic",
    "sqlalchemy": "SQLAlchemy",
    "baml": "BAML",
    "baml-py": "BAML",
}
_FRAMEWORKS: dict[str, dict[str, str]] = {
    "pyproject.toml": _PYTHON,
    "requirements.txt": _PYTHON,
    "package.json": {
        "react": "React",
        "next": "Next.js",
        "vue": "Vue",
        "@angular/core": "Angular",
        "express": "Express",
        "@nestjs/core": "NestJS",
        "fastify": "Fastify",
    },
    "Cargo.toml": {
        "tokio": "Tokio",
        "actix": "Actix",
        "actix-web": "Actix",
        "axum": "Axum",
        "rocket": "Rocket",
        "serde": "Serde",
    },
}
_TESTING: dict[str, dict[str, str]] = {
    "pyproject.toml": {"pytest": "pytest", "unittest": "unittest", "hypothesis": "hypothesis"},
    "requirements.txt": {"pytest": "pytest", "hypothesis": "hypothesis"},
    "package.json": {
        "jest": "Jest",
        "vitest": "Vitest",
        "mocha": "Mocha",
        "cypress": "Cypress",
        "playwright": "Playwright",
        "@playwright/test": "Playwright",
    },
}
_BUILD = {
    "pyproject.toml": "pip/setuptools",
    "setup.py": "setuptools",
    "Pipfile": "pipenv",
    "poetry.lock": "Poetry",
    "package.json": "npm/yarn",
    "yarn.lock": "Yarn",
    "pnpm-lock.yaml": "pnpm",
    "Cargo.toml": "Cargo",
    "go.mod": "Go Modules",
    "pom.xml": "Maven",
    "build.gradle": "Gradle",
    "Makefile": "Make",
    "CMakeLists.txt": "CMake",
}
MARKERS = frozenset(_FRAMEWORKS) | frozenset(_TESTING)
"""The files whose text is looked at."""


def tech_stack(paths: Iterable[str], texts: Mapping[str, str]) -> dict[str, list[str]]:
    """Four sorted lists. `paths` are all files; `texts` the content of the top-level MARKERS among them."""
    found = list(paths)
    top = {path for path in found if "/" not in path}
    suffixes = {Path(path).suffix for path in found}
    stack = {
        "languages": [name for name, signs in _LANGUAGES.items() if (top | suffixes) & set(signs)],
        "frameworks": list(_named(_FRAMEWORKS, texts)),
        "testing_frameworks": list(_named(_TESTING, texts)) + _by_layout(found, top),
        "build_systems": [_BUILD[name] for name in top & set(_BUILD)],
    }
    return {key: sorted(set(names)) for key, names in stack.items()}


def read_markers(root: Path) -> dict[str, str]:
    """The MARKERS at the top of `root`, those that are there and can be read as text."""
    texts = {}
    for name in sorted(MARKERS):
        path = root / name
        if path.is_file():
            texts[name] = path.read_bytes().decode("utf-8-sig", "replace")
    return texts


def _by_layout(paths: list[str], top: set[str]) -> list[str]:
    has_tests = any(path.startswith(("tests/", "test/")) for path in paths)
    configured = "pytest.ini" in top or any(path.split("/")[-1] == "conftest.py" for path in paths)
    return ["pytest"] if has_tests and configured and top & {"pyproject.toml", "setup.py"} else []


def _named(table: Mapping[str, Mapping[str, str]], texts: Mapping[str, str]) -> Iterator[str]:
    for name, text in texts.items():
        known = table.get(name, {})
        words = _words(name, text)
        yield from (label for word, label in known.items() if word in words)


def _words(name: str, text: str) -> set[str]:
    """The names a marker file may depend on, whole: `nextgen` is no `next`."""
    if name == "package.json":
        return _package_words(text)
    kept = (line.split("#")[0] for line in text.lower().splitlines())
    words = set(re.findall(r"[a-z0-9_][a-z0-9_.-]*", "\n".join(kept)))
    return words | {part for word in words for part in word.split(".")}


def _package_words(text: str) -> set[str]:
    try:
        data = json.loads(text)
    except json.JSONDecodeError:
        return set()
    if not isinstance(data, dict):
        return set()
    words: set[str] = set()
    for key in ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies"):
        section = data.get(key)
        words.update(section if isinstance(section, dict) else ())
    scripts = data.get("scripts")
    for command in scripts.values() if isinstance(scripts, dict) else ():
        words.update(str(command).split())
    return words

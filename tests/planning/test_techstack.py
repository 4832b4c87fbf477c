"""Languages and tools of a project, told by its files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.repos import git

from orchestrator.git.place import find
from orchestrator.planning.surroundings.filescan import scan
from orchestrator.planning.surroundings.techstack import read_markers, tech_stack

ENTRIES = [
    entry["input"]["files"] | {"=": entry["output"]}
    for entry in json.loads((Path(__file__).parent.parent / "vectors" / "parsing.json").read_text("utf-8"))
    if entry["function"] == "extract_tech_stack"
]


def make(root: Path, files: dict[str, str]) -> None:
    root.mkdir(parents=True, exist_ok=True)
    git(root, "init", "-q")
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")


def stack(root: Path) -> dict[str, list[str]]:
    return tech_stack(scan(find(root), root), read_markers(root))


@pytest.mark.parametrize("entry", ENTRIES)
def test_stacks_equal_the_vectors_but_for_half_words(entry: dict[str, object], tmp_path: Path) -> None:
    wanted = dict(entry.pop("="))  # type: ignore[call-overload]
    make(tmp_path, entry)  # type: ignore[arg-type]
    if "nextgen" in str(entry):
        # The original took any text that holds "next" for the framework.
        wanted["frameworks"] = []
    assert stack(tmp_path) == wanted


def test_a_project_below_a_folder_named_build_has_a_stack(tmp_path: Path) -> None:
    root = tmp_path / "build" / "target" / "app"
    make(root, {"go.mod": "module app", "node_modules/x/package.json": '{"dependencies": {"react": "1"}}'})
    assert stack(root) == {
        "languages": ["Go"],
        "frameworks": [],
        "testing_frameworks": [],
        "build_systems": ["Go Modules"],
    }


def test_dependencies_of_a_package_are_read_as_json(tmp_path: Path) -> None:
    package = {
        "description": "the next react vue thing",
        "dependencies": {"next": "14", "@nestjs/core": "10"},
        "devDependencies": {"vitest": "1"},
        "scripts": {"e2e": "playwright test"},
    }
    make(tmp_path, {"package.json": json.dumps(package), "tests/conftest.py": "", "setup.py": ""})
    assert stack(tmp_path) == {
        "languages": ["JavaScript", "Python"],
        "frameworks": ["NestJS", "Next.js"],
        "testing_frameworks": ["Playwright", "Vitest", "pytest"],
        "build_systems": ["npm/yarn", "setuptools"],
    }


@pytest.mark.parametrize("text", ["{", "[]", '{"dependencies": ["react"]}', '{"scripts": 3}'])
def test_a_broken_package_file_names_nothing(text: str, tmp_path: Path) -> None:
    make(tmp_path, {"package.json": text})
    assert stack(tmp_path)["frameworks"] == []

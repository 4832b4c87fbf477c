"""CONTRIBUTING.md and docs/tests.md name what there is; pyproject lists all packages."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "orchestrator"
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
TABLE = (ROOT / "docs" / "tests.md").read_text(encoding="utf-8")


def named(text: str) -> set[str]:
    """The paths in a document: in back quotes or behind a link, with a folder or an ending."""
    quoted = re.findall(r"`([\w./-]+)`", text)
    linked = re.findall(r"\]\(([^)#:]+)\)", text)
    return {path for path in quoted if path.startswith(("orchestrator/", "tests/", "docs/", "hooks/"))} | set(linked)


def drawn(text: str) -> Iterator[tuple[str, str]]:
    """What the diagram names: `ROOM/MODULE`, and the function behind a dot ("" for none)."""
    diagram = text.partition("completing commit\n\n```")[2].partition("```")[0]
    rooms = "building|staleness|tasks|agents|processes|report|cli"
    for module, name in re.findall(rf"\b((?:{rooms})/\w+)(?:\.(\w+))?", diagram):
        yield module, "" if name == "py" else name


@pytest.mark.parametrize("text", [CONTRIBUTING, TABLE], ids=["CONTRIBUTING.md", "docs/tests.md"])
def test_every_path_that_is_named_exists(text: str) -> None:
    placeholders = {"tests/ROOM/test_MODULE.py", "orchestrator/ROOM/.../MODULE.py"}
    assert {path for path in named(text) - placeholders if not (ROOT / path).exists()} == set()


def test_every_module_and_function_in_the_diagram_exists() -> None:
    found = set(drawn(CONTRIBUTING))
    assert len(found) > 15
    wrong = []
    for module, name in found:
        path = PACKAGE / f"{module}.py"
        there = path.is_file() and (not name or f"def {name}(" in path.read_text(encoding="utf-8"))
        if not there and not (PACKAGE / module).is_dir():
            wrong.append(f"{module}.{name}")
    assert wrong == []


def test_every_line_of_the_table_names_a_module_and_its_tests() -> None:
    lines = [line for line in TABLE.splitlines() if line.startswith("| `")]
    assert [
        line for line in lines if not re.fullmatch(r"\| `orchestrator/\S+\.py` \| `tests/\S+\.py`.* \|", line)
    ] == []


def test_pyproject_lists_the_packages_that_there_are() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        listed = tomllib.load(file)["tool"]["setuptools"]["packages"]
    there = [
        ".".join(path.parent.relative_to(ROOT).parts)
        for path in PACKAGE.rglob("__init__.py")
        if "demo_project" not in path.parts
    ]
    assert sorted(listed) == sorted([*there, "orchestrator._hooks"])


def test_the_example_of_a_hook_case_is_a_case() -> None:
    example = re.search(r"```\n(\[.*?\]\n.*?\n=> .*?\n)```", CONTRIBUTING, re.DOTALL)
    assert example
    assert example[1] in (ROOT / "tests" / "hooks" / "operations.txt").read_text(encoding="utf-8")


def test_docstrings_name_sections_that_the_contract_has_and_no_document_from_elsewhere() -> None:
    sections = set(
        re.findall(r"^## (\d+)\.", (ROOT / "docs" / "contract.md").read_text(encoding="utf-8"), re.MULTILINE)
    )
    wrong = []
    for path in (*PACKAGE.rglob("*.py"), *(ROOT / "tests").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        cited = re.findall(r"contract\.md, (?:section )?(\d+(?:(?:, | and )\d+)*)", text)
        if set(re.findall(r"\d+", " ".join(cited))) - sections or re.search(r"\b(SPEC (?:section )?\d|facts/\w)", text):
            wrong.append(path.relative_to(ROOT).as_posix())
    assert wrong == []


def test_the_words_of_hook_cases_are_defined() -> None:
    words = re.search(r"defines the words \((.*?) and others\)", CONTRIBUTING, re.DOTALL)
    assert words
    prelude = (ROOT / "tests" / "support" / "hook_twins.py").read_text(encoding="utf-8")
    assert [word for word in re.findall(r"`(\w+)`", words[1]) if f"\n{word}() {{" not in prelude] == []


def test_names_that_stand_beside_a_module_in_the_table_are_in_it() -> None:
    wrong = []
    for name, module in re.findall(r"`(\w+)`(?:\s\([^)]*\))?\s(?:of|in)\s`(orchestrator/[\w/]+\.py)`", CONTRIBUTING):
        if not re.search(rf"\b{name}\b", (ROOT / module).read_text(encoding="utf-8")):
            wrong.append(f"{name} in {module}")
    assert wrong == []

"""How large functions and modules are, beside what is aimed at. Run by hand: `python tests/figures.py`."""

from __future__ import annotations

import ast
import statistics
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]


def code_lines(tree: ast.AST, text: str) -> int:
    """The lines without blanks, comments and docstrings."""
    told: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
            told.update(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    lines = enumerate(text.splitlines(), 1)
    return sum(1 for number, line in lines if number not in told and line.strip() and not line.lstrip().startswith("#"))


def functions(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(lines, name) of each, its docstring and signature counted."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            yield (node.end_lineno or node.lineno) - node.lineno + 1, node.name


def show(what: str, found: Sequence[tuple[int, str]], aim: str) -> None:
    sizes = sorted(size for size, _ in found)
    tenth = sizes[len(sizes) * 9 // 10]
    print(f"{what}: {len(sizes)}, median {statistics.median(sizes):g} ({aim}), of ten nine are below {tenth + 1}")
    for size, name in sorted(found, reverse=True)[:5]:
        print(f"  {size:5}  {name}")


def measure(folder: str, part: str, aims: tuple[str, str]) -> int:
    """Print a folder's figures; its lines of code."""
    modules: list[tuple[int, str]] = []
    made: list[tuple[int, str]] = []
    for path in sorted((ROOT / folder).rglob("*.py")):
        if "demo_project" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
        name = path.relative_to(ROOT).as_posix()
        if path.name != "__init__.py":
            modules.append((code_lines(tree, text), name))
        made += [(size, f"{name}: {called}") for size, called in functions(tree)]
    show(f"modules of {part}, lines of code", modules, aims[0])
    show(f"functions of {part}, all lines", made, aims[1])
    return sum(size for size, _ in modules)


if __name__ == "__main__":
    ours = measure("orchestrator", "the program", ("aim: 90", "aim: 9"))
    tests = measure("tests", "the tests", ("no aim", "no aim"))
    print(f"lines of tests for a line of the program: {tests / ours:.2f}")

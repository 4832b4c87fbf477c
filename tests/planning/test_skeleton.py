"""The skeleton of property tests: pytest collects it whatever the criteria hold."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.planning.requirements.skeleton import skeleton
from orchestrator.planning.requirements.tree import Hierarchy, Requirement

HOSTILE = (
    "Quotes \"\"\" and \\ and ''' survive",
    "State must be valid",
    "same name",
    "Same name!",
    "日本語",
    "emoji \N{GRINNING FACE} and\nline breaks",
    "{braces} {{ jinja }} %s",
    "",
)


def hierarchy(*criteria: str) -> Hierarchy:
    child = Requirement("REQ_000.1", "one", "sub_process", "REQ_000", acceptance_criteria=criteria)
    other = Requirement("REQ_000.1.1", "two", "implementation", "REQ_000.1", acceptance_criteria=("other",))
    return Hierarchy((Requirement("REQ_000", 'A "system"', children=(child, other), acceptance_criteria=("x",)),))


def run(folder: Path, *options: str, env: dict[str, str] | None = None) -> str:
    command = [sys.executable, *options, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", str(folder)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=env)
    assert done.returncode in (0, 5), done.stdout + done.stderr
    return done.stdout.strip().splitlines()[-1]


def test_every_criterion_is_collected_and_waits_to_be_written(tmp_path: Path) -> None:
    (tmp_path / "test_skeleton_made.py").write_text(skeleton(hierarchy(*HOSTILE)), encoding="utf-8")
    assert run(tmp_path).startswith(f"{len(HOSTILE) + 2} skipped")


def test_without_hypothesis_the_module_is_skipped(tmp_path: Path) -> None:
    (tmp_path / "hypothesis.py").write_text("raise ModuleNotFoundError('hypothesis', name='hypothesis')\n")
    (tmp_path / "test_skeleton_made.py").write_text(skeleton(hierarchy("a")), encoding="utf-8")
    code = "import sys; sys.path.insert(0, '.'); import pytest; sys.exit(pytest.main(sys.argv[1:]))"
    options = ["-q", "-p", "no:hypothesispytest", "-p", "no:cacheprovider", "-rs", "test_skeleton_made.py"]
    command = [sys.executable, "-c", code, *options]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "1 skipped" in done.stdout, done.stdout + done.stderr


@given(st.lists(st.text(), max_size=6))
def test_any_criteria_give_a_module_that_compiles_with_a_test_each(criteria: list[str]) -> None:
    import ast

    module = ast.parse(skeleton(hierarchy(*criteria)).encode("utf-8"))
    classes = [node for node in module.body if isinstance(node, ast.ClassDef)]
    assert len({node.name for node in classes}) == len(classes)
    methods = [[item.name for item in node.body if isinstance(item, ast.FunctionDef)] for node in classes]
    assert sum(map(len, methods)) == len(criteria) + 2
    assert all(len(set(names)) == len(names) for names in methods)

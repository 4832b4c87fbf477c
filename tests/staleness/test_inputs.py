"""What a feature's inputs hold: in the work tree and in a commit they are the same files."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.projects import Made, make

from orchestrator import project as projects
from orchestrator.staleness import inputs

FILES = {
    "spec.md": "what\r\nelse\r\n", "src/a.py": "a\n", "src/b/c.py": "c\n", "app/[id]/page": "p\n", "app/i/page": "q\n",
    ".gitignore": "__pycache__/\n*.log\n",
}  # fmt: skip


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return make(tmp_path / "project", [], files=FILES)


def in_tree(made: Made, *wanted: str) -> list[tuple[str, bytes]]:
    project = projects.load(made.root)
    return inputs.in_worktree(inputs.Tree(made.root, project.place), made.root, wanted)


def committed(made: Made, *wanted: str) -> list[tuple[str, bytes]]:
    return inputs.in_commit(projects.load(made.root).repository.git, "HEAD", "", wanted)


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("spec.md", ["spec.md"]),
        ("src", ["src/a.py", "src/b/c.py"]),
        ("src/**", ["src/a.py", "src/b/c.py"]),
        ("./src/*.py", ["src/a.py"]),
        ("app/[id]/page", ["app/[id]/page", "app/i/page"]),
        ("app/[id]", ["app/[id]/page"]),
        ("none.md", []),
        ("none/**", []),
        ("**/*.log", []),
    ],
)
def test_the_tree_and_the_commit_agree(made: Made, pattern: str, names: list[str]) -> None:
    (made.root / "src/__pycache__").mkdir()
    (made.root / "src/__pycache__/a.pyc").write_bytes(b"compiled")
    (made.root / "src/x.log").write_text("left by a tool\n")
    found = in_tree(made, pattern)
    assert [name for name, _ in found] == names
    assert found == committed(made, pattern)


def test_a_new_file_counts_before_it_is_committed(made: Made) -> None:
    (made.root / "src/new.py").write_text("n\n")
    assert ("src/new.py", b"n\n") in in_tree(made, "src/**/*.py")
    (made.root / "src/a.py").unlink()
    assert [name for name, _ in in_tree(made, "src")] == ["src/b/c.py", "src/new.py"]


def test_an_ignored_file_counts_where_it_is_named_itself(made: Made) -> None:
    (made.root / "notes.log").write_text("x\n")
    assert in_tree(made, "notes.log") == [("notes.log", b"x\n")]


def test_line_ends_are_those_that_git_stores(made: Made) -> None:
    assert in_tree(made, "spec.md") == [("spec.md", b"what\nelse\n")]


def test_files_are_found_below_a_project_that_is_not_the_top(tmp_path: Path) -> None:
    top = make(tmp_path / "top", [], files={"part/spec.md": "s\n", "part/feature_list.json": "[]", "other/x.md": "x\n"})
    project = projects.load(top.root / "part")
    tree = inputs.Tree(project.root, project.place)
    assert inputs.in_worktree(tree, project.root, ["**/*.md"]) == [("spec.md", b"s\n")]
    assert inputs.in_commit(project.repository.git, "HEAD", "part/", ["**/*.md"]) == [("spec.md", b"s\n")]


def test_outside_of_a_repository_all_files_count(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/a.md").write_text("a\n")
    assert inputs.in_worktree(inputs.Tree(tmp_path, None), tmp_path, ["**/*.md"]) == [("docs/a.md", b"a\n")]

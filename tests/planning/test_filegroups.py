"""Source files grouped by folder."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from support.repos import git

from orchestrator.git.place import find
from orchestrator.planning.surroundings.filegroups import file_groups, purpose
from orchestrator.planning.surroundings.filescan import generated, scan

ENTRIES = json.loads((Path(__file__).parent.parent / "vectors" / "parsing.json").read_text("utf-8"))


@pytest.mark.parametrize("entry", [entry for entry in ENTRIES if entry["function"] == "infer_group_purpose"])
def test_purposes_equal_the_vectors(entry: dict[str, dict[str, object]]) -> None:
    given = entry["input"]
    assert purpose(str(given["name"]), len(given["files"])) == entry["output"]  # type: ignore[arg-type]


@pytest.mark.parametrize("entry", [entry for entry in ENTRIES if entry["function"] == "analyze_file_groups"])
def test_groups_equal_the_vectors(entry: dict[str, dict[str, object]]) -> None:
    given = entry["input"]
    found = [path for path in given["files"] if not generated(path)]
    assert file_groups(found, given["max_files"]) == entry["output"]  # type: ignore[arg-type]


def test_deep_folders_share_a_group_of_two_parts() -> None:
    paths = ["app.py", "src/a.py", "src/core/b.py", "src/core/deep/c.py", "README.md"]
    assert file_groups(paths) == {
        "groups": [
            {"name": "root", "files": ["app.py"], "purpose": "Root-level files"},
            {"name": "src", "files": ["src/a.py"], "purpose": "Main source code"},
            {"name": "src/core", "files": ["src/core/b.py", "src/core/deep/c.py"], "purpose": "Main source code"},
        ]
    }


def test_the_hundred_files_do_not_depend_on_the_order_they_came_in() -> None:
    paths = [f"pkg{number % 7}/{'x/' * (number % 4)}m{number}.py" for number in range(400)]
    shuffled = random.Random(1).sample(paths, len(paths))
    assert file_groups(shuffled) == file_groups(paths)
    assert sum(len(group["files"]) for group in file_groups(paths)["groups"]) == 100


def test_the_scan_takes_what_git_tracks_and_leaves_out_what_is_generated_and_the_plans(repo: Path) -> None:
    files = ("a.py", "app/build/engine.py", "app/env/x.py", "ignored.py")
    others = ("new.py", "venv/b.py", "x.egg-info/c.py", "thoughts/shared/d.md", ".agent/e.md", "s/t/\u00e4.py")
    for name in (*files, *others):
        (repo / name).parent.mkdir(parents=True, exist_ok=True)
        (repo / name).touch()
    (repo / ".gitignore").write_text("ignored.py\n")
    git(repo, "add", ".gitignore", *files[:3])
    found = scan(find(repo), repo, "thoughts/shared")
    assert found == [".gitignore", "a.py", "app/build/engine.py", "app/env/x.py", "new.py", "s/t/\u00e4.py"]
    assert scan(find(repo), repo / "app") == ["build/engine.py", "env/x.py"]

"""The real task-master makes and changes a backlog, which is imported each time."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.projects import Made
from support.repos import git
from support.task_master_cli import task_master


@pytest.mark.real
def test_what_the_real_task_master_writes_is_imported_and_brought_up_to_date(tmp_path: Path) -> None:
    tasks = tmp_path / ".taskmaster" / "tasks" / "tasks.json"
    tasks.parent.mkdir(parents=True)
    tasks.write_text('{"master": {"tasks": [], "metadata": {}}}')
    git(tmp_path, "init", "-q")
    made = Made(tmp_path)
    task_master(tmp_path, "add-task", "--title=Base", "--description=A base", "--details=In C.", "--priority=high")
    task_master(tmp_path, "add-task", "--title=Top", "--description=On it", "--dependencies=1")
    assert "2 entries, 0 done, 0 left out, about 2 sessions" in made.run("orchestrator", "import")
    first = made.features()
    assert [(item["name"], item["description"], item["priority"]) for item in first.values()] == [
        ("Base", "A base\n\nIn C.", 2),
        ("Top", "On it", 3),
    ]
    assert (first["2"]["dependencies"], made.states()) == ([1], {"1": "todo", "2": "waiting"})

    task_master(tmp_path, "add-subtask", "--parent=2", "--title=Part", "--description=A part")
    task_master(tmp_path, "set-status", "--id=1", "--status=done")
    output = made.run("orchestrator", "import")
    assert "feature_list.json: 1 added, 1 changed" in output
    second = made.features()
    assert second["1"] == first["1"]
    assert second["2.1"]["dependencies"] == [1]
    assert second["2"] == {**first["2"], "dependencies": [1, "2.1"]}
    before = (tmp_path / "feature_list.json").read_bytes()
    assert "has it all already" in made.run("orchestrator", "import")
    assert (tmp_path / "feature_list.json").read_bytes() == before

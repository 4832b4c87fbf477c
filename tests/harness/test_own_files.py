"""What the orchestrator writes for itself."""

from __future__ import annotations

import pytest

from orchestrator.harness.own_files import is_own


@pytest.mark.parametrize(
    "path",
    [
        ".agent/sessions/session-001.json", ".agent/working-context/current.md", "agent-progress.txt", ".doit.db.dat",
        "__pycache__/dodo.cpython-311.pyc", ".workflow-checkpoints/x.json", "src/.orchestrator-0a1b.tmp",
    ],
)  # fmt: skip
def test_what_a_run_writes_is_its_own(path: str) -> None:
    assert is_own(path)


@pytest.mark.parametrize(
    "path", [".agent/memory/failures/a.md", "src/agent.py", "dodo.py", "a.tmp", "feature_list.json"]
)
def test_what_people_and_agents_write_is_not(path: str) -> None:
    assert not is_own(path)

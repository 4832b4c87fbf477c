"""`impact`: what a change would invalidate, what finishing would unblock."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.projects import make

from orchestrator import project as projects
from orchestrator.report import explain

FEATURES = [
    {"id": "A", "name": "n", "description": "d"},
    {"id": "B", "name": "n", "description": "d", "passes": True},
    {"id": "C", "name": "n", "description": "d"},
    {"id": "waits for A", "name": "n", "description": "d", "dependencies": ["A", "B"]},
    {"id": "waits for both", "name": "n", "description": "d", "dependencies": ["A", "C"]},
    {"id": "waits further on", "name": "n", "description": "d", "dependencies": ["waits for A"]},
    {"id": "waits for none", "name": "n", "description": "d", "dependencies": ["A", "ZZ"]},
    {"id": "passes", "name": "n", "description": "d", "dependencies": ["B"], "passes": True},
    {"id": "passes too", "name": "n", "description": "d", "dependencies": ["passes"], "passes": True},
]


@pytest.mark.parametrize(
    ("id", "invalidates", "unblocks"),
    [
        ("A", [], ["waits for A"]),
        ("B", ["passes", "passes too"], []),
        ("C", [], []),
        ("waits for A", [], ["waits further on"]),
    ],
)
def test_finishing_unblocks_what_waits_for_nothing_else(
    tmp_path: Path, id: str, invalidates: list[str], unblocks: list[str]
) -> None:
    root = make(tmp_path / "project", FEATURES).root
    assert explain.impact(projects.load(root), id) == {"id": id, "invalidates": invalidates, "unblocks": unblocks}

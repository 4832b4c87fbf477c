"""The user's notify command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from orchestrator.building.notifying import notify
from orchestrator.config.settings import BuildSettings, Config
from orchestrator.project import Project


class Notes:
    def __init__(self) -> None:
        self.said: list[str] = []

    def note(self, text: str) -> None:
        self.said.append(text)


def project(root: Path, command: str) -> Project:
    return Project(root, Config(build=BuildSettings(notify=command)), None)


def told(root: Path, command: str, **details: object) -> Any:
    watcher: Any = Notes()
    notify(project(root, command), watcher, "blocked", **details)
    assert isinstance(watcher.said, list)
    return watcher.said


def test_the_command_gets_the_event_the_project_and_the_details(tmp_path: Path) -> None:
    assert told(tmp_path, "cat > event", feature="F1", reason="no\nway") == []
    assert json.loads((tmp_path / "event").read_text()) == {
        "event": "blocked", "project": str(tmp_path), "feature": "F1", "reason": "no\nway",
    }  # fmt: skip


def test_a_command_that_fails_stops_nothing(tmp_path: Path) -> None:
    assert told(tmp_path, "exit 3") == ["notify: the command ended with exit code 3"]
    assert told(tmp_path / "gone", "true") != []


def test_without_a_command_nothing_is_run(tmp_path: Path) -> None:
    assert told(tmp_path / "gone", "") == []

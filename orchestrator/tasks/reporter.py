"""doit's reporter for a project: the user's own tasks as doit shows them, build tasks in our words."""

from __future__ import annotations

from typing import Any

from doit.reporter import ConsoleReporter


class Reporter(ConsoleReporter):  # type: ignore[misc]
    """Says nothing of build tasks: the build itself tells what happens, while it happens."""

    desc = "doit's console output, and the build's own"

    def initialize(self, tasks: Any, selected_tasks: Any) -> None:
        from orchestrator.tasks.database import JournalDB

        JournalDB.running = True
        super().initialize(tasks, selected_tasks)

    def execute_task(self, task: Any) -> None:
        if not _is_build(task):
            super().execute_task(task)

    def skip_uptodate(self, task: Any) -> None:
        if task.name != "build":
            super().skip_uptodate(task)

    def add_failure(self, task: Any, fail: Any) -> None:
        if not _is_build(task) or fail.report:  # what we have told already is not told again
            super().add_failure(task, fail)


def _is_build(task: Any) -> bool:
    return task.name == "build" or bool(task.name.startswith("build:"))

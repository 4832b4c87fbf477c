"""doit's reporter for a project: the user's own tasks as doit shows them, build tasks in our words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from doit.reporter import ConsoleReporter

from orchestrator.ending import end_like_ctrl_c
from orchestrator.tasks.light import LightTask


class Reporter(ConsoleReporter):  # type: ignore[misc]
    """Says nothing of build tasks: the build itself tells what happens, while it happens."""

    desc = "doit's console output, and the build's own"

    def initialize(self, tasks: Any, selected_tasks: Any) -> None:
        from orchestrator.tasks.database import JournalDB

        JournalDB.running = True
        end_like_ctrl_c()
        _need(tasks, selected_tasks)
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


def _need(tasks: Mapping[str, Any], selected: Iterable[str]) -> None:
    """Features that the user's own tasks depend on have to be done, or these tasks must not run. The group alone goes
    on with other features where one fails.
    """
    for task in tasks.values():
        if isinstance(task, LightTask):
            task.must = False
    todo, seen = [name for name in selected if name != "build"], {"build"}
    while todo:
        name = todo.pop()
        if name in seen or name not in tasks:
            continue
        seen.add(name)
        task = tasks[name]
        if isinstance(task, LightTask):
            task.must = True
        todo += [*task.task_dep, *task.setup_tasks]


def _is_build(task: Any) -> bool:
    return task.name == "build" or bool(task.name.startswith("build:"))

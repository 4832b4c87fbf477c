"""What doit is given for a request: its settings and the creators of tasks."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from typing import Any

from doit import task_params
from doit.task import Task

from orchestrator import project as projects
from orchestrator.ending import told
from orchestrator.tasks import backlog
from orchestrator.tasks.reporter import Reporter
from orchestrator.tasks.request import Request
from orchestrator.tasks.work import Held, Work

_PLAN_PARAMS = [
    {"name": "ticket", "long": "ticket", "short": "t", "default": "", "help": "the ticket, for the epic's title"},
    {"name": "auto_approve", "long": "auto-approve", "short": "y", "type": bool, "default": False,
     "help": "ask nothing"},
]  # fmt: skip


def of_doit() -> dict[str, Any]:
    """The names for a dodo.py: of the project around the current folder (doit goes to the dodo.py's folder first),
    and for the command line of this process.
    """
    with told():
        request = Request(projects.load(), tuple(sys.argv[1:]))
        request.refuse_what_does_not_fit()
        return names(request)


def names(request: Request) -> dict[str, Any]:
    """The names that doit reads in a dodo.py."""
    held = Held()
    return {
        "DOIT_CONFIG": {
            "backend": "orchestrator", "dep_file": str(request.project.store / "doit.jsonl"), "reporter": Reporter,
            "default_tasks": ["build"],
            "forget_disable_default": True,  # `doit forget` alone would have every feature built again
        },
        "task_build": _build(request, held),
        "task_plan": _plan(request, held),
    }  # fmt: skip


def _build(request: Request, held: Held) -> Callable[[], Iterator[Task]]:
    work = Work(request, held)

    def task_build() -> Iterator[Task]:
        """build what is unfinished or invalidated, and only that"""
        # Half of doit's time over many tasks is garbage collection, and nothing here makes cycles worth it. It goes
        # on again when the run begins.
        gc.disable()
        with told():
            yield from backlog.tasks(work, others=_has_others(task_build))

    return task_build


def _plan(request: Request, held: Held) -> Callable[[str, bool], Iterator[Task]]:
    @task_params(_PLAN_PARAMS)  # type: ignore[untyped-decorator]
    def task_plan(ticket: str, auto_approve: bool) -> Iterator[Task]:
        """plan: from a prompt to a feature list (the current plan)"""
        if not request.wants_plan:
            return
        with told():
            from orchestrator.tasks import planning

            yield from planning.tasks(request, held, planning.Wanted(ticket, auto_approve))

    made: Callable[[str, bool], Iterator[Task]] = task_plan
    return made


def _has_others(ours: Callable[[], Iterator[Task]]) -> bool:
    """Whether the dodo.py that took our creators has others beside them."""
    for module in list(sys.modules.values()):
        found = getattr(module, "__dict__", {})
        if found.get("task_build") is ours and module.__name__ != "orchestrator.tasks":
            return any(
                hasattr(value, "create_doit_tasks") or (name.startswith("task_") and value is not task_params)
                for name, value in found.items()
                if name not in ("task_build", "task_plan")
            )
    return False

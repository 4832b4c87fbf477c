"""What a dodo.py gets: the configuration of doit, and the creator of the build tasks."""

from __future__ import annotations

import gc
import signal
import sys
import threading
from collections.abc import Iterator
from typing import Any

from doit import task_params
from doit.task import Task

from orchestrator.errors import OrchestratorError
from orchestrator.tasks import engine
from orchestrator.tasks.reporter import Reporter


def _configure() -> dict[str, Any]:
    """doit's settings for the project around the current folder (doit goes to the dodo.py's folder first)."""
    with _one_line():
        database = engine.project().store / "doit.jsonl"
        database.parent.mkdir(parents=True, exist_ok=True)
    return {"backend": "orchestrator", "dep_file": str(database), "reporter": Reporter, "default_tasks": ["build"]}


class _one_line:
    """Errors of ours end the program in one line with their exit code, instead of doit's traceback and 3."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OrchestratorError):
            sys.stderr.write(f"orchestrator: error: {error}\n")
            raise SystemExit(error.exit_code) from error


def _end_like_ctrl_c(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def _prepare() -> None:
    # Half of doit's time over many tasks is garbage collection; nothing here makes cycles worth it. It goes on
    # again when the first action starts.
    gc.disable()
    if threading.current_thread() is threading.main_thread():
        # doit saves and cleans up for Ctrl+C only: SIGTERM would lose the run and leave the agent running.
        for name in ("SIGTERM", "SIGHUP"):
            if hasattr(signal, name) and signal.getsignal(getattr(signal, name)) is signal.SIG_DFL:
                signal.signal(getattr(signal, name), _end_like_ctrl_c)


_prepare()
DOIT_CONFIG = _configure()


_PLAN_PARAMS = [
    {"name": "ticket", "long": "ticket", "short": "t", "default": "", "help": "the ticket, for the epic's title"},
    {"name": "auto_approve", "long": "auto-approve", "short": "y", "type": bool, "default": False,
     "help": "ask nothing"},
]  # fmt: skip


@task_params(_PLAN_PARAMS)  # type: ignore[untyped-decorator]
def task_plan(ticket: str, auto_approve: bool) -> Iterator[Task]:
    """plan: from a prompt to a feature list (the current plan)"""
    if not engine.plans(sys.argv[1:]):
        return
    with _one_line():
        from orchestrator.tasks import planning

        yield from planning.tasks(planning.Wanted(ticket, auto_approve))


def task_build() -> Iterator[Task]:
    """build what is unfinished or invalidated, and only that"""
    with _one_line():
        yield from engine.tasks(sys.argv[1:])

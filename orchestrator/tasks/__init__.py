"""doit's side of a project: its dodo.py imports `DOIT_CONFIG` and the task creators from here.

They are made when dodo.py asks for them, from the folder and the command line of then: importing this package (or a
module in it) does nothing.
"""

from __future__ import annotations

from typing import Any

__all__ = ["DOIT_CONFIG", "task_build", "task_plan"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from orchestrator.tasks import front

    globals().update(front.of_doit())  # once: all names come from one request
    return globals()[name]

"""doit's side of a project: its dodo.py imports `DOIT_CONFIG` and the task creators from here."""

from orchestrator.tasks.front import DOIT_CONFIG, task_build, task_plan

__all__ = ["DOIT_CONFIG", "task_build", "task_plan"]

"""A session that is to write one file, and what is left of it when the session fails."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from orchestrator.planning.asking import session
from orchestrator.planning.asking.written import watch
from orchestrator.planning.running.context import PlanContext
from orchestrator.planning.running.failures import StepFailed


def write(context: PlanContext, path: Path, kind: str, prompt: Callable[[], str]) -> str:
    """One session that is to write `path`; the text. What was there before comes back when it fails."""
    before = watch(context.plan, path, kind)
    try:
        result = session.run(context, f"plan-{kind}", prompt(), targets=lambda result: before.targets(result.output))
        return before.take(result.output)
    except (StepFailed, KeyboardInterrupt):
        before.restore()
        raise

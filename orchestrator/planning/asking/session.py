"""One agent session of a planning step: its prompt in a file, its limits waited for, what it must not do undone."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from orchestrator import project as projects
from orchestrator.agents.protocol import Outcome, SessionRequest, SessionResult
from orchestrator.building import steering, waiting
from orchestrator.errors import OrchestratorError
from orchestrator.files import write_atomic
from orchestrator.planning.asking import watching
from orchestrator.planning.running import stamps
from orchestrator.planning.running.context import PlanContext
from orchestrator.planning.running.failures import StepFailed, StepInterrupted

PROMPT_FILE = ".agent/current-prompt.md"
_WAITS = 12
"""How often a limit or an overload is waited for: with doubling delays, about a working day."""
_NEEDS_A_PERSON = (Outcome.NOT_INSTALLED, Outcome.NOT_LOGGED_IN)

Targets = Callable[[SessionResult], Collection[Path]]


def _no_targets(result: SessionResult) -> Collection[Path]:
    return ()


def run(
    context: PlanContext, step: str, prompt: str, schema: dict[str, Any] | None = None, targets: Targets = _no_targets
) -> SessionResult:
    """Run the session to a good end; `step` is the name of its prompt, as recordings are kept under it.

    It may change the files that `targets` names, nothing else. A session that only lacks the answer that `schema`
    asked for has come to a good end. Raises StepInterrupted, or StepFailed saying how it ended.
    """
    for waits in range(_WAITS):
        result = _watched(context, step, _request(context, step, prompt, schema, waits), targets)
        if not waiting.is_wait(result):
            break
        _wait(context, result, waits)
    if result.success or (schema is not None and result.outcome is Outcome.FAILED and result.returncode == 0):
        return result
    if result.outcome is Outcome.INTERRUPTED:
        raise StepInterrupted("the session was interrupted")
    said = result.error.strip().splitlines()
    words = f"the agent's session ended as {result.outcome.value}" + (f": {said[0]}" if said else "")
    raise StepFailed(words, exit_code=3 if result.outcome in _NEEDS_A_PERSON else 1)


def _watched(context: PlanContext, step: str, request: SessionRequest, targets: Targets) -> SessionResult:
    before = watching.look(projects.again(context.project).repository)
    calls = watching.Calls(context.observer)
    copies = steering.Copies()
    copies.take(context.project)
    result = context.agent.run(request, calls)
    # First, before git is called again: it may have been told to run something.
    put_back = copies.put_back()
    undone = watching.steering_undone(context, step.removeprefix("plan-"), put_back)
    undone += watching.undo(context, step.removeprefix("plan-"), before, calls, targets(result))
    for line in undone:
        context.observer.note(line)
    context.log(step, result, undone)
    context.sessions.append((step, result.cost_usd))
    stamps.spend(context.plan, result.cost_usd)
    context.budget.after_session(result.cost_usd, tells_cost=context.agent.tells_cost)
    return result


def _request(
    context: PlanContext, step: str, prompt: str, schema: dict[str, Any] | None, number: int
) -> SessionRequest:
    dollars = _afforded(context)
    settings = context.config.agent
    path = context.root / PROMPT_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, prompt.encode("utf-8", "replace"), private=True)
    return SessionRequest(
        prompt=prompt,
        prompt_file=path,
        cwd=context.root,
        model=settings.models.plan or settings.model,
        feature_id=step,
        timeout=settings.timeout,
        log_dir=context.root / ".agent" / "sessions",
        name=f"{step}-{context.now():%Y%m%d-%H%M%S-%f}-{number}",
        schema=schema,
        max_cost_usd=dollars,
    )


def _afforded(context: PlanContext) -> float:
    try:
        return context.budget.before_session()
    except OrchestratorError as error:
        raise StepFailed(error.what, where=error.where, fix="Raise it, and go on with --resume") from error


def _wait(context: PlanContext, result: SessionResult, waits: int) -> None:
    """Until the limit ends where that is known, else longer each time; it counts as no attempt."""
    seconds = waiting.seconds(result, waits, context.config.agent.retry_delay, time.time())
    context.observer.note(f"{waiting.reason(result)}: waiting {seconds:.0f} s")
    context.sleep(seconds)

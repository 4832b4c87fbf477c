"""One agent session of a planning step: its prompt in a file, its limits waited for, its failures said."""

from __future__ import annotations

import time
from typing import Any

from orchestrator.agents.protocol import Outcome, SessionRequest, SessionResult
from orchestrator.files import write_atomic
from orchestrator.planning.running.context import PlanContext
from orchestrator.planning.running.failures import StepFailed, StepInterrupted

PROMPT_FILE = ".agent/current-prompt.md"
_WAITS = 12
"""How often a limit or an overload is waited for: with doubling delays, about a working day."""
_LONGEST_WAIT = 45 * 60.0
_FIRST_WAIT = {Outcome.RATE_LIMITED: 60.0, Outcome.OVERLOADED: 5.0}
_NEEDS_A_PERSON = (Outcome.NOT_INSTALLED, Outcome.NOT_LOGGED_IN)


def run(context: PlanContext, step: str, prompt: str, schema: dict[str, Any] | None = None) -> SessionResult:
    """Run the session to a good end; `step` is the name of its prompt, as recordings are kept under it.

    Raises StepInterrupted, or StepFailed saying how it ended.
    """
    for waits in range(_WAITS):
        result = context.agent.run(_request(context, step, prompt, schema, waits), context.observer)
        context.log(step, result)
        if result.outcome not in _FIRST_WAIT:
            break
        _wait(context, result, waits)
    if result.success:
        return result
    if result.outcome is Outcome.INTERRUPTED:
        raise StepInterrupted("the session was interrupted")
    said = result.error.strip().splitlines()
    words = f"the agent's session ended as {result.outcome.value}" + (f": {said[0]}" if said else "")
    raise StepFailed(words, exit_code=3 if result.outcome in _NEEDS_A_PERSON else 1)


def _request(
    context: PlanContext, step: str, prompt: str, schema: dict[str, Any] | None, number: int
) -> SessionRequest:
    settings = context.config.agent
    path = context.root / PROMPT_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, prompt.encode("utf-8", "replace"))
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
    )


def _wait(context: PlanContext, result: SessionResult, waits: int) -> None:
    """Until the limit ends where that is known, else longer each time; it counts as no attempt."""
    seconds = min(_FIRST_WAIT[result.outcome] * 2**waits, _LONGEST_WAIT)
    if result.reset_at is not None:
        seconds = max(1.0, result.reset_at - time.time() + 1)
    context.observer.note(f"{result.outcome.value}: waiting {seconds:.0f} s")
    context.sleep(seconds)

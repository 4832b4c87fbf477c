"""An answer in JSON: asked for by schema, checked, and asked for again with what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from orchestrator.agents.prompts.rendering import render
from orchestrator.agents.protocol import SessionResult
from orchestrator.planning.asking import session
from orchestrator.planning.asking.parsing import last_json
from orchestrator.planning.running.context import PlanContext
from orchestrator.planning.running.failures import StepFailed

TRIES = 3
_SHOWN = 20_000


def ask(
    context: PlanContext,
    step: str,
    schema: dict[str, Any],
    problems: Callable[[object], list[str]],
    **values: object,
) -> Any:
    """The first answer that `problems` finds sound; the template `step` gets `errors` and `previous` too.

    Raises StepFailed with the first problem of the last answer after TRIES sessions.
    """
    errors: list[str] = []
    previous = ""
    for _ in range(TRIES):
        prompt = render(
            step,
            context.root,
            schema=json.dumps(schema, indent=2),
            errors=errors,
            previous=previous,
            **values,
        )
        result = session.run(context, step, prompt, schema)
        answer = answer_of(result)
        errors = ["The answer held no JSON object."] if answer is None else problems(answer)
        if not errors:
            return answer
        previous = result.output[-_SHOWN:] if answer is None else json.dumps(answer, indent=1)[:_SHOWN]
        context.observer.note(f"the answer is not sound: {errors[0]}")
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    raise StepFailed(f"no sound answer in {TRIES} sessions: {errors[0]}{more}", fix="Go on with --resume")


def answer_of(result: SessionResult) -> object:
    """The structured output where the agent has such a thing, else the last JSON block of its words."""
    found = result.structured
    if isinstance(found, str):
        return last_json(found)
    return last_json(result.output) if found is None else found

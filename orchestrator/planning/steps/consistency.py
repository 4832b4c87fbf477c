"""After the phases: do wish, requirements, plan and phases say the same, and is anything missing?"""

from __future__ import annotations

from typing import Any

from orchestrator.agents.prompts.rendering import render
from orchestrator.planning.artifacts import prompt_text, save_text
from orchestrator.planning.asking import session, structured
from orchestrator.planning.running.context import PlanContext
from orchestrator.planning.running.failures import StepFailed, StepInterrupted

_KINDS = ("missing", "contradiction", "unclear")
MOST = 20


def look(context: PlanContext) -> list[str]:
    """What an agent finds, a sentence each; told, and written beside the plan. One that gives no answer is no fault."""
    try:
        result = session.run(context, "plan-consistency", _prompt(context), _schema())
    except StepInterrupted:
        raise
    except StepFailed as error:
        context.observer.note(f"the plan was not looked over: {error.what}")
        return []
    answer = structured.answer_of(result)
    if not isinstance(answer, dict) or not isinstance(answer.get("findings"), list):
        context.observer.note("the plan was not looked over: the session gave no answer")
        return []
    found = [line for item in answer["findings"][:MOST] if (line := _line(item))]
    _tell(context, found)
    return found


def _tell(context: PlanContext, found: list[str]) -> None:
    plan = context.plan
    if not found:
        plan.consistency.unlink(missing_ok=True)
        return
    save_text(plan.consistency, "# What the plan leaves open\n\n" + "".join(f"- {line}\n" for line in found))
    context.observer.note(f"looking over the plan found this ({plan.relative(plan.consistency)}):")
    for line in found:
        context.observer.note(f"  {line}")


def _line(item: Any) -> str:
    if not isinstance(item, dict) or not isinstance(item.get("what"), str) or not item["what"].strip():
        return ""
    kind, where = item.get("kind"), item.get("where")
    place = f" ({' '.join(where.split())})" if isinstance(where, str) and where.strip() else ""
    return f"{kind if kind in _KINDS else 'unclear'}: {' '.join(item['what'].split())}{place}"


def _prompt(context: PlanContext) -> str:
    plan = context.plan
    files = [path for path in (plan.hierarchy, plan.plan, plan.overview, *plan.phase_files()) if path.is_file()]
    return render(
        "plan-consistency",
        context.root,
        prompt=prompt_text(plan),
        files=[plan.relative(path) for path in files],
        most=MOST,
        schema=_schema(),
    )


def _schema() -> dict[str, Any]:
    text = {"type": "string", "minLength": 1}
    finding = {
        "type": "object",
        "properties": {"kind": {"enum": list(_KINDS)}, "what": text, "where": {"type": "string"}},
        "required": ["kind", "what"],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {"findings": {"type": "array", "maxItems": MOST, "items": finding}},
        "required": ["findings"],
        "additionalProperties": False,
    }

"""The plan in phases, a file each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from orchestrator.planning import backlog
from orchestrator.planning.artifacts import prompt_text, read_hierarchy, read_phases, save_text
from orchestrator.planning.asking import structured
from orchestrator.planning.paths import Plan, slug
from orchestrator.planning.phases import phase_file, rules
from orchestrator.planning.phases.phase_file import Phase
from orchestrator.planning.running.context import PlanContext
from orchestrator.planning.running.step import Result, Step


def decompose(context: PlanContext) -> Result:
    """The plan in phases, a file each. A phase that goes on keeps its id; one that is left out keeps its file."""
    plan = context.plan
    known = read_phases(plan)
    data = structured.ask(
        context,
        "plan-phases",
        rules.schema(),
        lambda answer: rules.problems(answer, _requirement_ids(plan), [phase.id for _, phase in known]),
        prompt=prompt_text(plan),
        plan=plan.relative(plan.plan),
        requirements=plan.relative(plan.hierarchy) if plan.hierarchy.is_file() else "",
        known=[{"id": phase.id, "name": phase.name, "file": plan.relative(path)} for path, phase in known],
    )
    ids = _ids(context, data["phases"], known)
    found = rules.to_phases(data, ids)
    files = [plan.folder / f"{phase.number:02}-{slug(phase.name)}.md" for phase in found]
    for path, phase in zip(files, found, strict=True):
        save_text(path, phase_file.render(phase))
    for path, phase in known:
        if phase.id in ids and path not in files:
            path.unlink()
    save_text(plan.overview, _overview(data["overview"], found, files))
    left = [plan.relative(path) for path, phase in known if phase.id not in ids]
    kept = f"; no longer in the plan, yet kept: {', '.join(left)}" if left else ""
    return Result(f"{len(found)} phases{kept}")


def _ids(context: PlanContext, items: Sequence[dict[str, Any]], known: Sequence[tuple[Path, Phase]]) -> list[str]:
    """Its id for each phase: the one it states, that of the known phase of its name, else a new one."""
    by_name = {slug(phase.name): phase.id for _, phase in known if phase.id}
    stated = {item["id"] for item in items if item.get("id")}
    ids = [item.get("id") or _unless(by_name.get(slug(item["name"]), ""), stated) for item in items]
    numbers = [number for number, id in enumerate(ids, 1) if not id]
    new = iter(backlog.new_ids(context.plan.slug, numbers, backlog.taken(context) | set(ids)))
    return [id or next(new) for id in ids]


def _unless(id: str, stated: set[str]) -> str:
    return "" if id in stated else id


def _requirement_ids(plan: Plan) -> list[str]:
    found = read_hierarchy(plan)
    return [node.id for node in found.walk()] if found else []


def _overview(text: str, found: Sequence[Phase], files: Sequence[Path]) -> str:
    body = text.strip() if text.lstrip().startswith("#") else f"# Overview\n\n{text.strip()}"
    rows = [
        f"| {phase.number} | [{phase.name}]({path.name}) | {phase.id} | {', '.join(phase.depends) or '-'} |"
        for phase, path in zip(found, files, strict=True)
    ]
    table = "\n".join(["| | phase | feature | depends on |", "| --- | --- | --- | --- |", *rows])
    return f"{body}\n\n## Phases\n\n{table}\n"


PHASES = Step(
    "phases",
    "phase-decomposition",
    reads=lambda plan: [plan.plan, plan.hierarchy],
    makes=lambda plan: [plan.overview, *plan.phase_files()],
    act=decompose,
    needs=lambda plan: [plan.plan],
)

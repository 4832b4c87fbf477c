"""The last steps of a plan: phases, features, issues."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from orchestrator.errors import OrchestratorError
from orchestrator.features import model
from orchestrator.files import lock, write_atomic
from orchestrator.planning.asking import structured
from orchestrator.planning.paths import Plan, slug
from orchestrator.planning.phases import entries, phase_file, rules
from orchestrator.planning.phases.phase_file import Phase
from orchestrator.planning.requirements import tree
from orchestrator.planning.steps.actions import Result, prompt_text, save_text
from orchestrator.planning.steps.context import PlanContext
from orchestrator.planning.steps.failures import StepFailed
from orchestrator.planning.tracking import bd, beads
from orchestrator.planning.tracking.beads import Tracked


def decompose(context: PlanContext) -> Result:
    """The plan in phases, a file each. A phase that goes on keeps its id; one that is left out keeps its file."""
    plan = context.plan
    known = read_phases(plan)
    data = structured.ask(
        context,
        "plan-phases",
        rules.schema(),
        lambda answer: rules.problems(answer, _requirement_ids(plan), [phase.id for _, phase in known]),
        prompt=prompt_text(context),
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


def features(context: PlanContext) -> Result:
    """The phases in feature_list.json. A phase file without an id is given one first."""
    plan = context.plan
    _give_ids(context)
    found = [(plan.relative(path), phase) for path, phase in read_phases(plan)]
    if not found:
        raise StepFailed("there is no phase file", where=plan.relative(plan.folder))
    with lock(context.project.list_lock, purpose="the feature list"):
        before = _feature_data(context)
        merged = entries.merge(before or entries.EMPTY, found, plan.relative(plan.folder), plan.relative(plan.features))
        if merged.data != before:
            write_atomic(plan.features, merged.data)
    return Result(f"{len(merged.added)} features added, {len(merged.updated)} updated")


def tracker(context: PlanContext) -> Result:
    """The phases as issues in beads. A bd that fails is no failure of the plan: the next run goes on with it."""
    plan = context.plan
    found = [Tracked(plan.relative(path), phase) for path, phase in read_phases(plan)]
    done = [id for id, feature in _known_features(context).items() if feature.passes]
    title = f"Plan: {context.ticket or plan.name}"
    epic = beads.load(plan)["epic"]
    client = context.tracker()
    try:
        taken = beads.owned(context.plans, plan.name)
        made = beads.track(client, plan, found, epic["title"] if epic else title, taken)
        beads.annotate(plan, found, done)
        client.sync()
    except bd.BeadsError as error:
        return Result(f"{error}; what is made is kept, the next run goes on", finished=False)
    return Result(f"{made} issues made")


def tracker_off(context: PlanContext) -> str:
    """Why no issues are made, "" when they are."""
    if context.config.plan.tracker == "none":
        return 'the tracker is off ([plan] tracker = "none")'
    client = context.tracker()
    return bd.missing(context.root, client.program)


def read_phases(plan: Plan) -> list[tuple[Path, Phase]]:
    """The phase files and what they say, in order. Raises OrchestratorError naming one that can't be read."""
    return [(path, phase_file.parse(read_text(plan, path), plan.relative(path))) for path in plan.phase_files()]


def read_text(plan: Plan, path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise OrchestratorError("the file is not UTF-8 text", where=plan.relative(path)) from error


def _ids(context: PlanContext, items: Sequence[dict[str, Any]], known: Sequence[tuple[Path, Phase]]) -> list[str]:
    """Its id for each phase: the one it states, that of the known phase of its name, else a new one."""
    by_name = {slug(phase.name): phase.id for _, phase in known if phase.id}
    stated = {item["id"] for item in items if item.get("id")}
    ids = [item.get("id") or _unless(by_name.get(slug(item["name"]), ""), stated) for item in items]
    numbers = [number for number, id in enumerate(ids, 1) if not id]
    new = iter(entries.new_ids(context.plan.slug, numbers, _taken(context) | set(ids)))
    return [id or next(new) for id in ids]


def _unless(id: str, stated: set[str]) -> str:
    return "" if id in stated else id


def _taken(context: PlanContext) -> set[str]:
    """Ids that are in use, by features or by phases of any plan."""
    used = set(_known_features(context))
    for name in context.plans.names():
        plan = context.plans.plan(name)
        used |= {phase_file.id_of(read_text(plan, path)) for path in plan.phase_files()}
    return used - {""}


def _give_ids(context: PlanContext) -> None:
    plan = context.plan
    nameless = [(path, phase) for path, phase in read_phases(plan) if not phase.id]
    numbers = [phase.number for _, phase in nameless]
    for (path, _), id in zip(nameless, entries.new_ids(plan.slug, numbers, _taken(context)), strict=True):
        write_atomic(path, phase_file.with_id(read_text(plan, path), id).encode("utf-8"))


def _feature_data(context: PlanContext) -> bytes | None:
    try:
        return context.plan.features.read_bytes()
    except FileNotFoundError:
        return None


def _known_features(context: PlanContext) -> dict[str, model.Feature]:
    data = _feature_data(context)
    return dict(model.parse(data, context.config.project.features).by_id) if data else {}


def _requirement_ids(plan: Plan) -> list[str]:
    try:
        data = json.loads(plan.hierarchy.read_bytes())
    except FileNotFoundError:
        return []
    except ValueError as error:
        raise OrchestratorError(f"not valid JSON: {error}", where=plan.relative(plan.hierarchy)) from error
    return [node.id for node in tree.from_data(data).walk()]


def _overview(text: str, found: Sequence[Phase], files: Sequence[Path]) -> str:
    body = text.strip() if text.lstrip().startswith("#") else f"# Overview\n\n{text.strip()}"
    rows = [
        f"| {phase.number} | [{phase.name}]({path.name}) | {phase.id} | {', '.join(phase.depends) or '-'} |"
        for phase, path in zip(found, files, strict=True)
    ]
    table = "\n".join(["| | phase | feature | depends on |", "| --- | --- | --- | --- |", *rows])
    return f"{body}\n\n## Phases\n\n{table}\n"

"""The plan in phases, a file each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from orchestrator.errors import OrchestratorError
from orchestrator.files import write_atomic
from orchestrator.planning import backlog, keeping
from orchestrator.planning.artifacts import prompt_text, read_hierarchy, read_phases, read_text, save_text
from orchestrator.planning.asking import structured
from orchestrator.planning.paths import Plan, slug
from orchestrator.planning.phases import merging, phase_file, rules
from orchestrator.planning.phases.overview import overview
from orchestrator.planning.phases.phase_file import Phase
from orchestrator.planning.running import stamps
from orchestrator.planning.running.context import PlanContext
from orchestrator.planning.running.rendering import rendered
from orchestrator.planning.running.step import Result, Step
from orchestrator.planning.steps import consistency
from orchestrator.planning.surroundings.neighbours import neighbours
from orchestrator.staleness import checks

Files = Sequence[tuple[Path, Phase]]


def decompose(context: PlanContext) -> Result:
    """The plan in phases, then a look at whether wish, requirements, plan and phases say the same."""
    if not stamps.is_open(PHASES, context.plan):
        _session(context, ())
    while True:
        findings = consistency.look(context)
        if not findings or not context.dialogue.after_consistency(findings):
            return Result(f"{len(context.plan.phase_files())} phases")
        _session(context, findings)


def _session(context: PlanContext, findings: Sequence[str]) -> None:
    plan = context.plan
    known = read_phases(plan)
    notes = stamps.notes(PHASES, plan)
    written = {id: phase_file.parse(text, f"{number:02}-x.md") for id, (number, text) in notes.get("texts", {}).items()}
    here = {phase.id for _, phase in known}
    removed = {**notes.get("removed", {}), **{id: phase.name for id, phase in written.items() if id not in here}}
    # Who took out all of them wants them made anew.
    removed = {id: name for id, name in removed.items() if id not in here} if known else {}
    texts_of = {phase.id: phase for _, phase in known if phase.id}
    data: Any = structured.ask(
        context,
        "plan-phases",
        rules.schema(),
        lambda answer: rules.problems(merging.filled(answer, texts_of), _known(context, known)),
        **_values(context, known, removed, findings),
    )
    data = merging.filled(data, texts_of)
    items, left_out = merging.without(data["phases"], removed)
    for name in left_out:
        context.observer.note(f"left out again, as its file was taken out by hand: {name}")
    names = {**notes.get("fallen", {}), **{phase.id: phase.name for _, phase in known}}
    ids = merging.ids(items, names, plan.slug, backlog.taken(context))
    found = [
        merging.merged(phase, _of(known, phase.id), written.get(phase.id))
        for phase in rules.to_phases({"phases": items}, ids)
    ]
    _write(context, known, found)
    fallen = _take_out(context, [item for item in known if item[1].id not in ids and item[1].id in written])
    stamps.record(PHASES, plan, open=True)
    stamps.note(
        PHASES,
        plan,
        texts={phase.id: (phase.number, phase_file.render(phase)) for phase in found},
        overview=data["overview"],
        removed=removed or None,
        fallen={id: name for id, name in {**notes.get("fallen", {}), **fallen}.items() if id not in ids} or None,
    )
    give_ids(context)
    rendered(PHASES, plan, texts(context))


def _values(context: PlanContext, known: Files, removed: Mapping[str, str], findings: Sequence[str]) -> dict[str, Any]:
    plan = context.plan
    features = backlog.known_features(context)
    edited = stamps.edited(PHASES, plan)
    return {
        "prompt": prompt_text(plan),
        "plan": plan.relative(plan.plan),
        "requirements": plan.relative(plan.hierarchy) if plan.hierarchy.is_file() else "",
        "known": [
            {
                "id": phase.id,
                "name": phase.name,
                "file": plan.relative(path),
                "built": phase.id in features and features[phase.id].passes,
                "edited": path in edited,
                "text": read_text(plan, path).strip(),
            }
            for path, phase in known
        ],
        "removed": sorted(removed.values()),
        "findings": list(findings),
        "check_command": checks.resolve(context.config.verify.command, context.root),
        **neighbours(context),
    }


def _known(context: PlanContext, known: Files) -> rules.Known:
    hierarchy = read_hierarchy(context.plan)
    ids = [phase.id for _, phase in known if phase.id]
    has_check = bool(checks.resolve(context.config.verify.command, context.root))
    return rules.Known(
        requirements=[node.id for node in hierarchy.walk()] if hierarchy else (),
        phases=ids,
        features=[id for id in backlog.known_features(context) if id not in ids],
        root=None if has_check else context.root,
    )


def _of(known: Files, id: str) -> Phase | None:
    return next((phase for _, phase in known if phase.id == id), None)


def _write(context: PlanContext, known: Files, found: Sequence[Phase]) -> None:
    """The files, under the names that they have where nothing in a name has changed."""
    plan = context.plan
    paths = {phase.id: (path, phase) for path, phase in known}
    files = []
    for phase in found:
        path, before = paths.get(phase.id, (None, None))
        same = before is not None and (before.number, before.name) == (phase.number, phase.name)
        files.append(path if path and same else plan.folder / f"{phase.number:02}-{slug(phase.name)}.md")
    for phase in found:
        if phase.id in paths and paths[phase.id][0] not in files:
            paths[phase.id][0].unlink()
    for path, phase in zip(files, found, strict=True):
        save_text(path, phase_file.render(phase))


def _take_out(context: PlanContext, fallen: Files) -> dict[str, str]:
    """Phases that are in the plan no more: the file of one that is built stays, of another it is kept under a ref."""
    plan, place = context.plan, context.project.repository
    features = backlog.known_features(context)
    out = [(path, phase) for path, phase in fallen if not (phase.id in features and features[phase.id].passes)]
    for path, phase in fallen:
        if (path, phase) not in out:
            context.observer.note(f"no longer in the plan, but built, so it stays: {phase.id} ({plan.relative(path)})")
    if out:
        ref = keeping.ref_for(place, plan.name, "phases-out", context.now())
        keeping.keep_files(place, ref, [path for path, _ in out], f"orchestrator: phases that left {plan.name}")
        for path, phase in out:
            path.unlink()
            shown = keeping.command(place, ref, path)
            context.observer.note(f"no longer in the plan: {phase.id} {phase.name} (its file: {shown})")
    return {phase.id: phase.name for _, phase in out}


def texts(context: PlanContext) -> dict[Path, str]:
    """The overview out of the phase files; its text is the agent's."""
    plan = context.plan
    text = stamps.notes(PHASES, plan).get("overview") or f"# {plan.slug.replace('-', ' ').capitalize()}"
    return {plan.overview: overview(text, read_phases(plan), plan.ticket)}


def give_ids(context: PlanContext) -> None:
    """A phase file without an id is given one, which stays."""
    plan = context.plan
    nameless = [(path, phase) for path, phase in read_phases(plan) if not phase.id]
    numbers = [phase.number for _, phase in nameless]
    for (path, _), id in zip(nameless, backlog.new_ids(plan.slug, numbers, backlog.taken(context)), strict=True):
        write_atomic(path, phase_file.with_id(read_text(plan, path), id).encode("utf-8"))


def _sound(plan: Plan) -> bool:
    try:
        return bool(read_phases(plan))
    except OrchestratorError:
        return False


PHASES = Step(
    "phases",
    "phase-decomposition",
    reads=lambda plan: [plan.plan, plan.hierarchy],
    makes=lambda plan: plan.phase_files(),
    act=decompose,
    needs=lambda plan: [plan.plan],
    rendered=lambda plan: [plan.overview],
    texts=texts,
    tidy=give_ids,
    sound=_sound,
    # A phase file that is gone was taken out by a person.
    lacks=lambda step, plan: "" if plan.phase_files() else "every phase file",
)

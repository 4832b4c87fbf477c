"""How a planning run ends: what will be built, what again and why, and what the sessions cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from orchestrator import project as projects
from orchestrator.features.digest import changes
from orchestrator.planning.artifacts import read_phases
from orchestrator.planning.running.context import PlanContext
from orchestrator.staleness import facts
from orchestrator.staleness.state import Standing, State, states

_MESSAGE = "the plan says it in other words; nothing is to be built"


def standings(context: PlanContext) -> dict[str, Standing]:
    """Where the features stand; none where there is no list yet."""
    project = projects.again(context.project)
    return states(facts.load(project)) if project.features_path.exists() else {}


def lines(context: PlanContext, before: Mapping[str, Standing]) -> Iterator[str]:
    """What there is to say at the end; done features that are worded anew may be accepted on the way."""
    now = standings(context)
    own = [phase.id for _, phase in read_phases(context.plan) if phase.id in now]
    todo = [id for id in own if now[id].state in (State.TODO, State.WAITING)]
    if todo:
        yield f"to be built: {', '.join(todo)}"
    changed = [id for id in own if now[id].state is State.CHANGED]
    if changed:
        yield "built, but will be built again:"
        yield from (f"  {id}: {_why(context, now[id])}" for id in changed)
    reworded = [id for id in changed if id in before and before[id].met]
    if reworded and context.dialogue.accept_rewording(reworded):
        from orchestrator.building import byhand

        commit = byhand.accept(projects.again(context.project), reworded, _MESSAGE)
        yield f"accepted as they are now: {', '.join(reworded)} ({commit[:10]})"
    elif reworded:
        yield "If only the words are new, this takes what is built for it, and nothing is built again:"
        yield f'  orchestrator accept {" ".join(reworded)} -m "{_MESSAGE}"'
    yield from costs(context)


def _why(context: PlanContext, standing: Standing) -> str:
    """What is new in the definition, the text of the phase file where no field is."""
    place, rules = context.project.repository, context.project.rules
    name = place.relative(context.project.features_path)
    then = facts.definition_then(place, name, standing.commit, standing.feature.id, rules)
    found = changes(then, standing.feature.definition, rules) if then is not None else [standing.reason]
    # A phase file that only moved is no reason.
    return "; ".join(line for line in found if not line.startswith("inputs:")) or "its phase file has changed"


def costs(context: PlanContext) -> Iterator[str]:
    """The sessions of this run with their cost."""
    if not context.sessions:
        return
    known = [cost for _, cost in context.sessions if cost is not None]
    total = f", {sum(known):.2f} USD" if known else ""
    count = len(context.sessions)
    yield f"{count} session{'s' if count != 1 else ''}{total}:"
    for step, cost in context.sessions:
        yield f"  {step.removeprefix('plan-')}" + ("" if cost is None else f"  {cost:.2f} USD")

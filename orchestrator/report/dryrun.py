"""What a build would do, in words: `build --dry-run`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from orchestrator.building import attempts
from orchestrator.harness import sessions
from orchestrator.hooks import sharing
from orchestrator.project import Project
from orchestrator.report.status import unseen, waiting
from orchestrator.staleness import facts as gather
from orchestrator.staleness import rerun
from orchestrator.staleness.forecast import Step, forecast
from orchestrator.staleness.state import Facts, State, states


def lines(project: Project, ids: Sequence[str] = (), *, skip_review: bool = False) -> Iterator[str]:
    """One line a step, in order; then what is left out and why, and what it may cost."""
    sharing.need_own_words(project)
    facts = gather.load(project)
    now = states(facts)
    steps = forecast(facts, now, skip_review=skip_review)
    if ids:
        wanted = _with_dependencies(facts, [facts.features.get(id).id for id in ids])
        steps = [step for step in steps if step.feature.id in wanted]
        now = {id: standing for id, standing in now.items() if id in wanted}
    elif found := rerun.look(project):
        yield f"asks first, for {found}"
    killed = attempts.unsettled_of(project.store, facts.features.by_id)
    for id in killed:
        yield f"{'verification':<14}{id}  the run was killed in its session: what it left is judged first"
    for step in steps:
        yield f"{'agent' if step.agent else 'verification':<14}{step.feature.id}  {step.reason}"
    if not steps and not killed:
        yield "nothing to do"
    for id, standing in now.items():
        if standing.state in (State.BLOCKED, State.DROPPED):
            yield f"{standing.state.value:<14}{id}  {standing.reason}"
    for line in waiting(now, but={step.feature.id for step in steps}):
        yield f"{'waiting':<14}{line}"
    yield from unseen(now)
    yield from _cost(project, steps)


def _with_dependencies(facts: Facts, ids: Sequence[str]) -> set[str]:
    found: set[str] = set()
    todo = list(ids)
    while todo:
        id = todo.pop()
        if id not in found and id in facts.features.by_id:
            found.add(id)
            todo.extend(facts.features.by_id[id].dependencies)
    return found


def _cost(project: Project, steps: Sequence[Step]) -> Iterator[str]:
    count = sum(1 for step in steps if step.agent)
    if not count:
        return
    words = "1 session" if count == 1 else f"{count} sessions"
    average = sessions.average_cost(sessions.read_all(project.root))
    if average is None:
        yield f"{words}; no past session tells what one costs"
    else:
        yield f"{words}; about {count * average:.2f} USD, at {average:.2f} USD a session so far"

"""The features as doit tasks: which there are for a command line. `doit build` and `orchestrator build` come here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from doit.task import Task

from orchestrator.errors import OrchestratorError
from orchestrator.staleness import stamp
from orchestrator.tasks.work import Finish, Work, summarized

if TYPE_CHECKING:
    from orchestrator.features.model import Feature


def tasks(work: Work, *, others: bool) -> Iterator[Task]:
    """The build tasks for the command line: for a plain run only features with something to do, else all of them.
    `others`: dodo.py has tasks of its own. They may depend on any feature's task, so all are made.
    """
    request = work.request
    project = request.project
    everything = request.wants_all or others
    summary = None if request.wants_all else stamp.read(project)
    if summary is not None and not others:
        yield _group([], Finish(work, summary))
    elif not project.features_path.exists():
        yield _group([], work.absent if not request.wants_plan else Finish(work, None))
    elif request.parallel:
        _need_own_words(work)
        yield from _parallel(work, named=others)
    else:
        _need_own_words(work)
        yield from _looked(work, everything=everything)


def _need_own_words(work: Work) -> None:
    """Of nothing to do, the stamp knows: HEAD and the settings, which say what projects there are, are in it."""
    from orchestrator.hooks import sharing

    sharing.need_own_words(work.request.project)


def _parallel(work: Work, *, named: bool) -> Iterator[Task]:
    """Features are built one at a time: a parallel doit gets the whole build as one task."""
    if work.request.wants_all:
        raise OrchestratorError("features are built one at a time", where="-n", fix="Leave -n out to build named ones")
    yield _group([], Finish(work, None))
    if named:
        from orchestrator.staleness import facts as gather
        from orchestrator.staleness.state import states

        now = states(gather.load(work.request.project, work.seen))
        yield from (_task(work, s.feature, {}, "" if s.met else s.reason) for s in now.values())


def _looked(work: Work, *, everything: bool) -> Iterator[Task]:
    from orchestrator.building import attempts
    from orchestrator.staleness import facts as gather
    from orchestrator.staleness.forecast import forecast
    from orchestrator.staleness.source import Source
    from orchestrator.staleness.state import State, states

    project = work.request.project
    facts = gather.load(project, work.seen)
    now = states(facts)
    steps = forecast(facts, now, skip_review=work.request.skip_review)
    summary = summarized(now)
    killed = attempts.unsettled_of(project.store, facts.features.by_id)
    if not steps and not killed:
        stamp.write(project, [*facts.sources, Source("state", attempts.FOLDER)], summary)
    todo = {step.feature.id: step.reason for step in steps}
    todo |= dict.fromkeys(killed, "the run was killed in its session, which is judged first")
    turn = {id: number for number, id in enumerate(todo)}
    undone = {id: s.reason for id, s in now.items() if s.state is not State.DONE} if everything else {}
    reasons = {**undone, **todo}
    features = facts.features.features if everything else [facts.features.by_id[id] for id in todo]
    made = [_task(work, feature, turn, reasons.get(feature.id, "")) for feature in features]
    whole = [task.name for task in made] if work.request.wants_all else [_name(id) for id in todo]
    yield _group(whole, Finish(work, summary if not todo else None))
    yield from made


def _group(names: list[str], action: Callable[[], object]) -> Task:
    return Task(
        "build", [action], task_dep=names, has_subtask=True, io={"capture": False},
        doc="build what is unfinished or invalidated, and only that",
    )  # fmt: skip


def _name(id: str) -> str:
    from orchestrator.features.names import slug

    return f"build:{slug(id)}"


def _task(work: Work, feature: Feature, turn: Mapping[str, int], reason: str) -> Task:
    """`turn`: id -> position in the order of the build. The task depends on those dependencies that come earlier."""
    from orchestrator.tasks.light import LightTask

    root = work.request.project.root
    own = turn.get(feature.id, len(turn))
    return LightTask(
        _name(feature.id),
        lambda must: work.judge(feature.id) if work.request.parallel else work.build(feature.id, must),
        must=not work.request.builds_all,
        task_dep=[_name(id) for id in feature.dependencies if turn.get(id, own) < own],
        reason=reason,
        doc=" ".join(feature.name.split()) or feature.id,
        file_dep=[str(root / name) for name in feature.inputs if (root / name).is_file()],
    )

"""What the build tasks do: one feature after the other, then rounds until nothing changes, then the verdict."""

from __future__ import annotations

import gc
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from doit.exceptions import TaskFailed

from orchestrator import project as projects
from orchestrator.ending import end_like_ctrl_c, told
from orchestrator.tasks.request import Request

if TYPE_CHECKING:
    from orchestrator.building.run import Run
    from orchestrator.staleness.facts import Seen
    from orchestrator.staleness.state import Standing

Summary = dict[str, Any]
"""`counts` of features by state; the first of the `blocked` ones, of those that need `review`, of what is `waiting`."""


class Held:
    """The project's one lock: taken by whichever of build and plan works first, held until the process ends."""

    def __init__(self) -> None:
        self._stack: ExitStack | None = None

    def take(self, request: Request, purpose: str) -> None:
        """Raises Locked naming who has it."""
        from orchestrator import files

        if self._stack is None:
            stack = ExitStack()
            stack.enter_context(files.lock(request.project.work_lock, timeout=0, purpose=purpose))
            self._stack = stack
            end_like_ctrl_c()


class Work:
    """What the build tasks of one request share: the facts that were read, and the run. The run begins with the first
    task that has something to do.
    """

    def __init__(self, request: Request, held: Held) -> None:
        self.request = request
        self._held = held
        self._seen: Seen | None = None
        self._run: Run | None = None

    @property
    def seen(self) -> Seen:
        """What was read while the tasks were made, so that the run need not read it again."""
        from orchestrator.staleness.facts import Seen

        self._seen = self._seen or Seen()
        return self._seen

    def run(self) -> Run:
        """The run: it holds the project's lock."""
        if self._run is None:
            gc.enable()
            self._held.take(self.request, "build")
            self._run = _begun(self.request, self.seen)
        return self._run

    def build(self, id: str, must: bool) -> object:
        """The action of a feature's task. `must`: the task fails if the feature is not done in the end."""
        with told(debug=self.request.debug):
            from orchestrator.building import feature

            built = feature.build(self.run(), id)
            if built.what == "completed" or not must:
                return True
            return _judged(self.run().checkout.standings().get(id))

    def judge(self, id: str) -> object:
        """The action of a feature's task under a parallel doit, where the group builds everything."""
        with told(debug=self.request.debug):
            from orchestrator.staleness import facts
            from orchestrator.staleness.state import states

            return _judged(
                states(facts.load(projects.again(self.request.project))).get(id), "; leave -n out to build it"
            )

    def absent(self) -> object:
        """The action where there is no list: the error says how to get one."""
        with told(debug=self.request.debug):
            return self.request.project.read_features()

    def finish(self, summary: Summary | None) -> object:
        """The group's own action; `summary` is given where there was nothing to do."""
        with told(debug=self.request.debug):
            from orchestrator.report.verdict import finished

            if summary is None:
                from orchestrator.building.notifying import notify
                from orchestrator.staleness import rerun

                now = self._rounds()
                if not self.request.wants_all:
                    rerun.remember(self.run().checkout.project, now)
                summary = summarized(now)
                event = "done" if not _remaining(summary) else "stopped"
                notify(self.run().checkout.project, self.run().progress, event, **summary["counts"])
            finished(summary, self._run)
            left = _remaining(summary)
            return True if not left else TaskFailed(f"{left} features remain", report=False)

    def _rounds(self) -> dict[str, Standing]:
        """Features that appeared, or became stale, during the run: again, until a round changes nothing. Where all of
        them stand then.
        """
        from orchestrator.building import feature
        from orchestrator.staleness.forecast import forecast
        from orchestrator.staleness.state import states

        run = self.run()
        while True:
            facts = run.checkout.facts()
            now = states(facts)
            steps = forecast(facts, now, skip_review=self.request.skip_review)
            built = [feature.build(run, step.feature.id) for step in steps]
            if all(result.what == "nothing" for result in built):
                return now


class Finish:
    """The group's action. `summary` is only used if the list is unchanged: `doit plan build` may have written it."""

    def __init__(self, work: Work, summary: Summary | None) -> None:
        self._work, self._summary = work, summary
        self._seen = self._list_seen()

    def __call__(self) -> object:
        same = self._list_seen() == self._seen
        return self._work.finish(self._summary if same else None)

    def _list_seen(self) -> tuple[int, int] | None:
        try:
            stat = self._work.request.project.features_path.stat()
        except OSError:
            return None
        return stat.st_mtime_ns, stat.st_size


def summarized(now: dict[str, Standing]) -> Summary:
    """The counts that the verdict tells."""
    from orchestrator.report.status import unseen, waiting
    from orchestrator.staleness.state import State

    counts = {state.value: sum(1 for s in now.values() if s.state is state) for state in State}
    blocked = [id for id, s in now.items() if s.state is State.BLOCKED]
    waits = waiting(now)
    review = [id for id, s in now.items() if s.passes and s.feature.needs_review]
    found = {"counts": counts, "blocked": blocked[:20], "review": review[:20], "waiting": waits[:20]}
    return {**found, "unseen": unseen(now)}


def _judged(standing: Standing | None, fix: str = "") -> object:
    if standing is None or standing.met:
        return True
    id, state = standing.feature.id, standing.state.value
    sys.stderr.write(f"orchestrator: {id} is {state}: {standing.reason}{fix}\n")
    return TaskFailed(f"{id} is {state}", report=False)


def _remaining(summary: Summary) -> int:
    return sum(count for state, count in summary["counts"].items() if state not in ("done", "dropped"))


def _begun(request: Request, seen: Seen) -> Run:
    from orchestrator.agents.factory import create
    from orchestrator.building import detached
    from orchestrator.building.feature import recover
    from orchestrator.building.run import Options, begin
    from orchestrator.building.start import prepare, recorded_into
    from orchestrator.processes import starting
    from orchestrator.processes.sweep import end_abandoned
    from orchestrator.report.console import Console, asking

    starting.get_ready()
    project = request.project
    for name in end_abandoned(project.root):
        sys.stderr.write(f"orchestrator: ended {name}, which a killed run had left\n")
    agent = recorded_into(request.record, create(project.config.agent, project.root))
    options = Options(request.with_qa, request.skip_review, request.assume_yes)
    progress = Console(request.quiet, request.verbose)
    run = begin(project, agent, progress, options, _yes if options.assume_yes else asking(), seen)
    if not request.wants_all:
        _need_consent(run)
    prepare(run.checkout, run.agent)
    run.tally.detached = detached.ref(run.checkout.project.repository)
    if run.tally.detached:
        progress.note(detached.warning(run.tally.detached))
    recover(run)
    return run


def _need_consent(run: Run) -> None:
    """Ask before most of what was finished is built again for no reason of the user's: nothing is changed before."""
    from orchestrator.errors import Unfinished
    from orchestrator.staleness import rerun

    project, ask = run.checkout.project, run.budget.ask
    found = rerun.look(project, run.checkout.seen)
    if found is None:
        return
    if ask is None or not ask(f"{found}. Build them again?"):
        raise Unfinished(
            str(found),
            where=project.settings_path.name,
            fix="Undo that change, take them as they are by `orchestrator accept ID... -m WHY`, or go on by "
            "`orchestrator build --yes`",
        )
    rerun.remember(project, run.checkout.standings())


def _yes(question: str) -> bool:
    return True

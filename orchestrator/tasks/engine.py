"""The build as doit tasks: which there are, what they do, and the rounds until nothing changes.

`doit build` and `orchestrator build` both come through here.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

from doit.exceptions import TaskFailed
from doit.task import Task

from orchestrator import project as projects
from orchestrator.errors import OrchestratorError
from orchestrator.project import Project
from orchestrator.staleness import stamp

COMMANDS = frozenset({
    "list", "info", "clean", "forget", "ignore", "dumpdb", "strace", "tabcompletion", "reset-dep", "help",
})  # fmt: skip


class Asked:
    """What the command line of ours asked for; doit's own leaves the defaults."""

    def __init__(
        self,
        project: Project | None = None,
        options: dict[str, Any] | None = None,
        quiet: bool = False,
        verbose: bool = False,
    ) -> None:
        self.project, self.options = project, options or {}
        self.quiet, self.verbose = quiet, verbose


asked = Asked()


def project() -> Project:
    """The project of this process."""
    if asked.project is None:
        asked.project = projects.load()
    return asked.project


def tasks(arguments: Sequence[str]) -> Iterator[Task]:
    """The build tasks that the doit command line needs: what is to do for a plain run, else all of them."""
    found = project()
    from orchestrator.staleness import checks

    command = checks.resolve(found.config.verify.command, found.root)
    everything = _names_tasks(arguments)
    if not everything:
        summary = stamp.read(found, command)
        if summary is not None:
            yield _group([], _Finish(summary))
            return
    if not found.features_path.exists():
        yield _group([], _absent if "plan" not in arguments else _Finish(None))
        return
    if _in_parallel(arguments) and any(word.startswith("build:") for word in arguments):
        raise OrchestratorError("features are built one at a time", where="-n", fix="Leave -n out to build named ones")
    if _in_parallel(arguments):
        # Features are built one at a time: a parallel doit gets the whole build as one task.
        yield _group([], _Finish(None))
        return
    yield from _looked(found, command, everything)


def _names_tasks(arguments: Sequence[str]) -> bool:
    """Whether the command is another than `run`, or names single build tasks."""
    words = [word for word in arguments if not word.startswith("-") and "=" not in word]
    return any(word.startswith("build:") or "*" in word for word in arguments) or bool(words and words[0] in COMMANDS)


def _in_parallel(arguments: Sequence[str]) -> bool:
    return any(word.startswith(("-n", "--process")) for word in arguments)


def plans(arguments: Sequence[str]) -> bool:
    """Whether the command line is about planning steps too: a build does not even import them."""
    words = [word for word in arguments if not word.startswith("-") and "=" not in word]
    return any(word == "plan" or word.startswith(("plan:", "*")) for word in words) or bool(
        words and words[0] in COMMANDS
    )


def _looked(found: Project, command: str, everything: bool) -> Iterator[Task]:
    from orchestrator.building import attempts
    from orchestrator.staleness import facts as gather
    from orchestrator.staleness.forecast import forecast
    from orchestrator.staleness.state import State, states

    facts = gather.load(found, _seen())
    now = states(facts)
    steps = forecast(facts, now, skip_review=bool(asked.options.get("skip_review")))
    summary = _summary(now)
    if not steps and not attempts.unsettled(found.store):
        stamp.write(found, command, sorted({p for f in facts.features.features for p in f.inputs}), summary)
    todo = {step.feature.id: step.reason for step in steps}
    undone = {id: s.reason for id, s in now.items() if s.state is not State.DONE} if everything else {}
    reasons = {**undone, **todo}
    features = facts.features.features if everything else [step.feature for step in steps]
    made = [_task(found, feature, todo, reasons.get(feature.id, ""), named=everything) for feature in features]
    yield _group([task.name for task in made], _Finish(summary if not steps else None))
    yield from made


def _summary(now: Any) -> dict[str, Any]:
    from orchestrator.staleness.state import State

    counts = {state.value: sum(1 for s in now.values() if s.state is state) for state in State}
    return {"counts": counts, "blocked": [id for id, s in now.items() if s.state is State.BLOCKED][:20]}


def _group(names: list[str], action: Callable[[], object]) -> Task:
    return Task(
        "build", [action], task_dep=names, has_subtask=True, io={"capture": False},
        doc="build what is unfinished or invalidated, and only that",
    )  # fmt: skip


def _task(found: Project, feature: Any, todo: dict[str, str], reason: str, *, named: bool) -> Task:
    from orchestrator.features.names import slug
    from orchestrator.tasks.light import LightTask

    inputs = [str(found.root / name) for name in feature.inputs if (found.root / name).is_file()]
    return LightTask(
        f"build:{slug(feature.id)}",
        _build,
        (feature.id, named),
        task_dep=[f"build:{slug(id)}" for id in feature.dependencies if id in todo],
        reason=reason,
        doc=" ".join(feature.name.split()) or feature.id,
        file_dep=inputs,
    )


def _absent() -> object:
    """Asked to build without a list: the error says how to get one."""
    return guarded(project().read_features)


@cache
def _seen() -> Any:
    """What this process has found out: making the tasks looks first, then the run."""
    from orchestrator.staleness.facts import Seen

    return Seen()


@cache
def run() -> Any:
    """The run of this process: begun by the first task that has something to do, it holds the project's lock."""
    from orchestrator.agents.factory import create
    from orchestrator.building.feature import recover
    from orchestrator.building.run import Options, begin
    from orchestrator.building.start import prepare, recorded_into
    from orchestrator.processes.sweep import end_abandoned
    from orchestrator.report.console import Console, ask

    gc.enable()
    found = project()
    hold_lock(found, "build")
    for name in end_abandoned():
        sys.stderr.write(f"orchestrator: ended {name}, which a killed run had left\n")
    agent = recorded_into(asked.options.pop("record", None), create(found.config.agent, found.root))
    options = Options(**asked.options)
    progress = Console(asked.quiet, asked.verbose)
    begun = begin(found, agent, progress, options, _yes if options.assume_yes else ask, _seen())
    prepare(begun.checkout, begun.agent)
    recover(begun)
    return begun


_stack = ExitStack()
_held: list[Path] = []


def hold_lock(found: Project, purpose: str) -> None:
    """Hold the project's one lock until this process ends; raises Locked naming who has it."""
    from orchestrator import files

    path = found.store / "build.lock"
    if path not in _held:
        _stack.enter_context(files.lock(path, timeout=0, purpose=purpose))
        _held.append(path)


def _yes(question: str) -> bool:
    return True


def guarded(work: Callable[[], object]) -> object:
    """Ends the program in one line and with the contract's exit code when the run can't go on."""
    try:
        return work()
    except OrchestratorError as error:
        sys.stdout.flush()
        sys.stderr.write(f"orchestrator: {'' if error.exit_code == 130 else 'error: '}{error}\n")
        raise SystemExit(error.exit_code) from error
    except KeyboardInterrupt:
        sys.stderr.write("orchestrator: interrupted\n")
        raise SystemExit(130) from None


def _build(id: str, named: bool) -> object:
    return guarded(lambda: _build_one(id, named))


def _build_one(id: str, named: bool) -> object:
    from orchestrator.building import feature

    built = feature.build(run(), id)
    if built.what == "completed" or not named:
        return True
    standing = run().checkout.standings().get(id)
    if standing is None or standing.met:
        return True
    sys.stderr.write(f"orchestrator: {id} is {standing.state.value}: {standing.reason}\n")
    return TaskFailed(f"{id} is {standing.state.value}", report=False)


class _Finish:
    """The group's own action: rounds for what came up during the run, then the verdict."""

    def __init__(self, summary: dict[str, Any] | None) -> None:
        self.summary = summary
        self._seen = _list_seen()

    def __call__(self) -> object:
        return guarded(self._finish)

    def _finish(self) -> object:
        from orchestrator.report.verdict import finished

        if self.summary is None or _list_seen() != self._seen:  # a plan in the same run writes the list
            self.summary = _summary(_rounds())
            from orchestrator.building.notifying import notify

            event = "done" if not _remaining(self.summary) else "stopped"
            notify(run().checkout.project, run().progress, event, **self.summary["counts"])
        finished(self.summary, run() if run.cache_info().currsize else None)
        left = _remaining(self.summary)
        return True if not left else TaskFailed(f"{left} features remain", report=False)


def _list_seen() -> tuple[int, int] | None:
    try:
        stat = project().features_path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size


def _remaining(summary: dict[str, Any]) -> int:
    return sum(count for state, count in summary["counts"].items() if state != "done")


def _rounds() -> Any:
    """Features that appeared, or became stale, during the run: again, until a round changes nothing. Returns where all
    of them stand then.
    """
    from orchestrator.building import feature
    from orchestrator.staleness.forecast import forecast
    from orchestrator.staleness.state import states

    while True:
        facts = run().checkout.facts()
        now = states(facts)
        steps = forecast(facts, now, skip_review=run().options.skip_review)
        built = [feature.build(run(), step.feature.id) for step in steps]
        if all(result.what == "nothing" for result in built):
            return now

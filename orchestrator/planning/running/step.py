"""What a step of the pipeline is: what it reads, what it makes, and the function that does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from orchestrator.planning.paths import Plan
from orchestrator.planning.phases import phase_file
from orchestrator.planning.running.context import PlanContext

Paths = Callable[[Plan], Sequence[Path]]


@dataclass(frozen=True)
class Result:
    """What a step says at its end. `skipped`: the user went on without it; `finished` False: it will run again.

    `data` is what its next run will compare with; None leaves what it noted before.
    """

    note: str
    skipped: bool = False
    finished: bool = True
    data: Mapping[str, object] | None = None


def _nothing(context: PlanContext) -> str:
    return ""


def _no_paths(plan: Plan) -> Sequence[Path]:
    return ()


def _no_texts(context: PlanContext) -> Mapping[Path, str]:
    return {}


def _tidies_nothing(context: PlanContext) -> None:
    pass


def _costs_nothing(plan: Plan) -> bool:
    return False


def _first_missing(step: Step, plan: Plan) -> str:
    absent = (path for path in step.makes(plan) if not path.is_file() or not path.stat().st_size)
    return next((plan.relative(path) for path in absent), "")


@dataclass(frozen=True)
class Step:
    """`label` names it in checkpoints. `reads` need not all be there: what `needs` gives must be.

    `off` says why the step is not wanted in this project, "" when it is. `rendered` are files that follow from what the
    step makes: `texts` tells what stands in them, `tidy` does by itself what else follows. `sound` tells whether what
    is there can be taken for the step's work without a stamp, `lacks` what of it is not there.
    """

    name: str
    label: str
    reads: Paths
    makes: Paths
    act: Callable[[PlanContext], Result]
    needs: Paths
    off: Callable[[PlanContext], str] = _nothing
    rendered: Paths = _no_paths
    texts: Callable[[PlanContext], Mapping[Path, str]] = _no_texts
    tidy: Callable[[PlanContext], None] = _tidies_nothing
    sound: Callable[[Plan], bool] = _costs_nothing
    lacks: Callable[[Step, Plan], str] = _first_missing

    def file_dep(self, plan: Plan) -> list[Path]:
        """The files it depends on that are there, for doit."""
        return [path for path in self.reads(plan) if path.is_file()]

    def targets(self, plan: Plan) -> list[Path]:
        """The files it makes, for doit."""
        return [*self.makes(plan), *self.rendered(plan)]

    def inputs(self, plan: Plan) -> Sequence[Path]:
        return self.reads(plan)

    def outputs(self, plan: Plan) -> Mapping[str, Path]:
        """What it made by name; a phase file goes by its feature's id, so that a person may rename it."""
        return {_identity(plan, path): path for path in self.makes(plan)}

    def missing(self, plan: Plan) -> str:
        return self.lacks(self, plan)

    def readable(self, plan: Plan) -> bool:
        return self.sound(plan)

    def essential(self, plan: Plan) -> Sequence[Path]:
        return self.needs(plan)


def _identity(plan: Plan, path: Path) -> str:
    if path in plan.phase_files():
        return phase_file.id_of(path.read_bytes().decode("utf-8", "replace")) or plan.relative(path)
    return plan.relative(path)

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
    """What a step says at its end. `skipped`: the user went on without it; `finished` False: it will run again."""

    note: str
    skipped: bool = False
    finished: bool = True


def _nothing(context: PlanContext) -> str:
    return ""


@dataclass(frozen=True)
class Step:
    """`label` names it in checkpoints. `reads` need not all be there: what `needs` gives must be.

    `off` says why the step is not wanted in this project, "" when it is.
    """

    name: str
    label: str
    reads: Paths
    makes: Paths
    act: Callable[[PlanContext], Result]
    needs: Paths
    off: Callable[[PlanContext], str] = _nothing

    def file_dep(self, plan: Plan) -> list[Path]:
        """The files it depends on that are there, for doit."""
        return [path for path in self.reads(plan) if path.is_file()]

    def targets(self, plan: Plan) -> list[Path]:
        """The files it makes, for doit."""
        return list(self.makes(plan))

    def inputs(self, plan: Plan) -> Sequence[Path]:
        return self.reads(plan)

    def outputs(self, plan: Plan) -> Mapping[str, Path]:
        """What it made by name; a phase file goes by its feature's id, so that a person may rename it."""
        return {_identity(plan, path): path for path in self.makes(plan)}


def _identity(plan: Plan, path: Path) -> str:
    if path in plan.phase_files():
        return phase_file.id_of(path.read_bytes().decode("utf-8", "replace")) or plan.relative(path)
    return plan.relative(path)

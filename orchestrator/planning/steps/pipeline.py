"""The pipeline: what each step reads, what it makes, and the function that does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from orchestrator.planning.paths import Plan
from orchestrator.planning.phases import phase_file
from orchestrator.planning.steps import actions, phasing
from orchestrator.planning.steps.actions import Result
from orchestrator.planning.steps.context import PlanContext

Paths = Callable[[Plan], Sequence[Path]]


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


def _phases(plan: Plan) -> list[Path]:
    return [plan.overview, *plan.phase_files()]


RESEARCH = Step(
    "research",
    "research",
    reads=lambda plan: [plan.prompt],
    makes=lambda plan: [plan.research],
    act=actions.research,
    needs=lambda plan: [plan.prompt],
)
MEMORY = Step(
    "memory",
    "memory-sync",
    reads=lambda plan: [plan.research],
    makes=lambda plan: [plan.memory],
    act=actions.memory,
    needs=lambda plan: [plan.research],
)
REQUIREMENTS = Step(
    "requirements",
    "requirement-decomposition",
    reads=lambda plan: [plan.research],
    makes=lambda plan: [plan.hierarchy, plan.diagram, plan.property_tests],
    act=actions.decompose,
    needs=lambda plan: [plan.research],
)
CONTEXT = Step(
    "context",
    "context-generation",
    # Not the project's files: what a build writes must not make its own plan stale.
    reads=lambda plan: [plan.research],
    makes=lambda plan: [plan.tech_stack, plan.file_groups],
    act=actions.analyse,
    needs=lambda plan: [],
)
PLAN = Step(
    "plan",
    "planning",
    reads=lambda plan: [plan.research, plan.hierarchy, plan.tech_stack, plan.file_groups],
    makes=lambda plan: [plan.plan],
    act=actions.plan,
    needs=lambda plan: [plan.research],
)
PHASES = Step(
    "phases",
    "phase-decomposition",
    reads=lambda plan: [plan.plan, plan.hierarchy],
    makes=_phases,
    act=phasing.decompose,
    needs=lambda plan: [plan.plan],
)
FEATURES = Step(
    "features",
    "features",
    reads=lambda plan: plan.phase_files(),
    makes=lambda plan: [plan.features],
    act=phasing.features,
    needs=lambda plan: [],
)
BEADS = Step(
    "beads",
    "beads",
    reads=lambda plan: plan.phase_files(),
    makes=lambda plan: [plan.beads],
    act=phasing.tracker,
    needs=lambda plan: [],
    off=phasing.tracker_off,
)

STEPS: tuple[Step, ...] = (RESEARCH, MEMORY, REQUIREMENTS, CONTEXT, PLAN, PHASES, FEATURES, BEADS)

RESUME_STEPS = {
    "planning": PLAN,
    "requirement_decomposition": REQUIREMENTS,
    "phase_decomposition": PHASES,
}
"""The names of `--resume-step`."""


def by_name(name: str) -> Step:
    """The step of that name (KeyError for none)."""
    return {step.name: step for step in STEPS}[name]

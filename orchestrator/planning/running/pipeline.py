"""The pipeline: the steps in order."""

from __future__ import annotations

from orchestrator.planning.running.step import Step
from orchestrator.planning.steps.context import CONTEXT
from orchestrator.planning.steps.features import FEATURES
from orchestrator.planning.steps.memory_sync import MEMORY
from orchestrator.planning.steps.phases import PHASES
from orchestrator.planning.steps.plan import PLAN
from orchestrator.planning.steps.requirements import REQUIREMENTS
from orchestrator.planning.steps.research import RESEARCH
from orchestrator.planning.steps.tracker import BEADS

STEPS: tuple[Step, ...] = (RESEARCH, MEMORY, REQUIREMENTS, CONTEXT, PLAN, PHASES, FEATURES, BEADS)

RESUME_STEPS = {
    "planning": PLAN,
    "requirement_decomposition": REQUIREMENTS,
    "phase_decomposition": PHASES,
}
"""The names of `--resume-step`."""

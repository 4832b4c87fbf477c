"""Plans that begin with a file that a person gives, and the plan that a checkpoint is about."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from orchestrator import files
from orchestrator.planning.paths import Plan, Plans, slug
from orchestrator.planning.running import stamps
from orchestrator.planning.running.checkpoints import Checkpoint
from orchestrator.planning.running.pipeline import STEPS
from orchestrator.planning.running.step import Step
from orchestrator.planning.steps.plan import PLAN
from orchestrator.planning.steps.research import RESEARCH


def adopt_research(plans: Plans, path: Path, today: date, prompt: str = "") -> Plan:
    """The plan that goes on from a research file; one from elsewhere is copied to where research belongs."""
    plan = _plan_of(plans, path, plans.base / "research", path.stem, today)
    if prompt and not plan.prompt.exists():
        files.write_atomic(plan.prompt, f"{prompt.strip()}\n".encode())
    _adopt(plans, plan, path, plan.research, [RESEARCH])
    return plan


def adopt_plan(plans: Plans, path: Path, today: date) -> Plan:
    """The plan of a plan file; one from elsewhere is copied into a folder of its own."""
    inside = path.resolve().parent.parent == (plans.base / "plans").resolve()
    name = path.resolve().parent.name if inside else path.stem
    plan = _plan_of(plans, path, path.parent if inside else plans.base, name, today)
    _adopt(plans, plan, path, plan.plan, STEPS[: STEPS.index(PLAN) + 1])
    return plan


def of_checkpoint(plans: Plans, checkpoint: Checkpoint) -> Plan | None:
    """The plan of a checkpoint, for one of the original that of its research file; None when it is gone."""
    stems = [Path(artifact).stem for artifact in checkpoint.artifacts if Path(artifact).parent.name == "research"]
    for name in (checkpoint.plan, *stems):
        if name and (plans.plan(name).folder.is_dir() or plans.plan(name).research.is_file()):
            return plans.plan(name)
    return None


def _plan_of(plans: Plans, path: Path, home: Path, name: str, today: date) -> Plan:
    if path.resolve().parent == home.resolve() and name[:10].count("-") == 2 and name[:4].isdigit():
        plan = plans.plan(name)
    else:
        plan = plans.plan(f"{today.isoformat()}-{slug(path.stem)}")
    plan.folder.mkdir(parents=True, exist_ok=True)
    return plan


def _adopt(plans: Plans, plan: Plan, path: Path, target: Path, done: Sequence[Step]) -> None:
    if path.resolve() != target.resolve():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    plans.choose(plan.name)
    for step in done:
        if not stamps.known(step, plan) or not stamps.freshness(step, plan).up_to_date:
            stamps.skip(step, plan, f"{path.name} was given")

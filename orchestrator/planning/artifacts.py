"""A plan's artifacts as text: how they are written, and what those that people edit say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from orchestrator.errors import OrchestratorError
from orchestrator.files import write_atomic
from orchestrator.planning.paths import Plan
from orchestrator.planning.phases import phase_file
from orchestrator.planning.phases.phase_file import Phase
from orchestrator.planning.requirements import tree
from orchestrator.planning.requirements.tree import Hierarchy
from orchestrator.planning.running import stamps
from orchestrator.planning.running.stamps import Stamped


def save_text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, text.encode("utf-8", "surrogateescape"))


def save_json(path: Path, data: object) -> None:
    save_text(path, json.dumps(data, indent=2, ensure_ascii=False) + "\n")


def read_text(plan: Plan, path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise OrchestratorError("the file is not UTF-8 text", where=plan.relative(path)) from error


def text_if_edited(step: Stamped, plan: Plan, path: Path) -> str:
    """The artifact's text where it is not as the step wrote it; "" where it is, or is absent."""
    return read_text(plan, path).strip() if path.is_file() and path in stamps.edited(step, plan) else ""


def prompt_text(plan: Plan) -> str:
    """What the plan is for; "" for one that began with a research or plan file."""
    try:
        return read_text(plan, plan.prompt).strip()
    except FileNotFoundError:
        return ""


def read_phases(plan: Plan) -> list[tuple[Path, Phase]]:
    """The phase files and what they say, in order. Raises OrchestratorError naming one that can't be read."""
    return [(path, _phase(plan, path)) for path in plan.phase_files()]


def _phase(plan: Plan, path: Path) -> Phase:
    text = read_text(plan, path)
    if not text.strip():
        raise OrchestratorError("the phase file is empty", where=plan.relative(path), fix="Write it, or delete it")
    return phase_file.parse(text, plan.relative(path))


def read_hierarchy(plan: Plan) -> Hierarchy | None:
    """The requirements; None when there are none. Raises OrchestratorError for a file that is no JSON."""
    try:
        data: Any = json.loads(plan.hierarchy.read_bytes())
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise OrchestratorError(f"not valid JSON: {error}", where=plan.relative(plan.hierarchy)) from error
    return tree.from_data(data)

"""The compiled context of what is worked on now: the feature of a session that runs, else the one that comes next."""

from __future__ import annotations

from orchestrator.building import attempts
from orchestrator.harness.compiling import compile_context
from orchestrator.project import Project
from orchestrator.staleness import facts
from orchestrator.staleness.forecast import upcoming
from orchestrator.staleness.state import Standing, states


def compile_current(project: Project) -> str:
    """The context, kept in `.agent/working-context/current.md` too. Raises OrchestratorError for a broken list."""
    standings = states(facts.load(project))
    running = attempts.unsettled_of(project.store, standings)
    current = standings[running[0]] if running else upcoming(standings)
    said = _said(current) if current else "Nothing is ready to be built."
    data = current.feature.data if current else None
    return compile_context(project.root, project.name, said, data, project.config.context.max_tokens)


def _said(current: Standing) -> str:
    name = " ".join(current.feature.name.split())
    return f"{current.feature.id}{f' {name}' if name else ''}: {current.state.value} ({current.reason})"

"""Which agent the settings ask for."""

from __future__ import annotations

from pathlib import Path

from orchestrator.agents.protocol import Agent
from orchestrator.config.settings import AgentSettings
from orchestrator.errors import OrchestratorError


def create(settings: AgentSettings, root: Path) -> Agent:
    """The agent of `settings` for the project at `root`; nothing is started or looked up yet."""
    if settings.kind == "replay":
        from orchestrator.agents.replay.agent import ReplayAgent

        return ReplayAgent(root / settings.recordings)
    if settings.kind == "command":
        from orchestrator.agents.command.agent import CommandAgent

        return CommandAgent(settings, root)
    if settings.kind == "claude":
        from orchestrator.agents.claude.agent import ClaudeAgent

        return ClaudeAgent(settings)
    raise OrchestratorError(f"unknown kind of agent {settings.kind!r}", fix="One of: claude, command, replay")

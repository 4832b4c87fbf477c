"""The project while a build changes it: HEAD is asked for again whenever it may have moved."""

from __future__ import annotations

from orchestrator import project as projects
from orchestrator.features.model import Feature
from orchestrator.project import Project
from orchestrator.staleness import checks, facts
from orchestrator.staleness.facts import Seen
from orchestrator.staleness.state import Facts, Standing, states


class Checkout:
    """`project` as it was at the last look; `seen` keeps what looking found, so that the next look costs less."""

    def __init__(self, project: Project, seen: Seen | None = None) -> None:
        self.project = project
        self.seen = seen or Seen()

    def refresh(self) -> Project:
        """The project with HEAD as it is now."""
        self.project = projects.again(self.project)
        return self.project

    def facts(self) -> Facts:
        """What the states depend on, as of now."""
        return facts.load(self.refresh(), self.seen)

    def standings(self) -> dict[str, Standing]:
        """The state of every feature, as of now."""
        return states(self.facts())

    def check_command(self, feature: Feature) -> str:
        """The command that checks the feature, as of now: a session may have added the project's first test."""
        return checks.command_for(feature, checks.resolve(self.project.config.verify.command, self.project.root))

"""What a run tells whoever watches it; the layers above decide how it looks."""

from __future__ import annotations

from typing import Protocol

from orchestrator.agents.protocol import Observer
from orchestrator.building.verification import Verdict
from orchestrator.features.model import Feature


class Progress(Observer, Protocol):
    """Someone who watches a whole build; also the observer of each session."""

    def session_started(self, feature: Feature, session: int, attempt: int, attempts: int, kind: str) -> None:
        """An agent session begins; `attempt` of `attempts` for this feature."""

    def check_started(self, feature: Feature, command: str) -> None:
        """The check command begins; "" when there is none."""

    def check_ended(self, feature: Feature, verdict: Verdict) -> None:
        """The check command ended."""

    def completed(self, feature: Feature, commit: str, auto: bool) -> None:
        """The feature is done; `auto` when the agent left the commit to us."""

    def verified(self, feature: Feature) -> None:
        """A stale feature's check passed: no agent was needed."""

    def failed(self, feature: Feature, reason: str) -> None:
        """An attempt failed."""

    def blocked(self, feature: Feature, reason: str) -> None:
        """The feature is set aside."""

    def waiting(self, reason: str, seconds: float) -> None:
        """The run waits for a limit to end."""

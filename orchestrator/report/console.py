"""A build on the terminal: what happens, line by line, while it happens."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import click

from orchestrator.building.verification import Verdict
from orchestrator.features.model import Feature
from orchestrator.report.layout import duration

_SHOWN = 100  # characters of a tool call's detail


class Console:
    """The Progress of a run. `quiet` leaves sessions' own text out, `verbose` shows checks' output too."""

    def __init__(self, quiet: bool = False, verbose: bool = False) -> None:
        self.quiet = quiet
        self.verbose = verbose

    def _line(self, text: str, **style: Any) -> None:
        click.echo(click.style(text, **style) if style else text)
        sys.stdout.flush()

    def session_started(self, feature: Feature, session: int, attempt: int, attempts: int, kind: str) -> None:
        name = f" {' '.join(feature.name.split())}" if feature.name else ""
        which = f"session {session}, {kind}, attempt {attempt} of {attempts}, {feature.complexity} complexity"
        self._line(f"{feature.id}{name}", bold=True)
        self._line(f"  {which}", dim=True)

    def text(self, text: str) -> None:
        if not self.quiet:
            for line in text.strip().splitlines():
                self._line(f"  | {line}")

    def tool(self, name: str, detail: str) -> None:
        if not self.quiet:
            self._line(f"  > {name} {detail[:_SHOWN]}".rstrip(), dim=True)

    def note(self, text: str) -> None:
        self._line(f"  note: {text}", fg="yellow")

    def check_started(self, feature: Feature, command: str) -> None:
        if command:
            self._line(f"  {feature.id}: check: {command}", dim=True)

    def check_ended(self, feature: Feature, verdict: Verdict) -> None:
        if verdict.note:
            self.note(verdict.note)
        if not verdict.passed or self.verbose:
            for line in verdict.output.strip().splitlines()[-20:]:
                self._line(f"    {line}")

    def completed(self, feature: Feature, commit: str, auto: bool) -> None:
        how = ", committed for the agent" if auto else ""
        self._line(f"  {feature.id}: done ({commit[:10]}{how})", fg="green")

    def verified(self, feature: Feature) -> None:
        self._line(f"{feature.id}: checked, still right", fg="green")

    def failed(self, feature: Feature, reason: str) -> None:
        self._line(f"  {feature.id}: failed: {(reason.splitlines() or [''])[0]}", fg="red")

    def blocked(self, feature: Feature, reason: str) -> None:
        self._line(f"  {feature.id}: blocked: {reason}", fg="red", bold=True)

    def waiting(self, reason: str, seconds: float) -> None:
        self._line(f"  waiting {duration(seconds)}: {reason}", fg="yellow")


def asking() -> Callable[[str], bool] | None:
    """What puts a yes-or-no question to a person; None without a terminal."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return None
    return lambda question: bool(click.confirm(question, default=False))

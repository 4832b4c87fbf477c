"""Showing a session while it runs: redacted, in the words of an observer."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from orchestrator.agents.claude.events import Shown
from orchestrator.agents.protocol import Observer
from orchestrator.processes.redact import one_line

DETAIL = 200


def tell(items: Iterable[Shown], observer: Observer, redact: Callable[[str], str]) -> None:
    """Give each item to the observer's method of its kind."""
    for shown in items:
        if shown.kind == "text":
            observer.text(redact(shown.text))
        elif shown.kind == "tool":
            observer.tool(shown.name, one_line(redact(shown.text), DETAIL))
        else:
            observer.note(redact(shown.text))


def tell_swept(names: Iterable[str], observer: Observer) -> None:
    """Say which processes a session left behind, if any: they have been ended."""
    if listed := ", ".join(names):
        observer.note(f"ended what the session left running: {listed}")

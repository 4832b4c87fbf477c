"""00-overview.md: what all phases bring about, and which there are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from orchestrator.planning.phases.phase_file import Phase


def overview(text: str, phases: Sequence[tuple[Path, Phase]], ticket: str) -> str:
    """The agent's text, the ticket, and a table with a link to each phase file beside it."""
    body = text.strip() if text.lstrip().startswith("#") else f"# Overview\n\n{text.strip()}"
    rows = [
        f"| {phase.number} | [{phase.name}]({path.name}) | {phase.id} | {', '.join(phase.depends) or '-'} |"
        for path, phase in phases
    ]
    table = "\n".join(["| | phase | feature | depends on |", "| --- | --- | --- | --- |", *rows])
    return "\n\n".join([body, *([f"Ticket: {ticket}"] if ticket else []), f"## Phases\n\n{table}\n"])

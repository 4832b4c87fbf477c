"""The stamp: kept after a look that found nothing to do, so that the next build need not look.

It holds a digest over all sources of that look. Any doubt counts as "changed", which only costs another look.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from orchestrator import statefile
from orchestrator.project import Project
from orchestrator.staleness import sources
from orchestrator.staleness.source import Source

VERSION = 2


def read(project: Project) -> dict[str, Any] | None:
    """The summary of the last full look, if all that it read is as it was."""
    data = statefile.kept(project.store / "stamp.json", dict)
    try:
        if data["version"] != VERSION:
            return None
        found = [Source(kind, name) for kind, name in data["sources"]]
        summary: dict[str, Any] = data["summary"]
        return summary if data["key"] == sources.digest(project, found) else None
    except (KeyError, TypeError, ValueError):
        return None


def write(project: Project, found: Sequence[Source], summary: dict[str, Any]) -> None:
    """Keep the summary of a look that found nothing to do. Best effort."""
    if sources.steady(project, found):
        data = {"version": VERSION, "key": sources.digest(project, found), "sources": found, "summary": summary}
        statefile.keep(project.store / "stamp.json", data)

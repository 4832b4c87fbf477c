"""The project's own feature list, nested by another harness: written flat, and kept as it was."""

from __future__ import annotations

import itertools
from pathlib import Path

from orchestrator.backlogs import harness, relisting
from orchestrator.features import model, spans
from orchestrator.features.dialects.tables import BUILT_IN, Rules
from orchestrator.project import Project


def flat(data: bytes, where: str, rules: Rules = BUILT_IN) -> bytes:
    """The list written flat; unchanged if it is flat already. Raises OrchestratorError if the result is not valid."""
    value = spans.DECODER.decode(spans.decode(data, where).removeprefix(spans.BOM))
    after = data if harness.is_plain(value) else relisting.flat(data)
    model.parse(after, where, rules)
    return after


def place_to_keep(project: Project, before: bytes) -> Path | None:
    """A free name beside the list; None where the last commit holds these bytes."""
    path = project.features_path
    if project.place and path.resolve().is_relative_to(project.place.top.resolve()):
        committed = project.place.git.objects([f"HEAD:{project.place.relative(path)}"])[0]
        if committed is not None and committed[2] == before:
            return None
    names = (
        f"{path.stem}.before-import{'' if count == 1 else f'-{count}'}{path.suffix}" for count in itertools.count(1)
    )
    places = (path.with_name(name) for name in names)
    return next(place for place in places if not place.exists() or place.read_bytes() == before)

"""Files that are made from others without a session: made again where they are missing or old, never over a hand's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from orchestrator.planning.artifacts import save_text
from orchestrator.planning.paths import Plan
from orchestrator.planning.running import stamps
from orchestrator.planning.running.stamps import Stamped


def due(step: Stamped, plan: Plan, texts: Mapping[Path, str]) -> list[Path]:
    """Those of the `texts` that are not there, or old and as they were rendered last."""
    last = stamps.notes(step, plan).get("rendered", {})
    return [
        path
        for path, text in texts.items()
        if (digest := stamps.digest(path)) != stamps.digest_of(text) and digest in (None, last.get(plan.relative(path)))
    ]


def rendered(step: Stamped, plan: Plan, texts: Mapping[Path, str]) -> list[str]:
    """Write those that are due; their names."""
    last = dict(stamps.notes(step, plan).get("rendered", {}))
    made = [plan.relative(path) for path in due(step, plan, texts)]
    for path, text in texts.items():
        name = plan.relative(path)
        if name in made:
            save_text(path, text)
        if stamps.digest(path) == stamps.digest_of(text):
            last[name] = stamps.digest_of(text)
    if last != stamps.notes(step, plan).get("rendered", {}):
        stamps.note(step, plan, rendered=last)
    return made

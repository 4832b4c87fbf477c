"""Files that are made from others without a session: made again where they are missing or old, never over a hand's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from orchestrator.planning.artifacts import save_text
from orchestrator.planning.paths import Plan
from orchestrator.planning.running import stamps
from orchestrator.planning.running.stamps import Stamped


def rendered(step: Stamped, plan: Plan, texts: Mapping[Path, str]) -> list[str]:
    """Write those of the `texts` that are not there, or that differ from what was rendered last; their names."""
    last = dict(stamps.notes(step, plan).get("rendered", {}))
    made = []
    for path, text in texts.items():
        name = plan.relative(path)
        digest, wanted = stamps.digest(path), stamps.digest_of(text)
        if digest != wanted and digest in (None, last.get(name)):
            save_text(path, text)
            made.append(name)
        if digest in (None, wanted) or name in made:
            last[name] = wanted
    if last != stamps.notes(step, plan).get("rendered", {}):
        stamps.note(step, plan, rendered=last)
    return made

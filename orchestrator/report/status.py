"""The status of a project: as data for programs, as lines for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from orchestrator.building import attempts
from orchestrator.project import Project
from orchestrator.staleness.state import Standing

_BAR = 30
_STYLES: dict[str, dict[str, Any]] = {
    "done": {"fg": "green"},
    "todo": {},
    "changed": {"fg": "yellow"},
    "stale": {"fg": "yellow"},
    "waiting": {"dim": True},
    "blocked": {"fg": "red"},
}


def summary(project: Project, standings: Mapping[str, Standing]) -> dict[str, Any]:
    """SPEC section 2's document: counts by flags, one entry a feature in the order of the list."""
    features = [_entry(standing) for standing in standings.values()]
    completed = sum(1 for feature in features if feature["passes"])
    return {
        "project": project.name,
        "head": project.place.head if project.place else None,
        "total": len(features),
        "completed": completed,
        "remaining": len(features) - completed,
        "blocked": sum(1 for feature in features if feature["blocked"]),
        "features": features,
    }


def attention(project: Project, standings: Mapping[str, Standing]) -> Iterator[str]:
    """What a person should know besides: sessions that nobody judged, features to look at."""
    for id in attempts.unsettled_of(project.store, standings):
        yield f"not judged yet: {id}: the run was killed in its session; the next `orchestrator build` settles it first"
    ids = review(standings)
    if ids:
        yield f"needs review: {', '.join(ids)} (look, then `orchestrator accept ID -m 'why'`)"


def review(standings: Mapping[str, Standing]) -> list[str]:
    """The completed features that a person should look at."""
    return [id for id, standing in standings.items() if standing.passes and standing.feature.needs_review]


def _entry(standing: Standing) -> dict[str, Any]:
    feature = standing.feature
    return {
        "id": feature.data.get("id", feature.id),
        "name": feature.name,
        "state": standing.state.value,
        "reason": standing.reason,
        "passes": standing.passes,
        "blocked": feature.blocked,
        "priority": feature.priority,
        "complexity": feature.complexity,
        "dependencies": list(feature.data.get("dependencies", [])),
        "commit": standing.commit or None,
    }


def lines(data: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The table for people, with click's style of each line."""
    total, completed = data["total"], data["completed"]
    filled = _BAR * completed // total if total else 0
    share = 100 * completed / total if total else 0.0
    yield (
        f"{data['project']}  [{'#' * filled}{'.' * (_BAR - filled)}] {completed}/{total} ({share:.1f}%)",
        {"bold": True},
    )
    parts = [f"{data['remaining']} remaining"] + ([f"{data['blocked']} blocked"] if data["blocked"] else [])
    yield ", ".join(parts), {"dim": True}
    width = min(max((len(str(f["id"])) for f in data["features"]), default=0), 24)
    for feature in data["features"]:
        name = " ".join(str(feature["name"]).split())
        name = name if len(name) <= 40 else name[:37] + "..."
        shown = f"  {feature['state']:<8}{feature['id']!s:<{width}}  {name:<40}  {feature['reason']}"
        yield shown.rstrip(), _STYLES[feature["state"]]

"""The status of a project: as data for programs, as lines for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from orchestrator.building import attempts
from orchestrator.project import Project
from orchestrator.staleness.state import Standing, State

_BAR = 30
_STYLES: dict[str, dict[str, Any]] = {
    "done": {"fg": "green"},
    "todo": {},
    "changed": {"fg": "yellow"},
    "stale": {"fg": "yellow"},
    "waiting": {"dim": True},
    "blocked": {"fg": "red"},
    "dropped": {"dim": True},
}


def summary(project: Project, standings: Mapping[str, Standing]) -> dict[str, Any]:
    """SPEC section 2's document: counts by flags, one entry a feature in the order of the list."""
    ids = {id: standing.feature.data.get("id", id) for id, standing in standings.items()}
    features = [_entry(standing, ids) for standing in standings.values()]
    completed = sum(1 for feature in features if feature["passes"])
    total = sum(1 for feature in features if feature["state"] != State.DROPPED.value)
    return {
        "project": project.name,
        "head": project.place.head if project.place else None,
        "total": total,
        "completed": completed,
        "remaining": total - completed,
        "blocked": sum(1 for feature in features if feature["blocked"]),
        "features": features,
    }


def attention(project: Project, standings: Mapping[str, Standing]) -> Iterator[str]:
    """What a person should know besides: sessions that nobody judged, features to look at."""
    yield from attempts.not_judged(project.store, standings)
    ids = review(standings)
    if ids:
        yield f"needs review: {', '.join(ids)} (look, then `orchestrator accept ID -m 'why'`)"


def review(standings: Mapping[str, Standing]) -> list[str]:
    """The completed features that a person should look at."""
    return [id for id, standing in standings.items() if standing.passes and standing.feature.needs_review]


def _entry(standing: Standing, ids: Mapping[str, Any]) -> dict[str, Any]:
    """`ids` are spelled as in the list: an integer stays one."""
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
        "dependencies": [ids.get(id, id) for id in feature.dependencies],
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
    dropped = len(data["features"]) - total
    parts = [f"{data['remaining']} remaining"] + ([f"{data['blocked']} blocked"] if data["blocked"] else [])
    parts += [f"{dropped} dropped"] if dropped else []
    yield ", ".join(parts), {"dim": True}
    width = min(max((len(str(f["id"])) for f in data["features"]), default=0), 24)
    for feature in data["features"]:
        name = " ".join(str(feature["name"]).split())
        name = name if len(name) <= 40 else name[:37] + "..."
        shown = f"  {feature['state']:<8}{feature['id']!s:<{width}}  {name:<40}  {feature['reason']}"
        yield shown.rstrip(), _STYLES[feature["state"]]

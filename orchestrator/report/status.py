"""The status of a project: as data for programs, as lines for people."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from typing import Any

from orchestrator.building import attempts
from orchestrator.project import Project
from orchestrator.report.layout import cells, fit, pad, share
from orchestrator.staleness.state import Standing, State

_BAR = 30
_SHORTEST_BAR = 5
_MARGIN = 10  # before the ids: two blanks and the state
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
    """The document of `status --json` (docs/contract.md, section 2): counts, then the features in list order."""
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
    """What a person should act on: sessions that were not judged, what a shallow clone hides, features to review."""
    yield from attempts.not_judged(project.store, standings)
    yield from unseen(standings)
    ids = review(standings)
    if ids:
        yield f"needs review: {', '.join(ids)} (look, then `orchestrator accept ID -m 'why'`)"


def unseen(standings: Mapping[str, Standing]) -> list[str]:
    """A line naming the features that were completed before this shallow clone begins, [] if there are none. Whether
    their definitions have changed since can't be told.
    """
    ids = [id for id, standing in standings.items() if standing.unseen]
    if not ids:
        return []
    more = f" and {len(ids) - 3} more" if len(ids) > 3 else ""
    named = f"{', '.join(ids[:3])}{more}"
    return [
        f"{named}: completed before this shallow clone begins; whether changed since, `git fetch --unshallow` tells"
    ]


def waiting(standings: Mapping[str, Standing], but: Container[str] = ()) -> list[str]:
    """A sentence for each waiting feature, without those in `but`."""
    return [
        f"{id} waits for {standing.waits_for[0]}, which is {standing.waits_for[1]}"
        for id, standing in standings.items()
        if standing.state is State.WAITING and id not in but
    ]


def review(standings: Mapping[str, Standing]) -> list[str]:
    """The completed features that a person should look at."""
    return [id for id, standing in standings.items() if standing.passes and standing.feature.needs_review]


def _entry(standing: Standing, ids: Mapping[str, Any]) -> dict[str, Any]:
    """`ids` maps each id to its spelling in the list, where it may be an integer."""
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


def lines(data: Mapping[str, Any], width: int | None = None) -> Iterator[tuple[str, dict[str, Any]]]:
    """The table for people, with click's style of each line; `width` is the terminal's, None in a pipe."""
    yield _head(data, width), {"bold": True}
    dropped = len(data["features"]) - data["total"]
    parts = [f"{data['remaining']} remaining"] + ([f"{data['blocked']} blocked"] if data["blocked"] else [])
    parts += [f"{dropped} dropped"] if dropped else []
    yield ", ".join(parts), {"dim": True}
    features = data["features"]
    ids = max((cells(str(f["id"])) for f in features), default=0)
    names = [" ".join(str(f["name"]).split()) for f in features]
    reasons = [" ".join(str(f["reason"]).split()) for f in features]
    left = None if width is None else width - _MARGIN - ids - 2
    own, rest = share(names, reasons, left)
    for feature, name, reason in zip(features, names, reasons, strict=True):
        row = f"{pad(str(feature['id']), ids)}  {pad(fit(name, own), own)}  {fit(reason, rest)}"
        yield f"  {feature['state']:<{_MARGIN - 2}}{row}".rstrip(), _STYLES[feature["state"]]


def _head(data: Mapping[str, Any], width: int | None) -> str:
    """The project, the bar and the count; the bar gives way on a narrow terminal, and then the name."""
    total, completed = data["total"], data["completed"]
    share_ = 100 * completed / total if total else 0.0
    count = f"{completed}/{total} ({share_:.1f}%)"
    name = data["project"] if width is None else fit(data["project"], max(width - len(count) - 2, 8))
    left = _BAR if width is None else min(_BAR, width - cells(name) - len(count) - 5)
    if left < _SHORTEST_BAR:
        return f"{name}  {count}"
    filled = left * completed // total if total else 0
    return f"{name}  [{'#' * filled}{'.' * (left - filled)}] {count}"

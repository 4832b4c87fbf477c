"""What the tools that read answer: plain data, short enough for a model to read."""

from __future__ import annotations

from typing import Any

from orchestrator.building import verifying
from orchestrator.features.graph import dependants
from orchestrator.harness import sessions
from orchestrator.harness.sessions import SessionRecord
from orchestrator.project import Project
from orchestrator.report import explain, status
from orchestrator.staleness import facts
from orchestrator.staleness.forecast import upcoming
from orchestrator.staleness.state import Standing, states

_ATTEMPTS = 5  # the newest sessions of a feature
_OUTPUT = 2000  # characters of a check's output, its end
_LISTED = ("id", "name", "state", "reason", "priority", "complexity", "dependencies")


def summary(project: Project) -> dict[str, Any]:
    """The document of `status --json`."""
    return status.summary(project, states(facts.load(project)))


def listed(project: Project, state: str | None, offset: int, limit: int) -> dict[str, Any]:
    """Counts, and the features in the list's order: of one state, from `offset` on, `limit` at most."""
    whole = summary(project)
    fitting = [feature for feature in whole["features"] if state in (None, feature["state"])]
    shown = [{key: feature[key] for key in _LISTED} for feature in fitting[offset : offset + limit]]
    counts = {key: whole[key] for key in ("project", "total", "completed", "remaining", "blocked")}
    return {**counts, "matching": len(fitting), "features": shown}


def upcoming_feature(project: Project) -> dict[str, Any]:
    """The feature that a build would take next; without one, what waits for what."""
    now = states(facts.load(project))
    chosen = upcoming(now)
    if chosen is None:
        return {"feature": None, "waiting": status.waiting(now)}
    return {"feature": chosen.feature.data, "state": chosen.state.value, "reason": chosen.reason}


def feature(project: Project, id: str) -> dict[str, Any]:
    """One feature whole: its fields, the answer of `why`, what it depends on, what needs it, its sessions."""
    found = facts.load(project)
    chosen = found.features.get(id)
    now = states(found)
    return {
        **explain.why(project, chosen.id),
        "feature": chosen.data,
        "dependencies": [_depended_on(other, now.get(other)) for other in chosen.dependencies],
        "needed_by": sorted(dependants(found.features.features).get(chosen.id, ())),
        "attempts": [_attempt(one) for one in sessions.read_all(project.root) if one.feature == chosen.id][-_ATTEMPTS:],
    }


def impact(project: Project, id: str) -> dict[str, Any]:
    """The document of `impact --json`."""
    return explain.impact(project, id)


def verified(project: Project, id: str) -> dict[str, Any]:
    """Run the feature's check as `verify ID` does. `passed` is None where it has none."""
    plan = verifying.plan(project, [id], None)
    (check,) = plan.checks
    with verifying.alone(project) as free:
        verdict = verifying.run(project, check)
        if verdict.passed and check.command and free:
            verifying.remember(project, plan, check.features)
    return {
        "id": check.features[0].id,
        "command": check.command,
        "passed": verdict.passed if check.command else None,
        "exit_code": verdict.exit_code if check.command else None,
        "output": verdict.output[-_OUTPUT:],
        "note": verdict.note,
    }


def _depended_on(id: str, standing: Standing | None) -> dict[str, str]:
    if standing is None:
        return {"id": id, "state": "not in the list"}
    return {"id": id, "name": standing.feature.name, "state": standing.state.value, "reason": standing.reason}


def _attempt(record: SessionRecord) -> dict[str, Any]:
    told: dict[str, Any] = {
        "session": record.session,
        "time": record.timestamp,
        "outcome": record.outcome,
        "success": record.success,
    }
    if record.error:
        told["error"] = record.error
    if record.verify:
        output = str(record.verify.get("output", ""))
        told["check"] = {**record.verify, "output": output[-_OUTPUT:]}
    return told

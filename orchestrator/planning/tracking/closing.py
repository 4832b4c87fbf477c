"""Closing a feature's issue when the feature is completed."""

from __future__ import annotations

from orchestrator.planning.running.context import plans_of
from orchestrator.planning.tracking import bd, beads
from orchestrator.project import Project


def close_feature(project: Project, feature_id: str, reason: str, client: bd.Bd | None = None) -> str:
    """Close the issue that a plan made for the feature. A note for the user, "" when there is nothing to close.

    Never raises for bd: a tracker that is away must not undo a completion. Without any beads.json no process
    is started.
    """
    plans = plans_of(project)
    known = any(feature_id in beads.load(plans.plan(name))["issues"] for name in plans.names())
    if project.config.plan.tracker == "none" or not known:
        return ""
    client = client or bd.Bd(project.root)
    why = bd.missing(project.root, client.program)
    if why:
        return f"the issue of {feature_id} stays open: {why}"
    try:
        issue = beads.close(client, plans, feature_id, reason)
    except bd.BeadsError as error:
        return f"the issue of {feature_id} stays open: {error}"
    return f"closed the issue {issue}"

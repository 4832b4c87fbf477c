"""beads.json: which issue stands for which phase, and the making of those that are missing.

It is written after every single step, so that a run cut off anywhere goes on where it was. What was made just
before the cut is known again by its title, which holds the plan's name or the feature's id.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestrator import statefile
from orchestrator.files import write_atomic
from orchestrator.planning.paths import Plan, Plans
from orchestrator.planning.phases.phase_file import Phase
from orchestrator.planning.tracking.bd import Bd
from orchestrator.staleness.tracker_block import with_block

VERSION = 1


@dataclass(frozen=True)
class Tracked:
    """A phase to track: its file as a path from the root."""

    file: str
    phase: Phase

    @property
    def title(self) -> str:
        return f"Phase {self.phase.number}: {self.phase.name} ({self.phase.id})"


def load(plan: Plan) -> dict[str, Any]:
    """beads.json's content: `epic` (id, title) or None, `issues` by feature id {issue, file, epic, after}."""
    data = statefile.read(plan.beads, dict)
    if not isinstance(data.get("issues"), dict):
        data = {}
    return {"version": VERSION, "epic": data.get("epic"), "issues": data.get("issues", {})}


def track(bd: Bd, plan: Plan, phases: Sequence[Tracked], title: str, taken: Iterable[str] = ()) -> int:
    """Make the issues that are missing, in order, each waiting for the one before; how many were made.

    `title` is the epic's. `taken` are ids of issues that belong to other plans. Raises BeadsError where bd fails;
    what was made until then is recorded.
    """
    data = load(plan)
    maker = _Maker(bd, set(taken) | {item["issue"] for item in data["issues"].values()})
    if not data["epic"]:
        data["epic"] = {"id": maker.issue(title, "epic"), "title": title}
        _save(plan, data)
    before = None
    for item in phases:
        issue = data["issues"].get(item.phase.id)
        if issue is None:
            issue = {"issue": maker.issue(item.title, "task"), "file": item.file, "epic": None, "after": None}
            data["issues"][item.phase.id] = issue
            _save(plan, data)
        _link(bd, plan, data, issue, before)
        issue["file"] = item.file
        before = issue["issue"]
    _save(plan, data)
    return maker.made


def annotate(plan: Plan, phases: Sequence[Tracked], finished: Iterable[str] = ()) -> None:
    """Write the ids between our markers into the overview and the phase files.

    The files of `finished` features stay as they are: their content is part of what was completed.
    """
    data = load(plan)
    epic = data["epic"]["id"]
    rows = [f"| {item.title} | `{data['issues'][item.phase.id]['issue']}` |" for item in phases]
    overview = [
        "## Tracking",
        "",
        f"Epic: `{epic}`",
        "",
        "| phase | issue |",
        "| --- | --- |",
        *rows,
        "",
        "`bd ready` lists what can be started, `bd update ID --status=in_progress` starts it.",
        "The orchestrator closes an issue when its feature is completed.",
    ]
    _put(plan.overview, overview)
    done = set(finished)
    for item in phases:
        if item.phase.id not in done:
            issue = data["issues"][item.phase.id]["issue"]
            _put(plan.root / item.file, [f"Issue: `{issue}`, feature: `{item.phase.id}`, epic: `{epic}`"])


def owned(plans: Plans, besides: str = "") -> set[str]:
    """The ids of all plans' issues, but for those of the plan `besides`."""
    found = set()
    for name in plans.names():
        if name != besides:
            data = load(plans.plan(name))
            found |= {item["issue"] for item in data["issues"].values()}
            found |= {data["epic"]["id"]} if data["epic"] else set()
    return found


def close(bd: Bd, plans: Plans, feature_id: str, reason: str) -> str | None:
    """Close the feature's issue; its id, None when it has none. Closing again changes nothing."""
    for name in reversed(plans.names()):
        issue = load(plans.plan(name))["issues"].get(feature_id)
        if issue:
            bd.close(issue["issue"], reason)
            return str(issue["issue"])
    return None


@dataclass
class _Maker:
    """Makes issues, or finds those that a run cut off had just made. bd is asked for its list once, when needed."""

    bd: Bd
    taken: set[str]
    made: int = 0
    _known: list[dict[str, Any]] | None = None

    def issue(self, title: str, type: str) -> str:
        if self._known is None:
            self._known = self.bd.issues()
        for item in self._known:
            same = item.get("title") == title and item.get("issue_type") == type
            if same and item.get("id") not in self.taken:
                self.taken.add(item["id"])
                return str(item["id"])
        self.made += 1
        return self.bd.create(title, type)


def _link(bd: Bd, plan: Plan, data: dict[str, Any], issue: dict[str, Any], before: str | None) -> None:
    epic = data["epic"]["id"]
    if issue.get("epic") != epic:
        bd.depend(issue["issue"], epic, "parent-child")
        issue["epic"] = epic
        _save(plan, data)
    if before and issue.get("after") != before:
        bd.depend(issue["issue"], before)
        issue["after"] = before
        _save(plan, data)


def _put(path: Path, lines: Sequence[str]) -> None:
    text = path.read_bytes().decode("utf-8", "surrogateescape")
    new = with_block(text, "\n".join(lines))
    if new != text:
        write_atomic(path, new.encode("utf-8", "surrogateescape"))


def _save(plan: Plan, data: dict[str, Any]) -> None:
    text = json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    if not plan.beads.is_file() or plan.beads.read_text(encoding="utf-8") != text:
        write_atomic(plan.beads, text.encode("utf-8"))

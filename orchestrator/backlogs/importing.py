"""One import: what is there is read and merged into the feature list, under the list's lock."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from orchestrator import files
from orchestrator.backlogs import kinds, merging, protocol
from orchestrator.backlogs.protocol import Backlog, Options
from orchestrator.features import model
from orchestrator.project import Project


class Imported(NamedTuple):
    """What was read, and the list before and after."""

    backlog: Backlog
    merged: merging.Merged
    before: bytes


def run(project: Project, given: Path | None, kind: str, options: Options, *, dry_run: bool) -> Imported:
    """Read the backlog and merge it; `dry_run` writes nothing. Raises OrchestratorError before anything is written."""
    chosen = kinds.choose(project.root, given, kind)
    backlog = kinds.format_of(chosen.kind).read(chosen.source, options)
    if options.open_only:
        backlog = protocol.open_only(backlog)
    if dry_run:
        return _merged(project, backlog)
    with files.lock(project.list_lock, purpose="the feature list"):
        done = _merged(project, backlog)
        if done.merged.data != done.before:
            files.write_atomic(project.features_path, done.merged.data)
    return done


def _merged(project: Project, backlog: Backlog) -> Imported:
    path = project.features_path
    before = project.read_features() if path.exists() else b""
    return Imported(backlog, merging.merge(before or merging.EMPTY, backlog, path.name), before)


def sessions(done: Imported) -> int:
    """About how many sessions a build needs for the entries: one for each that is neither done nor set aside."""
    now = model.parse(done.merged.data).by_id
    aside = {str(entry.id) for entry in done.merged.entries if entry.state == "dropped"}
    return sum(
        not feature.passes and not feature.blocked
        for entry in done.merged.entries
        if (feature := now[str(entry.id)]) and feature.id not in aside
    )

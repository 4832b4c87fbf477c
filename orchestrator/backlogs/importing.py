"""One import: what is there is read and merged into the feature list, under the list's lock."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from orchestrator import files
from orchestrator.backlogs import harness, kinds, merging, own_list, protocol, sources
from orchestrator.backlogs.protocol import Backlog, Options
from orchestrator.errors import OrchestratorError
from orchestrator.features import model
from orchestrator.features.dialects.tables import Rules
from orchestrator.project import Project


class Imported(NamedTuple):
    """What was read, and the list before and after; `keep` is where the list before is kept, None for nowhere."""

    backlog: Backlog
    merged: merging.Merged
    before: bytes
    keep: Path | None = None
    flattened: bool = False


def run(project: Project, given: Path | None, kind: str, options: Options, *, dry_run: bool) -> Imported:
    """Read the backlog and merge it; `dry_run` writes nothing. Raises OrchestratorError before anything is written."""
    work = _chosen(project, given, kind, options)
    if dry_run:
        return work()
    with files.lock(project.list_lock, purpose="the feature list"):
        done = work()
        if done.merged.data != done.before:
            _write(project.features_path, done)
    return done


def _write(listed: Path, done: Imported) -> None:
    """Keep a copy of the old list, then write the new one; remove the copy if that fails."""
    listed.parent.mkdir(parents=True, exist_ok=True)
    fresh = done.keep is not None and not done.keep.exists()
    if done.keep is not None:
        files.write_atomic(done.keep, done.before)
    try:
        files.write_atomic(listed, done.merged.data)
    except OrchestratorError:
        if done.keep is not None and fresh:
            done.keep.unlink()
        raise


def _chosen(project: Project, given: Path | None, kind: str, options: Options) -> Callable[[], Imported]:
    """Read what is meant. The feature list itself is rewritten flat; any other backlog is merged into it."""
    listed = project.features_path
    chosen = kinds.choose(project.root, given, kind, listed)
    if listed.exists() and chosen.source.resolve() == listed.resolve():
        return lambda: _flat(project, options)
    if harness.nested(sources.peek(listed)):
        name = sources.shown(listed, project.root)
        raise OrchestratorError(
            "the feature list is nested itself", where=name, fix=f"First `orchestrator import {name}`, then this"
        )
    return lambda: _merged(project, chosen, options)


def _merged(project: Project, chosen: kinds.Found, options: Options) -> Imported:
    backlog = kinds.format_of(chosen.kind).read(chosen.source, options)
    if options.open_only:
        backlog = protocol.open_only(backlog)
    path = project.features_path
    before = project.read_features() if path.exists() else b""
    return Imported(backlog, merging.merge(before or merging.EMPTY, backlog, path.name, project.rules), before)


def _flat(project: Project, options: Options) -> Imported:
    before = project.read_features()
    backlog = harness.read(project.features_path, options)
    after = own_list.flat(before, project.features_path.name, project.rules)
    added = tuple(str(entry.id) for entry in backlog.entries) if after != before else ()
    merged = merging.Merged(after, backlog.entries, added, {}, ())
    if after == before:
        return Imported(backlog, merged, before)
    keep = own_list.place_to_keep(project, before)
    kept = f"{sources.shown(keep, project.root)} keeps the list as it was" if keep else "git has the list as it was"
    return Imported(backlog._replace(notes=(*backlog.notes, kept)), merged, before, keep, flattened=True)


def sessions(done: Imported, rules: Rules) -> int:
    """About how many sessions a build needs for the entries: one for each that is neither done nor set aside."""
    now = model.parse(done.merged.data, rules=rules).by_id
    mine = (now[str(entry.id)] for entry in done.merged.entries)
    return sum(not (feature.passes or feature.blocked or feature.dropped) for feature in mine)

"""Texts that a step is about to replace are kept under refs/orchestrator/plans/, so that nobody's words are gone."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from datetime import datetime, timezone
from pathlib import Path

from orchestrator.git import commits, snapshot
from orchestrator.git.place import Place

REFS = "refs/orchestrator/plans"


def ref_for(place: Place, plan: str, step: str, now: datetime) -> str:
    """A ref that is free: `refs/orchestrator/plans/PLAN/STEP-TIME`."""
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", plan).strip("-") or "plan"
    stem = f"{REFS}/{name}/{step}-{now.astimezone(timezone.utc):%Y%m%d-%H%M%S}"
    ref, again = stem, 1
    while commits.resolve(place, ref) is not None:
        again += 1
        ref = f"{stem}-{again}"
    return ref


def keep_files(place: Place, ref: str, paths: Collection[Path], why: str) -> None:
    """Keep the files as they are now; those that are absent are passed over."""
    found: dict[str, tuple[str, str] | None] = {}
    for path in paths:
        if path.is_file():
            mode = "100755" if os.access(path, os.X_OK) else "100644"
            found[place.relative(path)] = (mode, place.git.write("blob", path.read_bytes()))
    keep_entries(place, ref, found, why)


def keep_entries(place: Place, ref: str, found: Mapping[str, tuple[str, str] | None], why: str) -> None:
    tree = snapshot.with_entries(place, snapshot.tree_of(place, place.head), found)
    commits.keep(place, ref, tree, why)


def command(place: Place, ref: str, path: Path) -> str:
    """What shows the kept text."""
    return f"git show {ref}:{place.relative(path)}"

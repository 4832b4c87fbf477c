"""What each step was made from and what it made, by content: the answer to "is it up to date?" in any clone.

doit's database is absent in a clone, and a task with file dependencies and no record of them runs. So the record
lies beside the artifacts, in `.stamps.json`, and goes with them. Digests are of content with LF ends, without
blank ends and the block that the tracker step writes: neither a checkout nor our own note is an edit.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from orchestrator import statefile
from orchestrator.files import write_atomic
from orchestrator.planning.paths import Plan
from orchestrator.staleness.tracker_block import without_block

VERSION = 1


class Stamped(Protocol):
    """A step, as far as its stamp needs it."""

    @property
    def name(self) -> str: ...

    def inputs(self, plan: Plan) -> Sequence[Path]:
        """The files it depends on; one that is absent counts as absent."""
        ...

    def outputs(self, plan: Plan) -> Mapping[str, Path]:
        """What it has made, by a name that stays when the file is renamed."""
        ...


@dataclass(frozen=True)
class Freshness:
    """Whether a step has nothing to do, and the reason in words."""

    up_to_date: bool
    reason: str


def freshness(step: Stamped, plan: Plan) -> Freshness:
    """Fresh when its inputs are those it was made from and nothing it made is missing or empty.

    What it made may differ from what it wrote: that is a person's edit, which counts for the steps that follow.
    """
    stamp = _read(plan).get(step.name)
    if stamp is None:
        return Freshness(False, "it has not run yet")
    changes = _differences(stamp.get("inputs", {}), _digests(plan, step.inputs(plan)))
    if changes:
        return Freshness(False, changes[0])
    if "skipped" in stamp:
        return Freshness(True, f"skipped: {stamp['skipped']}")
    present = step.outputs(plan)
    for name, path in sorted(stamp.get("outputs", {}).items()):
        found = present.get(name)
        if found is None or not found.is_file() or not found.stat().st_size:
            return Freshness(False, f"{path['file']} is missing")
    return Freshness(True, "nothing it depends on has changed")


def record(step: Stamped, plan: Plan) -> None:
    """Note that the step has just been done."""
    outputs = {
        name: {"file": plan.relative(path), "digest": _digest(path)}
        for name, path in sorted(step.outputs(plan).items())
    }
    _update(plan, step.name, {"inputs": _digests(plan, step.inputs(plan)), "outputs": outputs})


def skip(step: Stamped, plan: Plan, why: str) -> None:
    """Note that a person chose to go on without the step, as long as its inputs stay as they are."""
    _update(plan, step.name, {"inputs": _digests(plan, step.inputs(plan)), "skipped": why})


def forget(step: Stamped, plan: Plan) -> None:
    """Make the step run next time: a run that ends half-way must not pass for one that was done."""
    if step.name in _read(plan):
        _update(plan, step.name, None)


def _digests(plan: Plan, paths: Sequence[Path]) -> dict[str, str | None]:
    return {plan.relative(path): _digest(path) for path in sorted(paths)}


def _digest(path: Path) -> str | None:
    try:
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    text = without_block(content.decode("utf-8", "surrogateescape").replace("\r\n", "\n")).rstrip()
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _differences(then: Mapping[str, str | None], now: Mapping[str, str | None]) -> list[str]:
    found = []
    for path in sorted({*then, *now}):
        if then.get(path) == now.get(path):
            continue
        if then.get(path) is None:
            found.append(f"{path} is new")
        elif now.get(path) is None:
            found.append(f"{path} is gone")
        else:
            found.append(f"{path} has changed")
    return found


def _read(plan: Plan) -> dict[str, Any]:
    """The stamps by step; a file that is absent, broken or of another version counts as none."""
    data = statefile.read(plan.stamps, dict)
    steps = data.get("steps") if data.get("version") == VERSION else None
    return {name: stamp for name, stamp in steps.items() if isinstance(stamp, dict)} if isinstance(steps, dict) else {}


def _update(plan: Plan, name: str, stamp: Mapping[str, object] | None) -> None:
    steps = _read(plan)
    steps.pop(name, None)
    if stamp is not None:
        steps[name] = stamp
    text = json.dumps({"version": VERSION, "steps": dict(sorted(steps.items()))}, indent=2, ensure_ascii=False)
    plan.folder.mkdir(parents=True, exist_ok=True)
    write_atomic(plan.stamps, (text + "\n").encode("utf-8"))

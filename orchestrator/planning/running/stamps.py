"""What each step was made from and what it made, by content: the answer to "is it up to date?" in any clone.

doit's database is absent in a clone, and a task with file dependencies and no record of them runs. So the record
lies beside the artifacts, in `.stamps.json`, is committed with them, and holds what a later merge compares with:
a base in the git dir would be missing for the second person. It may be deleted: then the artifacts are taken as
they are. Digests are of content with LF ends, without blank ends and the block that the tracker step writes:
neither a checkout nor our own note is an edit.
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

    def missing(self, plan: Plan) -> str:
        """The first of what it makes that is not there, "" when all is."""
        ...

    def readable(self, plan: Plan) -> bool:
        """Whether what is there can be taken for its work where no stamp tells; False where it costs nothing anew."""
        ...

    def essential(self, plan: Plan) -> Sequence[Path]:
        """The inputs without which it can't be done again."""
        ...


@dataclass(frozen=True)
class Freshness:
    """Whether a step has nothing to do, and the reason in words."""

    up_to_date: bool
    reason: str


def freshness(step: Stamped, plan: Plan) -> Freshness:
    """Fresh when its inputs are those it was made from and nothing it made is missing or empty.

    What it made may differ from what it wrote: that is a person's edit, which counts for the steps that follow.
    An input that is gone and without which it can't be done again is no reason to: it was not committed.
    """
    stamp = _of(step, plan)
    missing = step.missing(plan)
    if stamp is None:
        taken = not missing and step.readable(plan)
        return Freshness(taken, "its files are taken as they are" if taken else "it has not run yet")
    if stamp.get("begun"):
        return Freshness(False, "it was cut off")
    changes = _differences(stamp.get("inputs", {}), _digests(plan, step.inputs(plan)), _absent(step, plan, missing))
    if changes:
        return Freshness(False, changes[0])
    if "skipped" in stamp:
        return Freshness(True, f"skipped: {stamp['skipped']}")
    if missing:
        return Freshness(False, f"{missing} is missing")
    if stamp.get("open"):
        return Freshness(False, "its question has no answer yet")
    return Freshness(True, "nothing it depends on has changed")


def is_open(step: Stamped, plan: Plan) -> bool:
    """Whether the step's session is done and only what is asked after it is not answered."""
    stamp = _of(step, plan)
    if stamp is None or stamp.get("begun") or not stamp.get("open") or step.missing(plan):
        return False
    return not _differences(stamp.get("inputs", {}), _digests(plan, step.inputs(plan)), set())


def record(step: Stamped, plan: Plan, data: Mapping[str, object] | None = None, *, open: bool = False) -> None:
    """Note that the step has just been done; `data` None keeps what it noted before, `open` leaves its question."""
    outputs = {
        name: {"file": plan.relative(path), "digest": digest(path)}
        for name, path in sorted(step.outputs(plan).items())
        if path.is_file()
    }
    kept = notes(step, plan) if data is None else data
    stamp: dict[str, object] = {"inputs": _digests(plan, step.inputs(plan)), "outputs": outputs}
    _update(plan, step.name, stamp | ({"data": kept} if kept else {}) | ({"open": True} if open else {}))


def close(step: Stamped, plan: Plan) -> bool:
    """Note the answer to an open question; False where there was none. What was edited meanwhile stays an edit."""
    stamp = _of(step, plan)
    if stamp is None or not stamp.pop("open", False):
        return False
    _update(plan, step.name, stamp)
    if "typed" in notes(step, plan):
        note(step, plan, typed=None)
    return True


def adopt(step: Stamped, plan: Plan) -> None:
    """Record a step without a stamp whose work is there; whose work it is, nobody knows."""
    if _of(step, plan) is None:
        record(step, plan)
        _update(plan, step.name, {**(_of(step, plan) or {}), "taken": True})


def known(step: Stamped, plan: Plan) -> bool:
    """Whether there is a stamp of the step."""
    return _of(step, plan) is not None


def made(step: Stamped, plan: Plan) -> list[Path]:
    """The outputs that the step itself made and nobody has touched since."""
    stamp = _of(step, plan)
    if stamp is None or "skipped" in stamp or stamp.get("taken"):
        return []
    changed = edited(step, plan)
    return [path for path in step.outputs(plan).values() if path.is_file() and path not in changed]


def spend(plan: Plan, cost_usd: float | None) -> None:
    """Add a session to what the plan has taken."""
    sessions, dollars = spent(plan)
    known = dollars if cost_usd is None else round((dollars or 0.0) + cost_usd, 6)
    _write(plan, {**_whole(plan), "spent": {"sessions": sessions + 1, "cost_usd": known}})


def spent(plan: Plan) -> tuple[int, float | None]:
    """How many sessions the plan has taken, and their cost in dollars as far as it is known."""
    found = _whole(plan).get("spent")
    found = found if isinstance(found, dict) else {}
    sessions, dollars = found.get("sessions"), found.get("cost_usd")
    return (sessions if isinstance(sessions, int) else 0), (dollars if isinstance(dollars, float | int) else None)


def skip(step: Stamped, plan: Plan, why: str) -> None:
    """Note that a person chose to go on without the step, as long as its inputs stay as they are."""
    _update(plan, step.name, {"inputs": _digests(plan, step.inputs(plan)), "skipped": why})


def begin(step: Stamped, plan: Plan) -> None:
    """Make the step run next time too: a run that ends half-way must not pass for one that was done."""
    _update(plan, step.name, {**(_of(step, plan) or {}), "begun": True})


def forget(step: Stamped, plan: Plan) -> None:
    """As if the step had never run."""
    if step.name in _read(plan):
        _update(plan, step.name, None)


def rebase(step: Stamped, plan: Plan) -> None:
    """Take the inputs as they are now for those that the step was made from."""
    stamp = _of(step, plan)
    if stamp is not None:
        _update(plan, step.name, {**stamp, "inputs": _digests(plan, step.inputs(plan))})


def skipped(step: Stamped, plan: Plan) -> bool:
    return "skipped" in (_of(step, plan) or {})


def notes(step: Stamped, plan: Plan) -> dict[str, Any]:
    """What the step noted for its next run; empty without a stamp."""
    found = (_of(step, plan) or {}).get("data")
    return dict(found) if isinstance(found, dict) else {}


def note(step: Stamped, plan: Plan, **values: object) -> None:
    """Add to the step's notes; a value of None takes the note away."""
    stamp = _of(step, plan) or {"begun": True}
    kept = {name: value for name, value in {**notes(step, plan), **values}.items() if value is not None}
    _update(plan, step.name, {**stamp, "data": kept})


def wrote(step: Stamped, plan: Plan) -> dict[str, str]:
    """The digest of each output as the step last wrote it, by the output's name."""
    outputs = (_of(step, plan) or {}).get("outputs", {})
    return {name: item["digest"] for name, item in outputs.items()}


def edited(step: Stamped, plan: Plan) -> list[Path]:
    """The outputs that are not as the step wrote them; without a stamp all that are there."""
    written = wrote(step, plan)
    present = [(name, path) for name, path in step.outputs(plan).items() if path.is_file()]
    return [path for name, path in present if digest(path) != written.get(name)]


def digest(path: Path) -> str | None:
    """The digest of a file's content; None for an absent one."""
    try:
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    return digest_of(content.decode("utf-8", "surrogateescape"))


def digest_of(text: str) -> str:
    kept = without_block(text.replace("\r\n", "\n")).rstrip()
    return hashlib.sha256(kept.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _absent(step: Stamped, plan: Plan, missing: str) -> set[str]:
    if missing:
        return set()
    return {plan.relative(path) for path in step.essential(plan) if not path.is_file()}


def _digests(plan: Plan, paths: Sequence[Path]) -> dict[str, str | None]:
    return {plan.relative(path): digest(path) for path in sorted(paths)}


def _differences(then: Mapping[str, str | None], now: Mapping[str, str | None], passed: set[str]) -> list[str]:
    found = []
    for path in sorted({*then, *now} - passed):
        if then.get(path) == now.get(path):
            continue
        if then.get(path) is None:
            found.append(f"{path} is new")
        elif now.get(path) is None:
            found.append(f"{path} is gone")
        else:
            found.append(f"{path} has changed")
    return found


def _of(step: Stamped, plan: Plan) -> dict[str, Any] | None:
    return _read(plan).get(step.name)


def _read(plan: Plan) -> dict[str, Any]:
    """The stamps by step."""
    steps = _whole(plan).get("steps")
    return {name: stamp for name, stamp in steps.items() if isinstance(stamp, dict)} if isinstance(steps, dict) else {}


def _whole(plan: Plan) -> dict[str, Any]:
    """The file's content; one that is absent, broken or of another version counts as empty."""
    found = statefile.read(plan.stamps, dict)
    return found if found.get("version") == VERSION else {}


def _update(plan: Plan, name: str, stamp: Mapping[str, object] | None) -> None:
    steps = _read(plan)
    steps.pop(name, None)
    if stamp is not None:
        steps[name] = stamp
    _write(plan, {**_whole(plan), "steps": dict(sorted(steps.items()))})


def _write(plan: Plan, data: Mapping[str, object]) -> None:
    text = json.dumps({"version": VERSION, **data}, indent=2, ensure_ascii=False)
    plan.folder.mkdir(parents=True, exist_ok=True)
    write_atomic(plan.stamps, (text + "\n").encode("utf-8"))

"""`.workflow-checkpoints/UUID.json`: where planning failed or was stopped, and which of these to clear away."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from orchestrator import statefile
from orchestrator.files import write_atomic

FOLDER = ".workflow-checkpoints"
OFFER_AT_DAYS = 30
"""A checkpoint of this age brings the clean-up menu."""

OLD_DAYS = 10
"""What the menu's first choice calls old."""


@dataclass(frozen=True)
class Checkpoint:
    """`phase` is such as `planning-failed`; `timestamp` is UTC, ISO 8601 with a Z; `artifacts` absolute paths."""

    id: str
    phase: str
    timestamp: str
    artifacts: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    git_commit: str = ""
    plan: str = ""
    path: Path = field(default=Path(), compare=False)

    @property
    def order(self) -> tuple[datetime, str]:
        """Sorts the newest last; one whose time can't be read is older than any."""
        return (_time(self.timestamp) or datetime.min.replace(tzinfo=timezone.utc), self.id)


def write(
    root: Path,
    phase: str,
    *,
    plan: str,
    artifacts: Iterable[Path],
    errors: Sequence[str],
    git_commit: str,
    now: datetime,
) -> Checkpoint:
    """Leave the one checkpoint of `plan`, in place of earlier ones of it. `now` has a time zone."""
    for earlier in of_plan(load_all(root), plan):
        delete([earlier])
    own = str(uuid.uuid4())
    made = Checkpoint(
        id=own,
        phase=phase,
        timestamp=now.astimezone(timezone.utc).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        artifacts=tuple(str(path) for path in artifacts),
        errors=tuple(errors),
        git_commit=git_commit,
        plan=plan,
        path=root / FOLDER / f"{own}.json",
    )
    made.path.parent.mkdir(exist_ok=True)
    write_atomic(made.path, (json.dumps(_to_data(made), indent=2, ensure_ascii=False) + "\n").encode("utf-8"))
    return made


def load_all(root: Path) -> list[Checkpoint]:
    """All checkpoints, oldest first; a file that is none is passed over."""
    files = sorted((root / FOLDER).glob("*.json"))
    return sorted(filter(None, map(_load, files)), key=lambda checkpoint: checkpoint.order)


def newest(checkpoints: Sequence[Checkpoint]) -> Checkpoint | None:
    return max(checkpoints, key=lambda checkpoint: checkpoint.order, default=None)


def of_plan(checkpoints: Iterable[Checkpoint], plan: str) -> list[Checkpoint]:
    return [checkpoint for checkpoint in checkpoints if checkpoint.plan == plan]


def age_days(timestamp: str, now: datetime) -> int:
    """Whole days; 0 for a time that can't be read or lies ahead. One without a zone is taken for UTC."""
    then = _time(timestamp)
    return max(0, (now - then).days) if then else 0


def offer_clean_up(checkpoints: Iterable[Checkpoint], now: datetime) -> bool:
    """Whether there is a checkpoint old enough to ask about."""
    return any(age_days(item.timestamp, now) >= OFFER_AT_DAYS for item in checkpoints)


def oldest(checkpoints: Iterable[Checkpoint], now: datetime, days: int = OLD_DAYS) -> list[Checkpoint]:
    """Those that are `days` old or older."""
    return [item for item in checkpoints if age_days(item.timestamp, now) >= days]


def last_days(checkpoints: Iterable[Checkpoint], now: datetime, days: int) -> list[Checkpoint]:
    """Those of the last `days` days, as the menu says (the original deleted the others)."""
    since = now - timedelta(days=days)
    return [item for item in checkpoints if (_time(item.timestamp) or since) > since]


def delete(checkpoints: Iterable[Checkpoint]) -> tuple[int, int]:
    """How many are gone, and how many could not be deleted."""
    gone = failed = 0
    for checkpoint in checkpoints:
        try:
            checkpoint.path.unlink(missing_ok=True)
            gone += 1
        except OSError:
            failed += 1
    return gone, failed


def _to_data(checkpoint: Checkpoint) -> dict[str, Any]:
    title = checkpoint.phase.rpartition("-")[0].replace("-", " ").title()
    return {
        "id": checkpoint.id,
        "phase": checkpoint.phase,
        "timestamp": checkpoint.timestamp,
        "state_snapshot": {
            "phase": title,
            "context_usage": 0.0,
            "artifacts": list(checkpoint.artifacts),
            "errors": list(checkpoint.errors),
        },
        "git_commit": checkpoint.git_commit,
        "plan": checkpoint.plan,
    }


def _load(path: Path) -> Checkpoint | None:
    data = statefile.kept(path, dict)
    state = data.get("state_snapshot")
    if not isinstance(state, dict):
        return None
    return Checkpoint(
        id=str(data.get("id", path.stem)),
        phase=str(data.get("phase", "")),
        timestamp=str(data.get("timestamp", "")),
        artifacts=_texts(state.get("artifacts")),
        errors=_texts(state.get("errors")),
        git_commit=str(data.get("git_commit") or ""),
        plan=str(data.get("plan", "")),
        path=path,
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()


def _time(timestamp: str) -> datetime | None:
    try:
        # Python 3.10 does not read the Z.
        found = datetime.fromisoformat(timestamp.replace("Z", "+00:00"))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)

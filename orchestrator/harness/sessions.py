"""The log of every agent session: a JSON file each, and a block in agent-progress.txt (docs/contract.md, section 8)."""

from __future__ import annotations

import dataclasses
import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestrator import files
from orchestrator.errors import OrchestratorError

if TYPE_CHECKING:
    from orchestrator.agents.protocol import SessionResult

FOLDER = Path(".agent", "sessions")
PROGRESS = "agent-progress.txt"
_NAME = re.compile(r"session-(\d+)\.json")


@dataclass(frozen=True)
class SessionRecord:
    """One session. `timestamp` is ISO 8601 with its offset; `feature` is None if the session was about none. In the
    fields after `error`, None and "" mean "not known".
    """

    session: int
    timestamp: str
    feature: str | None
    success: bool
    elapsed_seconds: float
    error: str = ""
    attempt: int | None = None
    kind: str = ""
    outcome: str = ""
    model: str = ""
    cost_usd: float | None = None
    usage: dict[str, int] | None = None
    agent_session_id: str = ""
    commit: str = ""
    digest: str = ""
    verify: dict[str, Any] | None = None
    guard: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


_NOTHING = type(None)
_TEXTS = ("timestamp", "error", "kind", "outcome", "model", "agent_session_id", "commit", "digest")
_TYPES: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(_TEXTS, (str,)),
    "session": (int,),
    "feature": (str, _NOTHING),
    "success": (bool,),
    "elapsed_seconds": (int, float),
    "attempt": (int, _NOTHING),
    "cost_usd": (int, float, _NOTHING),
    "usage": (dict, _NOTHING),
    "verify": (dict, _NOTHING),
    "guard": (list,),
    "notes": (list,),
}
_NEEDED = {"session", "timestamp", "feature", "success", "elapsed_seconds"}


def next_number(root: Path) -> int:
    """One more than the highest number there is, whatever gaps."""
    return max((number for number, _ in _logs(root)), default=0) + 1


def keep_prompt(root: Path, number: int, prompt: str) -> None:
    """Keep what the session is asked beside its streams, for as long as they are kept, and without secrets."""
    from orchestrator.processes.redact import Redactor

    files.make_folder(root / FOLDER)
    text = Redactor(os.environ)(prompt)
    files.write_atomic(raw(root, number, ".prompt"), text.encode("utf-8", "replace"), private=True)


def raw(root: Path, number: int, suffix: str) -> Path:
    """Where something that the session said or heard is kept for a while: `.prompt`, `.stdout`, `.stderr`."""
    return root / FOLDER / f"session-{number:03d}{suffix}"


def of_result(number: int, when: datetime, feature: str, kind: str, result: SessionResult | None) -> SessionRecord:
    """The record of a session as the agent tells of it; `result` is None where the run was killed in it."""
    timestamp = when.isoformat(timespec="milliseconds")
    if result is None:
        return SessionRecord(number, timestamp, feature, False, 0.0, kind=kind, outcome="killed")
    return SessionRecord(
        session=number,
        timestamp=timestamp,
        feature=feature,
        success=result.success,
        elapsed_seconds=round(result.elapsed, 3),
        error=result.error,
        kind=kind,
        outcome=result.outcome.value,
        model=result.model,
        cost_usd=result.cost_usd,
        usage=dataclasses.asdict(result.usage) if result.usage else None,
        agent_session_id=result.agent_session_id,
    )


def write(root: Path, record: SessionRecord) -> Path:
    """Keep the record; where another process has taken its number meanwhile, under the next free one.

    Returns the log's path. Raises OrchestratorError where it can't be written.
    """
    try:
        path, record = _take_number(root, record)
        text = json.dumps(dataclasses.asdict(record), indent=2, ensure_ascii=False)
        files.write_atomic(path, text.encode("utf-8", "backslashreplace") + b"\n")
        files.append(root / PROGRESS, _block(record).encode("utf-8", "backslashreplace"), private=True)
    except OSError as error:
        raise OrchestratorError(
            f"cannot write the session's log: {error.strerror}", where=str(error.filename or root / FOLDER)
        ) from error
    return path


def _take_number(root: Path, record: SessionRecord) -> tuple[Path, SessionRecord]:
    """Claim the record's number, or else the next free one, by making its file."""
    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    while True:
        path = folder / f"session-{record.session:03d}.json"
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            return path, record
        except FileExistsError:
            record = dataclasses.replace(record, session=max(next_number(root), record.session + 1))


def _block(record: SessionRecord) -> str:
    lines = [
        "",
        "---",
        f"Session: {record.session}",
        f"Timestamp: {record.timestamp}",
        f"Feature: {' '.join(str(record.feature).split())}",
        f"Success: {record.success}",
        f"Duration: {record.elapsed_seconds:.1f}s",
    ]
    error = " ".join(record.error.split())
    if error:
        lines.append(f"Error: {error[:500]}")
    return "\n".join(lines) + "\n"


def read_all(root: Path) -> list[SessionRecord]:
    """All records that can be read, sorted by number; other files are ignored."""
    found = []
    for _, path in _logs(root):
        try:
            record = _record(json.loads(path.read_bytes()))
        except (OSError, ValueError, RecursionError):
            continue
        if record is not None:
            found.append(record)
    return found


def _record(data: object) -> SessionRecord | None:
    """The record in a log's JSON; None when a field is missing or is not what it should be."""
    if not isinstance(data, dict):
        return None
    values = {name: value for name, value in data.items() if name in _TYPES}
    fits = all(isinstance(value, _TYPES[name]) for name, value in values.items())
    return SessionRecord(**values) if fits and values.keys() >= _NEEDED else None


def average_cost(records: Iterable[SessionRecord]) -> float | None:
    """Dollars a session, over those whose cost is known; None when none is."""
    costs = [record.cost_usd for record in records if record.cost_usd is not None]
    return sum(costs) / len(costs) if costs else None


def _logs(root: Path) -> list[tuple[int, Path]]:
    try:
        entries = list((root / FOLDER).iterdir())
    except OSError:
        return []
    return sorted((int(found[1]), path) for path in entries if (found := _NAME.fullmatch(path.name)))

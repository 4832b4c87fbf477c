"""What was learned, under `.agent/memory/`: a file a note, so that two people's notes never conflict in a merge.

What is recorded (`record`, a person's or an agent's file) belongs into git. What a build notes of an attempt that
failed (`attempt-*.md`) does not: a run leaves no file to be committed (own_files ignores them).
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from datetime import datetime, timezone
from pathlib import Path

from orchestrator import files
from orchestrator.errors import OrchestratorError
from orchestrator.features.names import slug
from orchestrator.harness import notes
from orchestrator.harness.context import Piece, fitting
from orchestrator.harness.notes import Note
from orchestrator.harness.own_files import MEMORY
from orchestrator.processes.redact import Redactor

OUTCOMES = {"success": "strategies", "failure": "failures"}
_SUFFIXES = (".md", ".txt")
_LONGEST = 1 << 16  # bytes of a note that are read
_ATTEMPTS = 200  # that are kept
_FEW = 3
_PROMPT_TOKENS = 2000


def record(root: Path, outcome: str, feature: str, text: str, now: datetime) -> Path:
    """Note a success (a strategy that worked) or a failure of work on the feature, without secrets; the new file."""
    clean = Redactor(os.environ)(text).strip()
    if not clean:
        raise OrchestratorError("there is nothing to record", fix="Say what was learned")
    return _write(root, OUTCOMES[outcome], "", feature, outcome, clean, now)


def record_attempt(root: Path, feature: str, attempt: int, session: int, reason: str, now: datetime) -> None:
    """Note why an attempt of a build failed; of such notes the newest are kept."""
    text = notes.of_attempt(attempt, session, Redactor(os.environ)(reason))
    _write(root, "failures", "attempt-", feature, "failure", text, now)
    kept = sorted((root / MEMORY / "failures").glob("attempt-*.md"))
    for path in kept[:-_ATTEMPTS]:
        path.unlink(missing_ok=True)


def _write(root: Path, kind: str, prefix: str, feature: str, outcome: str, text: str, now: datetime) -> Path:
    folder = root / MEMORY / kind
    files.make_folder(folder)
    utc = now.astimezone(timezone.utc)
    path = folder / f"{prefix}{utc:%Y%m%d-%H%M%S}-{slug(feature)}-{os.urandom(4).hex()}.md"
    created = utc.isoformat(timespec="milliseconds")
    files.write_atomic(path, notes.written(feature, outcome, created, text).encode("utf-8", "replace"))
    return path


def read(root: Path, kind: str) -> list[Note]:
    """The notes of a kind, the newest first, fit to be shown; of a very long one its beginning."""
    redact = Redactor(os.environ)
    return notes.newest_first(
        note._replace(text=redact(note.text), path=redact(note.path), created=redact(note.created))
        for note in _notes(root / MEMORY, kind)
    )


def _notes(memory: Path, kind: str) -> Iterator[Note]:
    for path in sorted((memory / kind).rglob("*")):
        if path.suffix not in _SUFFIXES or path.is_symlink() or not path.is_file():
            continue
        with path.open("rb") as file:
            content = file.read(_LONGEST).decode("utf-8", "replace")
        changed = datetime.fromtimestamp(path.stat().st_mtime, timezone.utc).isoformat(timespec="milliseconds")
        yield notes.parsed(path.relative_to(memory).as_posix(), content, changed)


def relevant(root: Path, feature: str, dependencies: Collection[str], failure: str) -> list[Note]:
    """What a session for the feature should know: constraints, the newest failures of it and strategies for it or what
    it builds on, those about no feature too. What the prompt says of the last `failure` anyway is left out.
    """
    told = notes.ending(failure.strip().partition("\n")[2] or failure) if failure else None
    failures = [note for note in read(root, "failures") if note.feature in ("", feature)]
    if told is not None:
        failures = [note for note in failures if told not in note.text]
    strategies = [note for note in read(root, "strategies") if note.feature in ("", feature, *dependencies)]
    chosen = [note for note in read(root, "constraints") if note.feature in ("", feature)]
    chosen += [*failures[:_FEW], *strategies[:_FEW]]
    return chosen[: len(fitting([Piece("", note.text) for note in chosen], _PROMPT_TOKENS))]

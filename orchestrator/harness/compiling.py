"""Gathers what the compiled context is made of, and keeps it where the next session finds it."""

from __future__ import annotations

import json
import os
import re
from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from orchestrator import files
from orchestrator.harness import memory, sessions
from orchestrator.harness.context import Piece, compiled
from orchestrator.harness.notes import Note
from orchestrator.processes.redact import Redactor

CURRENT = Path(".agent", "working-context", "current.md")
ARTIFACTS = Path(".agent", "artifacts")
_FAILURES, _STRATEGIES, _PROGRESS_LINES, _ARTIFACTS = 5, 3, 30, 200
_PROGRESS = "Progress"


def compile_context(root: Path, name: str, current: str, feature: Mapping[str, Any] | None, limit: int) -> str:
    """The context, kept in CURRENT too. `current` is a line about the feature that is worked on, None for none."""
    redact = Redactor(os.environ)
    pieces = [piece._replace(text=redact(piece.text)) for piece in _pieces(root, current, feature)]
    text = compiled(f"Context of {redact(name)}", pieces, limit, frozenset([_PROGRESS]))
    files.make_folder((root / CURRENT).parent)
    files.write_atomic(root / CURRENT, text.encode("utf-8", "replace"), private=True)
    return text


def _pieces(root: Path, current: str, feature: Mapping[str, Any] | None) -> Iterator[Piece]:
    """The most important first."""
    yield Piece("Current feature", current + (f"\n\n{_block(feature)}" if feature else ""))
    yield from (Piece("Constraints", _note(note)) for note in memory.read(root, "constraints"))
    failures, strategies = memory.read(root, "failures"), memory.read(root, "strategies")
    yield from (Piece("Failures, the newest first", _note(note)) for note in failures[:_FAILURES])
    yield from (Piece("Strategies that worked, the newest first", _note(note)) for note in strategies[:_STRATEGIES])
    yield from (Piece("Artifacts", line) for line in _artifacts(root))
    yield from (Piece(_PROGRESS, f"    {line}") for line in _progress(root))


def _block(feature: Mapping[str, Any]) -> str:
    text = json.dumps(feature, indent=2, ensure_ascii=False, default=list)
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{fence}json\n{text}\n{fence}"


def _note(note: Note) -> str:
    about = f"{note.feature}, {note.when}" if note.feature else note.when
    return f"### {about} (`{note.path}`)\n\n{note.text}"


def _artifacts(root: Path) -> list[str]:
    found = [path for path in sorted((root / ARTIFACTS).rglob("*")) if path.is_file() and path.name != ".gitkeep"]
    return [f"- `{path.relative_to(root).as_posix()}` ({path.stat().st_size} bytes)" for path in found[:_ARTIFACTS]]


def _progress(root: Path) -> list[str]:
    """The last lines, the newest first."""
    try:
        with (root / sessions.PROGRESS).open(encoding="utf-8", errors="replace") as file:
            last = deque((line.rstrip() for line in file if line.strip()), maxlen=_PROGRESS_LINES)
    except (FileNotFoundError, IsADirectoryError):
        return []
    return list(reversed(last))

"""The index on disk: one JSON document behind its own checksum, written whole, deletable at any time."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from orchestrator import files
from orchestrator.history.events import Message
from orchestrator.history.ledger import Event, Undoing

Heads = Mapping[str, tuple[int, ...]]


def load(path: Path, fit: str) -> tuple[list[Event], dict[str, tuple[int, ...]], dict[str, list[str]]] | None:
    """Events, tips and reached commits as saved; None where the file is absent, damaged or does not fit."""
    try:
        checksum, _, text = path.read_bytes().partition(b"\n")
    except OSError:
        return None
    if checksum != _checksum(text):
        return None
    data = json.loads(text)
    if data["fit"] != fit:
        return None
    tips = {sha: tuple(positions) for sha, positions in data["tips"].items()}
    return [_event(*item) for item in data["events"]], tips, data["reached"]


def save(path: Path, fit: str, events: Sequence[Event], tips: Heads, reached: Mapping[str, list[str]]) -> None:
    """Best effort: a cache that can't be written costs time, nothing else."""
    items = [_item(event) for event in events]
    data = {"fit": fit, "events": items, "tips": dict(tips), "reached": dict(reached)}
    text = json.dumps(data, separators=(",", ":")).encode()
    files.keep(path, _checksum(text) + b"\n" + text)


def _checksum(text: bytes) -> bytes:
    return b"%08x" % zlib.crc32(text)


def _item(event: Event) -> list[object]:
    said = event.message
    undoes = [[u.sha, u.subject, u.brought, u.kept, u.instead, u.asks] for u in event.undoes]
    words = [said.subject, said.completed, said.reopened, said.digests, said.verified]
    return [event.sha, event.time, event.parents, words, undoes]


def _event(sha: str, time: int, parents: list[int], words: list[Any], undoes: list[list[Any]]) -> Event:
    subject, completed, reopened, digests, verified = words
    message = Message(subject, tuple(completed), tuple(reopened), (), digests, tuple(verified))
    return Event(sha, time, message, tuple(parents), tuple(_undoing(*undoing) for undoing in undoes))


def _undoing(
    sha: str, subject: str, brought: list[int] | None, kept: str, instead: list[int] | None, asks: bool
) -> Undoing:
    return Undoing(sha, subject, _positions(brought), kept, _positions(instead), asks)


def _positions(found: list[int] | None) -> tuple[int, ...] | None:
    return None if found is None else tuple(found)

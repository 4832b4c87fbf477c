"""The index on disk: one JSON document behind its own checksum, written whole, deletable at any time."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from orchestrator import files
from orchestrator.history.events import Message
from orchestrator.history.ledger import Event, Undoing
from orchestrator.history.listed import Turn


class Saved(NamedTuple):
    """All that the index keeps: see there."""

    events: Sequence[Event] = ()
    tips: Mapping[str, tuple[int, ...]] = {}
    reached: Mapping[str, list[str]] = {}
    turns: Mapping[str, Turn] = {}
    searched: Sequence[str] = ()
    heads: Mapping[str, OfHead] = {}
    suspects: Mapping[str, Sequence[str]] = {}


class OfHead(NamedTuple):
    """What was found out about one head beside its events: see `Ledger`."""

    settled: Mapping[str, tuple[str, bool]] = {}
    behind: Sequence[str] | None = None
    marked: Sequence[str] = ()


def load(path: Path, fit: str) -> Saved | None:
    """What was saved; None where the file is absent, damaged or does not fit."""
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
    turns = {sha: _turn(*item) for sha, item in data["turns"].items()}
    heads = {sha: _of_head(*item) for sha, item in data["heads"].items()}
    events = [_event(*item) for item in data["events"]]
    return Saved(events, tips, data["reached"], turns, data["searched"], heads, data["suspects"])


def save(path: Path, fit: str, saved: Saved) -> None:
    """Best effort: a cache that can't be written costs time, nothing else."""
    data = {
        "fit": fit,
        "events": [_item(event) for event in saved.events],
        "tips": dict(saved.tips),
        "reached": dict(saved.reached),
        "turns": {sha: [turn.time, _words(turn.message), turn.flags] for sha, turn in saved.turns.items()},
        "searched": saved.searched,
        "heads": saved.heads,
        "suspects": dict(saved.suspects),
    }
    text = json.dumps(data, separators=(",", ":")).encode()
    files.keep(path, _checksum(text) + b"\n" + text)


def _checksum(text: bytes) -> bytes:
    return b"%08x" % zlib.crc32(text)


def _item(event: Event) -> list[object]:
    undoes = [[u.sha, u.subject, u.brought, u.kept, u.instead, u.asks] for u in event.undoes]
    return [event.sha, event.time, event.parents, _words(event.message), undoes]


def _words(said: Message) -> list[object]:
    return [said.subject, said.completed, said.reopened, said.digests, said.verified]


def _message(subject: str, completed: list[str], reopened: list[str], digests: Any, verified: list[str]) -> Message:
    return Message(subject, tuple(completed), tuple(reopened), (), digests, tuple(verified))


def _turn(time: int, words: list[Any], flags: Mapping[str, bool | None]) -> Turn:
    return Turn(time, _message(*words), flags)


def _of_head(settled: Mapping[str, list[Any]], behind: list[str] | None, marked: Sequence[str] = ()) -> OfHead:
    return OfHead({id: (sha, on) for id, (sha, on) in settled.items()}, behind, marked)


def _event(sha: str, time: int, parents: list[int], words: list[Any], undoes: list[list[Any]]) -> Event:
    return Event(sha, time, _message(*words), tuple(parents), tuple(_undoing(*undoing) for undoing in undoes))


def _undoing(
    sha: str, subject: str, brought: list[int] | None, kept: str, instead: list[int] | None, asks: bool
) -> Undoing:
    return Undoing(sha, subject, _positions(brought), kept, _positions(instead), asks)


def _positions(found: list[int] | None) -> tuple[int, ...] | None:
    return None if found is None else tuple(found)

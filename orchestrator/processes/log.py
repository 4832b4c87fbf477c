"""The raw streams of sessions on disk: redacted before they are written, bounded, and not kept for ever."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path

from orchestrator.processes.redact import Flow, Redactor

HEAD = TAIL = 8 << 20
SUFFIXES = (".stdout", ".stderr", ".prompt")


class Log:
    """The log of one stream, readable by its owner only. Of a long stream its head and its tail are kept, also if we
    are killed. A full disk ends the log, not the session.
    """

    def __init__(self, path: Path, redact: Redactor, *, head: int = HEAD, tail: int = TAIL) -> None:
        self._flow = Flow(redact)
        self._head, self._tail = head, tail
        self._left_out = 0
        self._start = head  # where the tail begins
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        binary = getattr(os, "O_BINARY", 0)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | binary, 0o600)
        self._file = open(handle, "r+b", buffering=0)  # noqa: SIM115
        self._works = True

    def feed(self, piece: bytes) -> None:
        self._write(self._flow.feed(piece))

    def close(self) -> None:
        self._write(self._flow.close())
        self._cut(self._tail)
        self._file.close()

    def _write(self, text: bytes) -> None:
        if not (text and self._works):
            return
        try:
            self._file.write(text)
        except OSError:
            self._works = False
        self._cut(2 * self._tail)

    def _cut(self, most: int) -> None:
        """If more than `most` bytes follow the head, keep only the last of them."""
        size = self._file.tell()
        if not self._works or size <= self._start + most:
            return
        try:
            self._file.seek(size - self._tail)
            kept = self._file.read(self._tail)
            self._left_out += size - self._tail - self._start
            note = b"\n[... %d bytes left out ...]\n" % self._left_out
            self._file.truncate(self._head)
            self._file.seek(self._head)
            self._file.write(note + kept)
            self._start = self._head + len(note)
        except OSError:
            self._works = False


def expire(folder: Path, days: float) -> None:
    """Remove the raw streams in `folder` that are older than `days`; 0 keeps them for ever."""
    if not days:
        return
    oldest = time.time() - days * 86400
    for path in _streams(folder):
        try:
            if path.stat().st_mtime < oldest:
                path.unlink()
        except OSError:
            continue


def _streams(folder: Path) -> Iterable[Path]:
    try:
        return [path for path in folder.iterdir() if path.suffix in SUFFIXES and path.is_file()]
    except OSError:
        return []

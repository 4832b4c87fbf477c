"""The output of a child on its way to us: a file without a name, whose disk space is freed as it is read.

Through a pipe that is not read at once, the end of Claude Code's output was lost; with a regular file it never was.
The file has no name because its content is not redacted yet.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PIECE = 1 << 20
MOST = 256 << 20
"""Bytes that may lie unread: of a child that prints faster than we read the middle is passed over."""
KEPT = 16 << 20
"""Bytes at the end that are read all the same then."""
GIVE_BACK = 4 << 20


class Spool:
    """`handle` is what the child writes to, always at the end."""

    def __init__(self) -> None:
        handle, name = tempfile.mkstemp(prefix="orchestrator-output-")
        os.close(handle)
        binary = getattr(os, "O_BINARY", 0)
        self.handle = os.open(name, os.O_WRONLY | os.O_APPEND | binary)
        self._file = open(name, "r+b", buffering=0)  # noqa: SIM115
        self._name = name
        if os.name == "posix":
            Path(name).unlink()
            self._name = ""
        self.total = 0
        """Bytes that were printed so far, as far as we have looked."""
        self._at = self._given = 0

    def close(self) -> None:
        os.close(self.handle)
        self._file.close()
        if self._name:
            Path(self._name).unlink(missing_ok=True)

    def read(self) -> bytes:
        """The next piece of what is there by now, b"" when all of it was read."""
        size = os.fstat(self._file.fileno()).st_size
        if size < self._at:  # the child truncated it, as `> /dev/stdout` does
            self._at = self._given = 0
        gap = b""
        if size - self._at > MOST:
            left_out = size - KEPT - self._at
            self._at += left_out
            self.total += left_out
            gap = b"\n[... %d bytes were not read ...]\n" % left_out
        self._file.seek(self._at)
        piece = self._file.read(min(PIECE, size - self._at))
        self._at += len(piece)
        self.total += len(piece)
        self._give_back(size)
        return gap + piece

    def _give_back(self, size: int) -> None:
        if self._at - self._given < GIVE_BACK:
            return
        if _punch(self._file.fileno(), self._given, self._at - self._given):
            self._given = self._at
        elif self._at == size and size > MOST // 4:
            # What the child prints between the look at the size and this line is lost: a little of very much.
            os.ftruncate(self._file.fileno(), 0)
            self._at = self._given = 0


def _punch(handle: int, start: int, length: int) -> bool:
    """Free the disk below what was read; False where that can't be done."""
    if not sys.platform.startswith("linux"):
        return False
    import ctypes

    keep_size, punch_hole = 1, 2
    library: Any = ctypes.CDLL(None)
    offset = ctypes.c_int64
    return bool(library.fallocate(handle, keep_size | punch_hole, offset(start), offset(length)) == 0)


class Lines:
    """The complete lines of pieces; one that is longer than `longest` bytes is given in parts."""

    def __init__(self, longest: int = 64 << 20) -> None:
        self.longest = longest
        self._pending: list[bytes] = []
        self._size = 0

    def feed(self, piece: bytes) -> Iterator[bytes]:
        *complete, rest = piece.split(b"\n")
        for line in complete:
            yield b"".join([*self._pending, line])
            self._clear()
        if rest:
            self._pending.append(rest)
            self._size += len(rest)
        if self._size > self.longest:
            yield from self.rest()

    def rest(self) -> Iterator[bytes]:
        """The last line, whose newline is missing."""
        if self._pending:
            yield b"".join(self._pending)
            self._clear()

    def _clear(self) -> None:
        self._pending.clear()
        self._size = 0

"""The one door to written files: whole and durable, appended, or kept as well as may be; and locks between processes.

A git hook comes through here, so only cheap parts of the standard library are imported. That is why the locks are not
those of `filelock`: importing it took 100 ms where a hook has 120 for everything. Nor does it say who holds a lock, or
keep the lock of a parent when its fork ends.
"""

from __future__ import annotations

import os
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from orchestrator.errors import Locked, OrchestratorError

TEMPORARY_FILES = ".orchestrator-*.tmp"  # what a write killed half-way leaves beside its target
_LOCKED_BYTE = 1 << 30  # Windows lets nobody read a locked byte, so it lies far behind the holder's lines
_COMMAND_LENGTH = 120
_LONG_AGO = 3600


def write_atomic(path: Path, data: bytes, *, private: bool = False) -> None:
    """Make `data` the content of `path`, or leave it as it was: readers and crashes never see anything else.

    A symlink's target is written, a file's mode kept. The folder has to exist. Raises OrchestratorError naming
    the file or folder that can't be written; a file without any write permission counts as such. A `private` file is
    for its owner only.
    """
    target = Path(os.path.realpath(path))
    mode = _mode_to_keep(target)
    if private:
        mode = 0o600 if mode is None else mode & 0o700
    _sweep(target.parent)
    temporary = _temporary(target)
    try:
        _write_through(temporary, data, mode)
        _replace(temporary, target)
    except OSError as error:
        raise _cannot("write", target, error) from error
    finally:
        with suppress(OSError):
            temporary.unlink()
    _sync_folder(target.parent)


def append(path: Path, data: bytes, *, private: bool = False) -> None:
    """Add `data` to the file's end in one write, so that neither a kill nor another writer tears it; on disk when
    this returns. A new file is for its owner only where it is `private`. Raises OrchestratorError.
    """
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
        new = not path.exists()
        handle = os.open(path, flags, 0o600 if private else 0o666)
        try:
            if new and not private:
                share(path)
            os.write(handle, data)
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        raise _cannot("write", path, error) from error


def keep(path: Path, data: bytes) -> None:
    """Best effort, for what can be found out again: readers see all of it or none; a full disk is no error."""
    temporary = _temporary(path)
    try:
        _make(path.parent)
        _sweep(path.parent)
        temporary.write_bytes(data)
        share(temporary)
        temporary.replace(path)
    except OSError:
        with suppress(OSError):
            temporary.unlink()


def touch(path: Path) -> None:
    """Make the file, empty, or give it the time of now. Raises OSError."""
    new = not path.exists()
    path.touch()
    if new:
        share(path)


def make_folder(path: Path) -> None:
    """Make the folder and those above it. Raises OrchestratorError."""
    try:
        _make(path)
    except OSError as error:
        raise _cannot("make", path, error) from error


def _make(path: Path) -> None:
    for folder in reversed([one for one in (path, *path.parents) if not one.is_dir()]):
        folder.mkdir(exist_ok=True)
        share(folder)


def share(path: Path) -> None:
    """Let those write and read a new file or folder who may do so with its folder, where that is one of a group: git
    makes such folders where core.sharedRepository says so, and the umask knows nothing of it.
    """
    folder = path.parent.stat().st_mode
    if os.name == "nt" or not (folder & stat.S_ISGID and folder & stat.S_IWGRP):
        return
    mode = path.stat().st_mode
    more = folder & 0o2077 if stat.S_ISDIR(mode) else folder & 0o066
    with suppress(PermissionError):  # somebody else's, made meanwhile
        path.chmod(stat.S_IMODE(mode | more))


@contextmanager
def lock(path: Path, *, timeout: float = 30, purpose: str = "") -> Iterator[None]:
    """Hold the lock file `path` while the block runs; no other process or thread then holds it.

    Waits up to `timeout` seconds (0: asks once), then raises Locked saying who holds it. The system frees the
    lock when its holder dies, however; the file stays, for removing it would let two hold it. Not reentrant.
    """
    handle = _open_lock(path)
    owner, held = os.getpid(), False
    try:
        _wait(handle, path, timeout, purpose)
        held = True
        _sign(handle)
        yield
    finally:
        # A fork inherits the handle: its end must not free the lock of its parent.
        if held and os.getpid() == owner:
            with suppress(OSError):
                os.ftruncate(handle, 0)
            _unlock(handle)
        os.close(handle)


def _temporary(target: Path) -> Path:
    return target.with_name(TEMPORARY_FILES.replace("*", f"{os.getpid()}-{os.urandom(8).hex()}"))


def _sweep(folder: Path) -> None:
    """Take away what writers left that were killed half-way: no such process is here any more, and for a while."""
    with suppress(OSError):
        for path in folder.glob(TEMPORARY_FILES):
            if _is_left(path):
                path.unlink()


def _is_left(path: Path) -> bool:
    process = path.name.split("-")[1]
    age = time.time() - path.stat().st_mtime
    if age > _LONG_AGO or os.name == "nt" or not process.isdigit():
        return age > _LONG_AGO
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return age > 1  # a writer in another container, whose processes are not seen here, is faster
    except OSError:
        return False
    return False


def sweep_old(folder: Path, pattern: str) -> None:
    """Take away what others left there that were killed, an hour ago or more."""
    with suppress(OSError):
        for path in folder.glob(pattern):
            if time.time() - path.stat().st_mtime > _LONG_AGO:
                path.unlink()


def _mode_to_keep(target: Path) -> int | None:
    """The mode of the file to replace, None for a new one."""
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _cannot("write", target, error) from error
    # os.replace asks only the folder, and root may write anything: the file's own word is asked here.
    if not mode & 0o222 or not os.access(target, os.W_OK):
        raise OrchestratorError("the file is read-only", where=str(target), fix="Make it writable and try again")
    return mode & 0o7777


def _write_through(temporary: Path, data: bytes, mode: int | None) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    handle = os.open(temporary, flags, 0o666 if mode is None else mode & 0o666)
    with open(handle, "wb") as file:
        if mode is not None:
            temporary.chmod(mode)
        else:
            share(temporary)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _replace(temporary: Path, target: Path) -> None:
    """Rename; on Windows again for a second, because a reader keeps a file from being replaced there."""
    for _ in range(50 if os.name == "nt" else 0):
        try:
            temporary.replace(target)
            return
        except PermissionError:
            time.sleep(0.02)
    temporary.replace(target)


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable, where a folder can be synced; the content is in place already."""
    if os.name == "nt":
        return
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _open_lock(path: Path) -> int:
    try:
        _make(path.parent)
        new = not path.exists()
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        if new:
            share(path)
        return handle
    except OSError as error:
        raise _cannot("lock", path, error) from error


def _wait(handle: int, path: Path, timeout: float, purpose: str) -> None:
    end = time.monotonic() + timeout
    pause = 0.002
    while not _try_lock(handle, path):
        if time.monotonic() >= end:
            raise Locked(
                f"the lock{' for ' + purpose if purpose else ''} is held by {_holder(handle)}",
                where=str(path),
                fix="Wait until it ends, or end it",
            )
        time.sleep(pause)
        pause = min(pause * 1.5, 0.05)


def _sign(handle: int) -> None:
    """Write who holds the lock: process, start, command, a line each."""
    words = [Path(sys.argv[0]).name, *sys.argv[1:]] if sys.argv else []
    command = " ".join(" ".join(words).split())[:_COMMAND_LENGTH]
    lines = f"{os.getpid()}\n{time.strftime('%Y-%m-%d %H:%M:%S %z')}\n{command}\n"
    # A full disk makes the holder nameless, not the lock void.
    with suppress(OSError):
        os.ftruncate(handle, 0)
        os.lseek(handle, 0, os.SEEK_SET)
        os.write(handle, lines.encode("utf-8", "replace"))


def _holder(handle: int) -> str:
    try:
        os.lseek(handle, 0, os.SEEK_SET)
        lines = os.read(handle, 4096).decode("utf-8", "replace").splitlines()
    except OSError:
        lines = []
    if len(lines) < 3:
        return "another process"
    process, since, command = lines[:3]
    return f"process {process} ({command}) since {since}"


def _cannot(verb: str, path: Path, error: OSError) -> OrchestratorError:
    blocking = next((one for one in path.parents if one.is_symlink() or one.exists()), path.parent)
    if isinstance(error, (FileExistsError, NotADirectoryError)) and not blocking.is_dir():
        what = f"cannot {verb} {path.name}: a file is in the place of its folder"
        return OrchestratorError(what, where=str(blocking), fix=f"Run `mv {blocking} {blocking}.old`")
    where = path.parent if isinstance(error, PermissionError) and not path.is_dir() else path
    return OrchestratorError(f"cannot {verb} {path.name}: {error.strerror or error}", where=str(where))


if sys.platform == "win32":
    import msvcrt

    def _try_lock(handle: int, path: Path) -> bool:
        os.lseek(handle, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        except OSError as error:
            raise _cannot("lock", path, error) from error
        return True

    def _unlock(handle: int) -> None:
        os.lseek(handle, _LOCKED_BYTE, os.SEEK_SET)
        with suppress(OSError):
            msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try_lock(handle: int, path: Path) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            raise _cannot("lock", path, error) from error
        return True

    def _unlock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)

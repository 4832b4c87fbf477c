"""What installing leaves besides hooks: folders and files that it made, and git's configuration to the byte."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from orchestrator import files
from orchestrator.errors import OrchestratorError
from orchestrator.git.place import Place
from orchestrator.hooks.install.blocks import read


def check(folders: Iterable[Path]) -> None:
    """Raise OrchestratorError for the first folder that nothing can be put into, before anything is."""
    for folder in folders:
        there = folder
        while not os.path.lexists(there):
            there = there.parent
        if not there.is_dir():
            raise OrchestratorError("this is no folder", where=str(there), fix="Move it away and install again")
        if not os.access(there, os.W_OK | os.X_OK):
            raise OrchestratorError("nothing can be written there", where=str(there), fix="Mend its permissions")


def make(place: Place, folder: Path) -> None:
    """Make the folder where it is missing, and remember that."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    if not missing:
        return
    files.make_folder(folder)
    made = [os.path.relpath(path, place.top) for path in reversed(missing)]
    _write(_made(place), [*_lines(_made(place)), *made])


def make_file(place: Place, path: Path) -> None:
    """Make the file, empty, where it is missing, and remember that."""
    make(place, path.parent)
    if not path.exists():
        path.touch()
        _write(_made(place), [*_lines(_made(place)), os.path.relpath(path, place.top)])


def remember_config(place: Place) -> None:
    """Keep the configuration as it is, once."""
    kept = _kept(place)
    if not kept.exists():
        _make_store(place)
        files.write_atomic(kept, read(place.common_dir / "config") or b"")


def _make_store(place: Place) -> None:
    """Our folder, open to those whom core.sharedRepository lets in: what is made in it then follows."""
    files.make_folder(place.store)
    said = place.git.try_run("config", "core.sharedRepository").stdout.decode().strip().lower()
    groups = {
        "group": 0o2070,
        "true": 0o2070,
        "1": 0o2070,
        "all": 0o2075,
        "world": 0o2075,
        "everybody": 0o2075,
        "2": 0o2075,
    }
    more = groups.get(said, 0)
    if re.fullmatch(r"0[0-7]{3}", said):
        readable = int(said, 8)
        more = 0o2000 | readable & 0o077 | (readable & 0o044) >> 2
    mode = place.store.stat().st_mode
    if more and mode | more != mode:
        place.store.chmod(stat.S_IMODE(mode | more))


def restore(place: Place) -> None:
    """Take away the folders and files that were made here and that are empty now, and give the configuration its
    bytes back where it says the same as before: git does not keep its layout.
    """
    for path in (place.top / made for made in reversed(_lines(_made(place)))):
        if path.is_dir():
            with suppress(OSError):  # not empty
                path.rmdir()
        elif read(path) == b"":
            path.unlink()
    _made(place).unlink(missing_ok=True)
    kept, now = _kept(place), place.common_dir / "config"
    before = read(kept)
    if before is not None and before != read(now) and _said(place, kept) == _said(place, now):
        files.write_atomic(now, before)
    kept.unlink(missing_ok=True)


def _said(place: Place, config: Path) -> bytes:
    return place.git.run("config", "--file", str(config), "--null", "--list")


def _made(place: Place) -> Path:
    return place.store / "made"


def _kept(place: Place) -> Path:
    return place.store / "config-before"


def _lines(path: Path) -> list[str]:
    return (read(path) or b"").decode("utf-8", "surrogateescape").splitlines()


def _write(path: Path, lines: list[str]) -> None:
    files.make_folder(path.parent)
    files.write_atomic(path, "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape"))

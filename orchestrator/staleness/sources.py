"""The sources of the facts. staleness/facts.py lists each as it reads it; staleness/stamp.py digests that list.

So whoever adds a fact names its source in one place, where it is read.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from orchestrator import __version__
from orchestrator.project import Project
from orchestrator.staleness import checks
from orchestrator.staleness.source import Source

_RACY = 100_000_000  # nanoseconds: a second write within a file system's tick leaves time and size as they were

# What each look reads, whatever the list says.
OF_A_PROJECT = (Source("version", ""), Source("head", ""), Source("settings", ""), Source("environment", ""))


def digest(project: Project, found: Iterable[Source]) -> str:
    """A digest over the present content of the sources. Raises KeyError for a kind of another version."""
    whole = hashlib.sha256()
    for source in found:
        whole.update(f"{source.kind} {source.name}\0".encode("utf-8", "surrogatepass"))
        for part in _VALUES[source.kind](project, source.name):
            whole.update(part + b"\0")
    return whole.hexdigest()


def steady(project: Project, found: Iterable[Source]) -> bool:
    """Whether every file among the sources is older than a tick of the file system's clock. A file may be written twice
    in one tick, which its time does not show.
    """
    now = time.time_ns()
    paths = [path for source in found for path in _paths(project, source)]
    return all(now - _modified(path) > _RACY for path in paths)


def _content(path: Path) -> bytes:
    """A digest of the file, read in pieces: a list may be megabytes, and this is all of it that is kept."""
    whole = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(1 << 16):
                whole.update(piece)
    except OSError:
        return b"-"
    return whole.digest()


def _stat(path: Path) -> bytes:
    try:
        stat = path.stat()
    except OSError:
        return b"-"
    return f"{stat.st_mtime_ns} {stat.st_size} {stat.st_ino}".encode()


def _modified(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _version(project: Project, name: str) -> Iterator[bytes]:
    yield __version__.encode()


def _head(project: Project, name: str) -> Iterator[bytes]:
    yield str(project.place and (project.place.head, project.place.shallow)).encode()


def _settings(project: Project, name: str) -> Iterator[bytes]:
    yield _content(project.settings_path)


def _environment(project: Project, name: str) -> Iterator[bytes]:
    ours = sorted(item for item in os.environ.items() if item[0].startswith("ORCHESTRATOR_"))
    yield repr(ours).encode("utf-8", "surrogatepass")


def _list(project: Project, name: str) -> Iterator[bytes]:
    yield _content(project.features_path)


def _check(project: Project, name: str) -> Iterator[bytes]:
    yield checks.resolve(project.config.verify.command, project.root).encode("utf-8", "surrogatepass")


def _file(project: Project, name: str) -> Iterator[bytes]:
    yield from (_stat(path) for path in _paths(project, Source("state", name)))


def _history(project: Project, name: str) -> Iterator[bytes]:
    yield from (_stat(path) for path in _paths(project, Source("history", name)))


def _input(project: Project, name: str) -> Iterator[bytes]:
    for path in _paths(project, Source("input", name)):
        yield os.fsencode(path) + b"\0" + _stat(path)


_VALUES: Mapping[str, Callable[[Project, str], Iterator[bytes]]] = {
    "version": _version,
    "head": _head,
    "settings": _settings,
    "environment": _environment,
    "list": _list,
    "check": _check,
    "state": _file,  # a file or folder of the project's store
    "history": _history,  # a file or folder of the git dir that all work trees share
    "input": _input,  # a pattern of a feature's inputs
}


def _paths(project: Project, source: Source) -> Iterable[Path]:
    """The files of the source that are compared by time and size, not by content."""
    if source.kind == "state":
        return (project.store / source.name,)
    if source.kind == "history":
        return (project.place.common_dir / source.name,) if project.place else ()
    return _meant(project.root, source.name) if source.kind == "input" else ()


def _meant(root: Path, pattern: str) -> list[Path]:
    """All files that match the pattern, ignored ones too: to ask git which are ignored would cost more than the rest of
    a build with nothing to do. The folders' times show files that were added or removed.
    """
    from orchestrator.features import patterns  # few lists have inputs

    if patterns.fault(pattern):
        return []
    name = patterns.normal(pattern)
    if patterns.is_glob(name):
        return [root / name, *_below(root / patterns.base(pattern), root, patterns.matcher(pattern))]
    return [root / name, *_below(root / name, root, lambda name: True)]


def _below(folder: Path, root: Path, matches: Callable[[str], bool]) -> Iterator[Path]:
    for at, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != ".git")
        for name in sorted(names):
            path = Path(at, name)
            if matches(path.relative_to(root).as_posix()):
                yield path

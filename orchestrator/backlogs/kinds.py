"""The formats, and which of them a file, a folder or a project holds."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import NamedTuple, cast

from orchestrator.backlogs import harness, sources
from orchestrator.backlogs.protocol import Format, Options
from orchestrator.errors import OrchestratorError

KINDS = ("harness", "task-master", "ralph", "beads", "spec-kit", "openspec")


class Found(NamedTuple):
    """A backlog that lies somewhere: its kind and its file or folder."""

    kind: str
    source: Path


def format_of(kind: str) -> Format:
    """The module of that kind. Raises OrchestratorError naming the kinds there are."""
    if kind not in KINDS:
        raise OrchestratorError(f"no such kind of backlog {kind!r}", fix=f"There are {', '.join(KINDS)}")
    return cast(Format, importlib.import_module(f"orchestrator.backlogs.{kind.replace('-', '_')}"))


def found(root: Path, listed: Path | None = None) -> list[Found]:
    """Backlogs in their usual places, the first place of each kind; `listed` is the feature list if not at its own."""
    places = [(kind, format_of(kind).detect(root)) for kind in KINDS]
    if listed is not None and harness.nested(sources.peek(listed)):
        places[0] = ("harness", [listed])
    return [Found(kind, paths[0]) for kind, paths in places if paths]


def lying(root: Path, listed: Path) -> list[Found]:
    """Those of them that `import` would bring in: no documents of that name, and not the list itself."""
    return [one for one in found(root, listed) if one.source != listed and _holds_work(one, root)]


def _holds_work(found: Found, root: Path) -> bool:
    """Whether there is something to import, or something broken, of which `import` says what is wrong."""
    if not _is_document(found):
        return True
    try:
        return bool(format_of(found.kind).read(found.source, Options(root)).entries)
    except OrchestratorError:
        return False


def choose(root: Path, given: Path | None, kind: str, listed: Path) -> Found:
    """What to import: the given file or folder, else the one that lies in its usual place.

    Raises OrchestratorError where there is none, where there are several, and where nothing tells its kind.
    """
    if given is None and not kind:
        return _any(root, listed)
    if given is None:
        return _usual(root, kind)
    if not given.exists():
        raise OrchestratorError("no such file or folder", where=str(given))
    if kind:
        places = format_of(kind).detect(given) if given.is_dir() else []
        return Found(kind, places[0] if places else given)
    return _in_folder(given) if given.is_dir() else Found(_kind_of(given), given)


def _any(root: Path, listed: Path) -> Found:
    """The one backlog that lies here; without one the list itself, which is then as it should be."""
    all = found(root, listed)
    if len(all) > 1:
        all = [one for one in all if not _is_document(one)] or all
    itself = not all and listed.is_file() and any(harness.features(sources.peek(listed)))
    return Found("harness", listed) if itself else _only(all, root)


def _is_document(found: Found) -> bool:
    """Whether it only lies where a backlog would: it can be read, and holds none."""
    return sources.peek(found.source) is not None and not format_of(found.kind).fits(found.source)


def _usual(root: Path, kind: str) -> Found:
    places = format_of(kind).detect(root)
    if not places:
        raise OrchestratorError(
            f"no {kind} backlog lies in its usual place",
            where=str(root),
            fix=f"Name its file: `orchestrator import FILE --from {kind}`",
        )
    return Found(kind, places[0])


def _in_folder(folder: Path) -> Found:
    shaped = [Found(kind, folder) for kind in KINDS if format_of(kind).fits(folder)]
    return _only(found(folder) or shaped, folder)


def _only(all: list[Found], folder: Path) -> Found:
    if not all:
        raise OrchestratorError(
            "no backlog of another tool lies in its usual place",
            where=str(folder),
            fix=f"Name its file: `orchestrator import FILE`; kinds are {', '.join(KINDS)}",
        )
    if len(all) > 1:
        listed = ", ".join(f"{kind} ({sources.shown(source, folder)})" for kind, source in all)
        raise OrchestratorError(
            f"several backlogs lie here: {listed}",
            where=str(folder),
            fix=f"Choose one: `orchestrator import --from {all[0].kind}`",
        )
    return all[0]


def _kind_of(file: Path) -> str:
    """The kind by the file's content, else by its name, as a broken file has no shape. `harness` is tried last: its
    shape includes others.
    """
    shaped = [kind for kind in (*KINDS[1:], KINDS[0]) if format_of(kind).fits(file)]
    named = [kind for kind in KINDS if any(file.resolve().match(name) for name in format_of(kind).NAMES)]
    both = [kind for kind in shaped if kind in named]
    for kinds in (both, shaped, named):
        if kinds:
            return kinds[0]
    raise OrchestratorError(
        "nothing tells which tool wrote this file",
        where=str(file),
        fix=f"Say it: `orchestrator import {file} --from KIND`; kinds are {', '.join(KINDS)}",
    )

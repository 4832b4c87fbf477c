"""Work of a session that git does not see: ignored since the session, or hidden by a bit of the index."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from orchestrator.building.withheld import SOURCE
from orchestrator.git.diff import Change
from orchestrator.git.place import Place

# Folders that tools make, and that every project ignores.
_TOOLS = frozenset({
    "node_modules", ".venv", "venv", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".tox", ".nox",
    ".gradle", ".next", ".cache", ".idea", ".vscode", "target", ".eggs", "htmlcov",
})  # fmt: skip
# Folders that builds write into.
_OUTPUTS = frozenset({
    ".agent", "build", "dist", "out", "bin", "obj", "coverage", "tmp", "temp", "log", "logs", "_build", "site",
    "generated", "gen", "public", ".turbo", ".nuxt", ".svelte-kit", ".parcel-cache", ".dart_tool", "Pods", ".terraform",
})  # fmt: skip
_SHOWN = 5
_LOOKED_AT = 2000


def hidden(place: Place, changes: Mapping[str, Change], since: float) -> list[str]:
    """A sentence for each way in which the check may have seen what a clone will not have.

    `changes` are those of the feature's sessions, `since` when the first began, in seconds since the epoch.
    """
    said = []
    marked = [path for path in _marked(place) if _written(place, path, since)]
    if marked:
        said.append(f"{_names(marked)}: changed, but git was told to look away (skip-worktree), so a clone lacks it")
    ignores = [change for path, change in changes.items() if PurePosixPath(path).name == ".gitignore"]
    if ignores:
        ignored = [path for path in _newly_ignored(place, ignores) if _written(place, path, since)]
        if ignored:
            said.append(f"{_names(ignored)}: ignored since this session, so a clone lacks it")
    return said


def ignored_sources(place: Place, since: float) -> list[str]:
    """A sentence where a session wrote sources into a folder that git ignores: the check may have seen them here, and a
    clone lacks them. Folders that tools and builds make are passed over.
    """
    listed = place.git.run("ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory")
    entries = [os.fsdecode(entry) for entry in listed.split(b"\0") if entry]
    found = [path for entry in entries if not _of_a_build(entry) for path in _sources(place, entry, since)]
    return [f"{_names(found)}: written by the session, but git ignores it, so a clone lacks it"] if found else []


def _of_a_build(path: str) -> bool:
    return any(part in _TOOLS or part in _OUTPUTS or part.endswith(".egg-info") for part in path.split("/"))


def _sources(place: Place, entry: str, since: float) -> Iterator[str]:
    """The sources of an ignored file or folder that were written since; of a very large folder, some."""
    top = place.top / entry
    hides_itself = entry.endswith("/") and _written(place, f"{entry}.gitignore", since) and not _is_a_tools(top)
    paths = [top] if not entry.endswith("/") else itertools.islice(top.rglob("*"), _LOOKED_AT)
    for path in paths:
        name = path.relative_to(place.top).as_posix()
        wanted = hides_itself and path.name != ".gitignore" and path.is_file()
        if (wanted or SOURCE.search(name)) and not _of_a_build(name) and _written(place, name, since):
            yield name


def _is_a_tools(folder: Path) -> bool:
    """Whether a tool's marker says that the folder, which ignores itself, is the tool's."""
    return any((folder / name).exists() for name in ("pyvenv.cfg", "CACHEDIR.TAG"))


def _names(paths: list[str]) -> str:
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    return ", ".join(paths[:_SHOWN]) + more


def _written(place: Place, path: str, since: float) -> bool:
    try:
        return (place.top / path).stat().st_mtime >= since
    except OSError:
        return False


def _marked(place: Place) -> list[str]:
    """Tracked files that git does not compare with the work tree."""
    listed = place.git.run("ls-files", "-v", "-z").split(b"\0")
    return [os.fsdecode(entry[2:]) for entry in listed if entry and (entry[:1].islower() or entry[:1] == b"S")]


def _newly_ignored(place: Place, ignores: list[Change]) -> list[str]:
    """Ignored files, for the sake of a line that an ignore file did not have before."""
    listed = place.git.run("ls-files", "-z", "--others", "--ignored", "--exclude-standard")
    paths = [path for path in listed.split(b"\0") if path and not _of_a_tool(os.fsdecode(path))]
    if not paths:
        return []
    known = dict(_known_lines(place, ignores))
    said = place.git.try_run("check-ignore", "-v", "-z", "--stdin", stdin=b"".join(path + b"\0" for path in paths))
    fields = iter(said.stdout.split(b"\0"))
    found = []
    for source, _, pattern, path in zip(fields, fields, fields, fields, strict=False):
        lines = known.get(os.fsdecode(source))
        if lines is not None and pattern not in lines:
            found.append(os.fsdecode(path))
    return found


def _known_lines(place: Place, ignores: list[Change]) -> Iterator[tuple[str, frozenset[bytes]]]:
    """The lines of each changed ignore file as they were before."""
    ids = [change.before[1] for change in ignores if change.before]
    blobs = {id: found[2] for id, found in zip(ids, place.git.objects(ids), strict=True) if found}
    for change in ignores:
        content = blobs.get(change.before[1], b"") if change.before else b""
        yield change.path, frozenset(line.strip() for line in content.splitlines())


def _of_a_tool(path: str) -> bool:
    return any(part in _TOOLS for part in path.split("/")[:-1])

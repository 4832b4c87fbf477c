"""Projects that share a repository: a completion of the one must not count for the other (docs/contract.md, 3)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from orchestrator.config.settings import FILE_NAME, Config
from orchestrator.config.source import parse_toml
from orchestrator.errors import OrchestratorError
from orchestrator.features.ids import id_text
from orchestrator.features.spans import DECODER
from orchestrator.git.place import Place
from orchestrator.history.events import Words
from orchestrator.hooks import served
from orchestrator.project import Project

CONVENTIONAL = Words("chore(session): completed", "chore(session): reopened")  # what commitlint accepts
_LIST = Config().project.features
_MOST = 3  # ids that a message names


class Other(NamedTuple):
    """Another project of the repository; `folder` is as git names it."""

    folder: str
    features: Path
    words: Words


def others(project: Project) -> list[Other]:
    """The other projects of the repository that are there. Raises OrchestratorError for settings that are no TOML.

    A project has settings, or hooks, or sessions: a list alone may be anything, such as a file for a test.
    """
    place = project.place
    if place is None:
        return []
    own = place.relative(project.root)
    return [_other(place, folder) for folder in sorted(_folders(place, own) - {own})]


def clash(project: Project, data: bytes | None = None) -> OrchestratorError | None:
    """The error for another project that shares an id and the completion words; `data` is the list, if not the file."""
    mine = None
    for other in others(project):
        if not _collide(project.words, other.words):
            continue
        if mine is None:
            mine = _ids(_read(project.features_path) if data is None else data)
        if shared := [id for id in mine if id in _ids(_read(other.features))]:
            return _error(project, other, shared)
    return None


def need_own_words(project: Project) -> None:
    """Raise OrchestratorError where another project's completions would count for this one."""
    if found := clash(project):
        raise found


def own_words(project: Project, usual: Words = Words()) -> Words:
    """What `init` gives to a project without settings: the `usual` words, where it has no other project above or
    beside it, and none that uses them.
    """
    place = project.place
    found = others(project)
    if place is None or not found:
        return usual
    folder = place.relative(project.root)
    if not any(_collide(usual, other.words) for other in found) and all(_is_below(o.folder, folder) for o in found):
        return usual
    proposed = _proposed(project, folder, usual)
    return next(words for words in proposed if not any(_collide(words, o.words) for o in found))


def _folders(place: Place, own: str) -> set[str]:
    known = set(served.folders(place)) if served.installed(place) else set()
    names = place.git.run("ls-files", "-z", "--", f":(glob)**/{FILE_NAME}", f":(glob)**/{_LIST}").split(b"\0")
    paths = [Path(name.decode("utf-8", "surrogateescape")) for name in names if name]
    known |= {path.parent.as_posix() for path in paths if path.name == FILE_NAME or _has_worked(place.top, path)}
    known |= {above.as_posix() for above in Path(own).parents if (place.top / above / FILE_NAME).is_file()}
    return {folder for folder in known if (place.top / folder).is_dir()}


def _has_worked(top: Path, path: Path) -> bool:
    return (top / path.parent / ".agent").is_dir()


def _other(place: Place, folder: str) -> Other:
    """Of the settings only what matters here is read: those of another version may have more than we know."""
    root = place.top / folder
    text = _read(root / FILE_NAME).decode("utf-8-sig", "replace")
    data = parse_toml(text, f"{folder}/{FILE_NAME}") if text.strip() else {}
    usual = Words()
    completed = _text(data, "history", "completed", usual.completed)
    words = Words(completed, _text(data, "history", "reopened", usual.reopened))
    return Other(folder, root / _text(data, "project", "features", _LIST), words)


def _text(data: dict[str, Any], section: str, key: str, usual: str) -> str:
    found = data.get(section)
    value = found.get(key) if isinstance(found, dict) else None
    return value if isinstance(value, str) and value else usual


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise OrchestratorError(f"cannot read {path.name}: {error.strerror}", where=str(path)) from error


def _ids(data: bytes) -> list[str]:
    """The ids of a list; none of one that can't be read, whose completions nobody could tell apart either."""
    try:
        root = DECODER.decode(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return []
    entries = root.get("features") if isinstance(root, dict) else root
    listed = entries if isinstance(entries, list) else []
    found = (id_text(entry.get("id")) for entry in listed if isinstance(entry, dict))
    return list(dict.fromkeys(id for id in found if id is not None))


def _collide(one: Words, other: Words) -> bool:
    """Whether a line of the one would be read as a line of the other."""
    return any(f"{a} ".startswith(f"{b} ") or f"{b} ".startswith(f"{a} ") for a in one for b in other)


def _is_below(folder: str, other: str) -> bool:
    return other == "." or folder.startswith(f"{other}/")


def _proposed(project: Project, folder: str, usual: Words = Words()) -> Iterator[Words]:
    name = _plain(project.root.resolve().name)
    numbered = (f"{name}-{number}" for number in range(2, 1000))
    for one in _all(name, _plain(folder) if folder != "." else "", numbered):
        if usual == CONVENTIONAL:
            yield Words(f"chore(session-{one}): completed", f"chore(session-{one}): reopened")
        else:
            yield Words(f"session({one}): completed", f"session({one}): reopened")


def _all(name: str, path: str, rest: Iterable[str]) -> Iterator[str]:
    yield name
    if path:
        yield path
    yield from rest


def _plain(name: str) -> str:
    """The name as one word, whatever a folder may be called."""
    return re.sub(r"[^\w./-]+", "-", name).strip("-") or "project"


def _error(project: Project, other: Other, shared: list[str]) -> OrchestratorError:
    """Names both, and what to type into the settings of the one that lies deeper."""
    place = project.repository
    own = place.relative(project.root)
    mine, theirs = place.relative(project.features_path), place.relative(other.features)
    named = ", ".join(shared[:_MOST]) + (f" and {len(shared) - _MOST} more" if len(shared) > _MOST else "")
    change = own if own != "." and own.count("/") >= other.folder.count("/") else other.folder
    words = next(_proposed(project._replace(root=place.top / change), change, project.words))
    said = f"{mine} and {theirs} both have {named} and the words {project.words.completed!r}"
    new = f'completed = "{words.completed}", reopened = "{words.reopened}"'
    return OrchestratorError(
        f"{said}: a completion of the one would count for the other",
        where=f"{place.relative(project.settings_path)}, {Path(other.folder, FILE_NAME).as_posix()}",
        fix=f"Give {change} words of its own: in {Path(change, FILE_NAME).as_posix()} under [history] write {new}",
    )

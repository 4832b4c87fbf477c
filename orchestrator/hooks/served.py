"""The projects that a repository's hooks serve, with the few settings that a hook needs.

Settings are kept in our store beside the text that they were read from: reading TOML again in each hook would take
longer than all else that it does.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from orchestrator import files, statefile
from orchestrator.errors import OrchestratorError
from orchestrator.features.dialects.tables import BUILT_IN, Rules
from orchestrator.git.place import Place
from orchestrator.history.events import Words

_OVERRIDES = ("ORCHESTRATOR_PROJECT_", "ORCHESTRATOR_HISTORY_", "ORCHESTRATOR_FEATURES_")


# What is kept of a project: the settings' text, its list, the two words, `write`, and the rules.
_LENGTH = 5 + len(Rules._fields)


class Served(NamedTuple):
    """`features` is the list's path in the project, `write` where a flip goes (`[history] write`), `rules` what
    `[features]` adds to the words of the list.
    """

    root: Path
    features: str
    words: Words
    write: str
    rules: Rules = BUILT_IN

    @property
    def features_path(self) -> Path:
        return self.root / self.features


def look(place: Place) -> tuple[list[Served], bool]:
    """The projects that were there when the hooks were installed and that still have a list, and whether what the
    scripts know of them has changed since the last look. Raises OrchestratorError for settings that can't be read.
    """
    kept = _kept(place)
    found = {folder: _served(place.top / folder, kept.get(folder)) for folder in folders(place)}
    present = {folder: one for folder, one in found.items() if one is not None}
    now = {folder: entry for folder, (_, entry) in present.items()}
    if now != kept and not _overridden():
        statefile.keep(_path(place), now)
    changed = any(kept.get(folder, entry)[1:4] != entry[1:4] for folder, entry in now.items())
    return [one for one, _ in present.values()], changed and not _overridden()


def installed(place: Place) -> bool:
    """Whether hooks of ours are installed in the repository."""
    return (place.store / "projects").exists()


def folders(place: Place) -> list[str]:
    """The projects' folders as they were installed; the top of the repository where nothing says it, or nothing that
    is here.
    """
    listed = listed_folders(place)
    return listed if any((place.top / folder).is_dir() for folder in listed) else ["."]


def listed_folders(place: Place) -> list[str]:
    """The lines of `projects` that can be folders of the repository; none without the file."""
    try:
        lines = (place.store / "projects").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except FileNotFoundError:
        return []
    found = [line for line in lines if line and _is_below_top(line)]
    if found != lines:
        where, fix = f"{place.store / 'projects'}", "Run `orchestrator hooks install` in each project"
        sys.stderr.write(f"orchestrator: warning: lines that are no folders are passed over ({where}). {fix}\n")
    return found


def _is_below_top(folder: str) -> bool:
    path = PurePosixPath(folder)
    return "\0" not in folder and not path.is_absolute() and ".." not in path.parts


def skip_until_changed(place: Place) -> None:
    """Touch `validated`: the hook scripts skip every list that is older than this file."""
    _touch(place, "validated")


def ask_post_commit(place: Place) -> None:
    """Touch `look`: post-commit starts Python for this commit even if its message names no feature."""
    _touch(place, "look")


def _touch(place: Place, name: str) -> None:
    """Best effort: without it the scripts start Python once too often, or the next sync makes up for it."""
    with suppress(OSError, OrchestratorError):
        files.make_folder(place.own_store)
        files.touch(place.own_store / name)


def need_store(place: Place) -> None:
    """Raise OrchestratorError where our folder in the git dir can't be written: then nothing can be synced."""
    for folder in (place.store, place.own_store):
        if folder.is_dir() and not os.access(folder, os.W_OK | os.X_OK):
            fix = f"Have its owner give it to you: chown -R {_user()} {folder}"
            raise OrchestratorError("the folder of orchestrator's state can't be written", where=str(folder), fix=fix)


def _user() -> str:
    return os.environ.get("USER") or str(getattr(os, "getuid", int)())


def clear_request(place: Place) -> None:
    """Remove `look`."""
    (place.own_store / "look").unlink(missing_ok=True)


def _served(root: Path, kept: Any) -> tuple[Served, list[Any]] | None:
    """The project in a folder, and what to keep of it; None where there is no such folder any more."""
    try:
        text = (root / "orchestrator.toml").read_bytes().decode("latin-1")
    except OSError:
        text = ""
    if not root.is_dir():
        return None
    if not kept or kept[0] != text or _overridden():
        from orchestrator.config import loading

        found = loading.load(root)
        words = found.history.completed, found.history.reopened
        kept = [text, found.project.features, *words, found.history.write, *map(list, found.features)]
    return Served(root, kept[1], Words(kept[2], kept[3]), kept[4], Rules(*map(tuple, kept[5:]))), kept


def _overridden() -> bool:
    """Whether the environment has a say in these settings."""
    return any(name.startswith(_OVERRIDES) for name in os.environ)


def _path(place: Place) -> Path:
    return place.store / "settings.json"


def _kept(place: Place) -> dict[str, Any]:
    found = statefile.kept(_path(place), dict)
    return found if all(isinstance(one, list) and len(one) == _LENGTH for one in found.values()) else {}

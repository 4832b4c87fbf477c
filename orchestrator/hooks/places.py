"""Where the hooks of a repository go: git's own folder, or beside another tool's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from orchestrator.git.place import Place


@dataclass(frozen=True)
class Where:
    """`own` is the folder of our scripts. `callers` is given where another tool's files in the work tree call them;
    `shared` where the user has one folder of hooks for all repositories, which ours then run first; `refused` says
    why nothing can be installed.
    """

    own: Path
    callers: Path | None = None
    shared: Path | None = None
    refused: str = ""


def find(place: Place) -> Where:
    """Where hooks go, as core.hooksPath says."""
    ours = place.store / "hooks"
    scope, value = _setting(place)
    if not value:
        return Where(place.common_dir / "hooks")
    parts = Path(value).parts
    if parts[0] == ".git":  # as it is set, a linked work tree has no hooks: there .git is a file
        return Where(place.common_dir.joinpath(*parts[1:]))
    folder = place.top / value
    if _same(folder, ours):
        return Where(ours, shared=beneath(place))
    if _inside(folder, place.common_dir):
        return Where(folder)
    if _inside(folder, place.top):
        husky = folder.name == "_" and folder.parent.name == ".husky"
        return Where(ours, folder.parent if husky else folder)
    if scope in ("global", "system"):
        return Where(ours, shared=folder)
    why = f"core.hooksPath is {folder}, outside of this repository: nothing was installed there"
    return Where(folder, refused=f"{why}. To have hooks here: git config --unset core.hooksPath, then install again")


def beneath(place: Place) -> Path | None:
    """The folder of hooks for all repositories, whatever this repository sets."""
    for scope in ("--global", "--system"):
        done = place.git.try_run("config", scope, "--path", "core.hooksPath")
        if not done.returncode:
            return place.top / done.stdout.decode("utf-8", "surrogateescape").rstrip("\n")
    return None


def is_set_to(place: Place, folder: Path) -> bool:
    """Whether this repository's own configuration names that folder of hooks."""
    done = place.git.try_run("config", "--local", "--path", "core.hooksPath")
    return not done.returncode and _same(
        place.top / done.stdout.decode("utf-8", "surrogateescape").rstrip("\n"), folder
    )


def _setting(place: Place) -> tuple[str, str]:
    """Who sets core.hooksPath, and to what; two empty strings where nobody does."""
    done = place.git.try_run("config", "--show-scope", "--path", "core.hooksPath")
    scope, _, value = done.stdout.decode("utf-8", "surrogateescape").rstrip("\n").partition("\t")
    return ("", "") if done.returncode else (scope, value)


def _same(one: Path, other: Path) -> bool:
    return one.resolve() == other.resolve()


def _inside(path: Path, folder: Path) -> bool:
    return folder.resolve() in (path.resolve(), *path.resolve().parents)

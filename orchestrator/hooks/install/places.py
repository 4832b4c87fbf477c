"""Where the hooks of a repository go: git's own folder, or beside another tool's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from orchestrator.errors import OrchestratorError
from orchestrator.git.place import Place

_REMEMBERED = "orchestrator.hooksPath"


@dataclass(frozen=True)
class Where:
    """`own` is the folder of our scripts. `callers` is given where another tool's files in the work tree call them
    (husky's, which it runs itself, where `by_husky`); `shared` where git looked into a folder that is not ours to
    change, whose hooks ours then run first.
    """

    own: Path
    callers: Path | None = None
    shared: Path | None = None
    by_husky: bool = False


def find(place: Place) -> Where:
    """Where hooks go, as core.hooksPath says; raises OrchestratorError where it can't be told to look elsewhere."""
    ours = place.store / "hooks"
    scope, value = _setting(place)
    if not value:
        return _around(place, place.common_dir / "hooks")
    parts = Path(value).parts
    if parts[0] == ".git":  # as it is set, a linked work tree has no hooks: there .git is a file
        return Where(place.common_dir.joinpath(*parts[1:]))
    folder = place.top / value
    if is_ours(place, folder):
        return Where(ours, shared=beneath(place))
    if folder.name == "_" and folder.parent.name == ".husky":
        return Where(ours, callers=folder.parent, by_husky=True)
    if scope not in ("local", "global", "system") and not _inside(folder, place.common_dir, place.top):
        fix = "Unset it there, then install again"
        raise OrchestratorError(f"core.hooksPath is set by {scope} settings", where=str(folder), fix=fix)
    return _around(place, folder)


def _around(place: Place, folder: Path) -> Where:
    """In the git dir, hooks are this repository's alone; in the work tree they may be tracked; elsewhere they may be
    those of many repositories.
    """
    if _inside(folder, place.common_dir):
        return Where(folder)
    ours = place.store / "hooks"
    return Where(ours, callers=folder) if _inside(folder, place.top) else Where(ours, shared=folder)


def is_ours(place: Place, folder: Path) -> bool:
    """Whether the folder is that of our scripts, or was before the repository was moved."""
    return _same(folder, place.store / "hooks") or folder.parts[-2:] == ("orchestrator", "hooks")


def beneath(place: Place) -> Path:
    """Where git would look if this repository did not name our folder."""
    for scope in (("--local", _REMEMBERED), ("--global", "core.hooksPath"), ("--system", "core.hooksPath")):
        done = place.git.try_run("config", scope[0], "--includes", "--path", scope[1])
        if not done.returncode:
            return place.top / _line(done.stdout)
    return place.common_dir / "hooks"


def take_over(place: Place) -> bool:
    """Have git look into our folder; whether that is news. What the repository's own settings said is kept there."""
    if is_taken_over(place):
        return False
    now, ours = _local(place), place.store / "hooks"
    if now and not is_ours(place, place.top / now):
        place.git.run("config", "--local", _REMEMBERED, now)
    place.git.run("config", "--local", "core.hooksPath", ours.as_posix())
    return True


def is_taken_over(place: Place) -> bool:
    """Whether git looks into our folder."""
    now = _local(place)
    return bool(now) and _same(place.top / now, place.store / "hooks")


def give_back(place: Place) -> bool:
    """Undo `take_over`; whether there was anything to undo."""
    now = _local(place)
    remembered = place.git.try_run("config", "--local", _REMEMBERED)
    if not remembered.returncode:
        place.git.run("config", "--local", "--unset", _REMEMBERED)
    if not now or not is_ours(place, place.top / now):
        return False
    if remembered.returncode:
        place.git.run("config", "--local", "--unset", "core.hooksPath")
    else:
        place.git.run("config", "--local", "core.hooksPath", _line(remembered.stdout))
    return True


def _local(place: Place) -> str:
    """What this repository's own configuration names, as it is written; "" where it names none."""
    done = place.git.try_run("config", "--local", "core.hooksPath")
    return "" if done.returncode else _line(done.stdout)


def _line(output: bytes) -> str:
    return output.decode("utf-8", "surrogateescape").rstrip("\n")


def _setting(place: Place) -> tuple[str, str]:
    """Who sets core.hooksPath, and to what; two empty strings where nobody does."""
    done = place.git.try_run("config", "--show-scope", "--path", "core.hooksPath")
    scope, _, value = _line(done.stdout).partition("\t")
    return ("", "") if done.returncode else (scope, value)


def _same(one: Path, other: Path) -> bool:
    return one.resolve() == other.resolve()


def _inside(path: Path, *folders: Path) -> bool:
    return any(folder.resolve() in (path.resolve(), *path.resolve().parents) for folder in folders)

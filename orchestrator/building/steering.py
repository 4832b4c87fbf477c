"""What steers the build, kept byte for byte before a session and put back after it, before git is called again.

Settings, dodo.py, prompts, git's configuration and hooks: what a session writes there would run in our own git calls,
outside of any sandbox that the agent ran in.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from orchestrator import files
from orchestrator.building import watched
from orchestrator.project import Project

_GIT_FILES = ("config", "info/exclude", "info/attributes")


_INCLUDE = re.compile(rb"(?ims)^\s*\[include(?:if\s[^\]]*)?\]([^\[]*)")
_PATH = re.compile(rb'(?im)^\s*path\s*=\s*"?([^"\r\n]+?)"?\s*$')


class File(NamedTuple):
    """A regular file, or a symbolic link whose target is `content`."""

    content: bytes
    mode: int
    link: bool = False


class PutBack(NamedTuple):
    """What was found and what stands there again, by the names to show; empty where nothing had changed."""

    found: dict[str, bytes | None]
    restored: dict[str, bytes | None]


class Copies:
    """The files as they were when `take` was called last."""

    def __init__(self) -> None:
        self.feature_list = b""
        self._files: dict[Path, File] = {}
        self._folders: tuple[Path, ...] = ()
        self._names: dict[Path, str] = {}
        self._hooks: tuple[bytes, Path] | None = None

    def take(self, project: Project) -> None:
        """Copy all that steers; asks git for its folder of hooks when its configuration is another one."""
        place = project.repository
        self.feature_list = project.read_features() if project.features_path.exists() else b""  # a plan makes the first
        single = [project.root / name for name in watched.STEERING if not name.endswith("/")]
        single += [place.common_dir / name for name in _GIT_FILES]
        single.append(place.git_dir / "config.worktree")
        single += [path for config in (place.common_dir / "config", single[-1]) for path in _included(config)]
        self._folders = (
            *(project.root / name for name in watched.STEERING if name.endswith("/")),
            self._hooks_folder(project),
        )
        self._single = tuple(single)
        self._bases = ((project.root, ""), (place.git_dir, "git-dir/"), (place.common_dir, "git-dir/"))
        self._files = dict(self._now())

    def put_back(self) -> PutBack:
        """Write back what differs; what came in is deleted. Never runs git."""
        now = dict(self._now())
        found, restored = {}, {}
        for path in sorted({*now, *self._files}):
            old, new = self._files.get(path), now.get(path)
            if old == new:
                continue
            _write(path, old)
            found[self._name(path)] = new.content if new else None
            restored[self._name(path)] = old.content if old else None
        return PutBack(found, restored)

    def _now(self) -> Iterator[tuple[Path, File]]:
        paths = [*self._single, *(path for folder in self._folders for path in sorted(folder.rglob("*")))]
        for path in paths:
            if path.suffix != ".sample" and (file := _read(path)) is not None:
                yield path, file

    def _hooks_folder(self, project: Project) -> Path:
        place = project.repository
        config = _content(place.common_dir / "config") + b"\0" + _content(place.git_dir / "config.worktree")
        if self._hooks is None or self._hooks[0] != config:
            named = place.git.text("rev-parse", "--git-path", "hooks")
            self._hooks = config, place.top / named
        return self._hooks[1]

    def _name(self, path: Path) -> str:
        """The path below the project or the git dir, as a tree can hold it."""
        for base, prefix in self._bases:
            with suppress(ValueError):
                return prefix + path.relative_to(base).as_posix().replace(".git/", "git-dir/", 1)
        return path.name


def _included(config: Path) -> Iterator[Path]:
    """The files that a configuration of git includes: what stands in them steers git as well."""
    for section in _INCLUDE.finditer(_content(config)):
        for found in _PATH.finditer(section[1]):
            yield Path(os.path.normpath(config.parent / Path(os.fsdecode(found[1])).expanduser()))


def sentences(put_back: PutBack) -> list[str]:
    """One for each file that was put back."""
    how = {(True, False): "deleted", (False, True): "added"}
    return [
        f"{name}: was {how.get((content is None, put_back.restored[name] is None), 'changed')}; put back"
        for name, content in put_back.found.items()
    ]


def _read(path: Path) -> File | None:
    try:
        status = path.lstat()
        if path.is_symlink():
            return File(os.fsencode(path.readlink()), 0, link=True)
        return File(path.read_bytes(), status.st_mode & 0o777) if path.is_file() else None
    except OSError:
        return None


def _content(path: Path) -> bytes:
    file = _read(path)
    return file.content if file else b""


def _write(path: Path, file: File | None) -> None:
    if path.is_dir() and not path.is_symlink():
        path.rename(path.with_name(f"{path.name}.undone"))
    elif file is None or path.is_symlink():
        path.unlink()
    if file is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    if file.link:
        path.unlink(missing_ok=True)
        path.symlink_to(os.fsdecode(file.content))
        return
    if path.exists():
        path.chmod(file.mode | 0o200)
    files.write_atomic(path, file.content)
    path.chmod(file.mode)

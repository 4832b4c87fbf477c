"""Which projects of a repository the hooks serve: their folders, a line each, in our store under the git dir."""

from __future__ import annotations

from pathlib import Path

from orchestrator import files
from orchestrator.config import loading
from orchestrator.git.place import Place
from orchestrator.hooks.install.blocks import read
from orchestrator.project import Project


def projects(place: Place) -> list[Project]:
    """Those whose folders are there."""
    roots = [place.top / folder for folder in _folders(place)]
    return [Project(root, loading.load(root), place) for root in roots if root.is_dir()]


def with_project(project: Project, place: Place) -> list[Project]:
    """Those, and this one, which they should be."""
    found = projects(place)
    return found if place.relative(project.root) in _folders(place) else [*found, project]


def add(project: Project, place: Place) -> None:
    folder = place.relative(project.root)
    if folder not in _folders(place):
        _write(place, [*_folders(place), folder])


def remove(project: Project, place: Place) -> None:
    """Also those whose folders are gone."""
    gone = place.relative(project.root)
    _write(place, [folder for folder in _folders(place) if folder != gone and (place.top / folder).is_dir()])


def _path(place: Place) -> Path:
    return place.store / "projects"


def _folders(place: Place) -> list[str]:
    return (read(_path(place)) or b"").decode("utf-8", "surrogateescape").splitlines()


def _write(place: Place, folders: list[str]) -> None:
    if not folders:
        _path(place).unlink(missing_ok=True)
        return
    _path(place).parent.mkdir(parents=True, exist_ok=True)
    files.write_atomic(_path(place), "".join(f"{folder}\n" for folder in folders).encode("utf-8", "surrogateescape"))

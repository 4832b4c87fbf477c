"""Which projects of a repository the hooks serve: their folders, a line each, in our store under the git dir."""

from __future__ import annotations

from pathlib import Path

from orchestrator import files
from orchestrator.config import loading
from orchestrator.git.place import Place
from orchestrator.hooks import served
from orchestrator.project import Project


def projects(place: Place) -> list[Project]:
    """Those whose folders are there."""
    roots = [place.top / folder for folder in served.listed_folders(place)]
    return [Project(root, loading.load(root), place) for root in roots if root.is_dir()]


def with_project(project: Project, place: Place) -> list[Project]:
    """Those, and this one, which they should be."""
    found = projects(place)
    return found if place.relative(project.root) in served.listed_folders(place) else [*found, project]


def add(project: Project, place: Place) -> None:
    folder = place.relative(project.root)
    listed = served.listed_folders(place)
    if folder not in listed:
        _write(place, [*listed, folder])


def remove(project: Project, place: Place) -> None:
    """Also those whose folders are gone."""
    gone = place.relative(project.root)
    listed = served.listed_folders(place)
    _write(place, [folder for folder in listed if folder != gone and (place.top / folder).is_dir()])


def _path(place: Place) -> Path:
    return place.store / "projects"


def _write(place: Place, folders: list[str]) -> None:
    if not folders:
        _path(place).unlink(missing_ok=True)
        return
    files.make_folder(_path(place).parent)
    files.write_atomic(_path(place), "".join(f"{folder}\n" for folder in folders).encode("utf-8", "surrogateescape"))

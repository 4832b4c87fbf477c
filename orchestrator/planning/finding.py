"""The research or plan file that a person means: by a path, a name, or a part of one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from orchestrator.planning.paths import Plans, listing


def resolve_file_path(plans: Plans, text: str, kind: str) -> Path | None:
    """The file that a person means by a full path, a path in the project, a file name, or a part of a name.

    `kind` is "research" or "plans". Names are looked for among the searchable copies first, as before; a
    part of a name finds the newest file that holds it after its date. A plan's folder stands for its
    `plan.md`. None when nothing fits.
    """
    if not text:
        return None
    given = Path(text).expanduser()
    for path in (given,) if given.is_absolute() else (plans.root / given,):
        if path.exists():
            return _plan_file(path) if kind == "plans" else path
    if given.is_absolute():
        return None
    name = given.name
    for folder in _folders(plans, kind):
        found = sorted(_candidates(folder, kind), reverse=True)
        for fits in (_is_named, _ends_with, _holds):
            match = next((path for label, path in found if fits(label, name)), None)
            if match:
                return match
    return None


def discover(plans: Plans, kind: str, days: int, today: date) -> list[Path]:
    """Files of the first of the shared folders that is there, dated within `days` (0: today), sorted by name."""
    earliest = (today - timedelta(days=days)).isoformat()
    for folder in reversed(_folders(plans, kind)):
        if folder.is_dir():
            found = (path for path in listing(folder) if path.suffix == ".md")
            return [path for path in found if len(path.stem) >= 10 and path.stem[:10] >= earliest]
    return []


def _folders(plans: Plans, kind: str) -> list[Path]:
    base = Path(plans.plan_root)
    searchable = base.parent / "searchable" / base.name
    return [plans.root / searchable / kind, plans.root / base / kind]


def _candidates(folder: Path, kind: str) -> Iterator[tuple[str, Path]]:
    for path in listing(folder):
        if path.suffix == ".md":
            yield path.name, path
        elif kind == "plans" and (path / "plan.md").is_file():
            yield f"{path.name}.md", path / "plan.md"


def _is_named(label: str, name: str) -> bool:
    return label in (name, f"{name}.md")


def _ends_with(label: str, name: str) -> bool:
    return label.endswith((f"-{name}", f"-{name}.md"))


def _holds(label: str, name: str) -> bool:
    return name.removesuffix(".md") in label.removesuffix(".md")[11:]


def _plan_file(path: Path) -> Path:
    return path / "plan.md" if (path / "plan.md").is_file() else path

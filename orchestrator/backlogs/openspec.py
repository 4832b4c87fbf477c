"""openspec: the `tasks.md` of OpenSpec's changes, one in each folder of `openspec/changes/`.

`openspec new change NAME` makes the folder, an agent fills it, and `openspec archive` moves it under `changes/archive/`
when all is done. Public files have

- `## 1. Heading` above `- [ ] 1.1 text`, ids also `1.1.`, `**1.1**`, `**1.1: text**`, `Task 1.1:`, `1.`, or none;
- `✅`, `COMPLETED` and dates behind the text of a box that is not ticked, and the other way round: the box decides;
- nested boxes (`  - [ ] 1.1.1 text`) and bullets with details, quotes with remarks, headings in any language.

Beside it lie `proposal.md`, often `design.md`, and `specs/CAPABILITY/spec.md`. Source: the schema `spec-driven` of
@fission-ai/openspec 1.13, its older templates, and public repositories.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from orchestrator.backlogs import sources, task_files
from orchestrator.backlogs.protocol import Backlog, LeftOut, Options
from orchestrator.backlogs.task_files import TaskFile
from orchestrator.errors import OrchestratorError

KIND = "openspec"
NAMES = ("openspec/changes/*/tasks.md", "openspec/changes/archive/*/tasks.md")
ARCHIVE = "archive"
_BESIDE = ("proposal.md", "design.md")


def detect(root: Path) -> list[Path]:
    folder = root / "openspec" / "changes"
    return [folder] if task_files.beneath(folder) or _archived(folder) else []


def fits(source: Path) -> bool:
    source = _changes(source)
    paths = _found(source) if source.is_dir() else [source]
    return any(task_files.tool(path) == KIND for path in paths) or bool(_archived(source))


def read(source: Path, options: Options) -> Backlog:
    source = _changes(source)
    paths = [source] if source.is_file() else _found(source)
    archived = [] if source.is_file() else _archived(source)
    if not paths and not archived:
        raise OrchestratorError("no change with a tasks.md", where=sources.shown(source, options.root))
    found = task_files.backlog(KIND, source, [_file(path) for path in paths], options)
    gone = tuple(LeftOut(sources.shown(path, options.root), "archived") for path in archived)
    return found._replace(
        left_out=(*found.left_out, *gone), notes=(*found.notes, *_notes(source, len(gone), options.root))
    )


def _changes(source: Path) -> Path:
    """The folder of changes, where that is meant by the one around it."""
    return within if (within := source / "changes").is_dir() else source


def _found(folder: Path) -> list[Path]:
    own = folder / task_files.NAME
    if own.is_file():
        return [own]
    return [path for path in task_files.beneath(folder) if path.parent.name != ARCHIVE]


def _archived(folder: Path) -> list[Path]:
    return [path.parent for path in task_files.beneath(folder / ARCHIVE)]


def _file(path: Path) -> TaskFile:
    beside = [path.parent / name for name in _BESIDE]
    specs = sorted((path.parent / "specs").rglob("*.md"))
    return TaskFile(path, (*beside, *specs), archived=ARCHIVE in path.resolve().parts[-3:-2])


def _notes(source: Path, archived: int, root: Path) -> Iterator[str]:
    if archived:
        changes = "change is" if archived == 1 else "changes are"
        yield f"{sources.shown(source / ARCHIVE, root)}: {archived} {changes} done and left out"
    yield from task_files.without_tasks(source, _BESIDE[0], root)

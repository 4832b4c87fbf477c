"""spec-kit: the `tasks.md` of GitHub Spec Kit (`specify-cli`), one in each folder of `specs/`.

`/speckit.tasks` fills a template; people and other agents write the same file by hand. Public files have

- `- [ ] T001 [P] [US1] text`: the box, an id, `[P]` for what may run beside its neighbours, the user story, the text;
- ids as `**T001**`, `**T1.1**`, `T1.`, `T1:`, `T-01`, `[T001]`, `T012.5`, numbers (`1.1`), or none; the same id twice;
- `[x]`, `[X]`, `[✓]` for done, `[~]` and `[-]` for what is neither; bullets `-`, `*`, `+`;
- `## Phase N: ...` above the tasks, and headings for tests and implementation within a phase;
- indented text, bullets and boxes under a task, checklists without ids behind a phase (`Constitution check`);
- samples in code fences and in comments, and lists such as `- T006 before T007`, which are no tasks;
- front matter, CRLF, a byte order mark.

Source: the templates that specify-cli 0.0.22 to 1.2.3 put into `.specify/templates/`, and public repositories.
"""

from __future__ import annotations

from pathlib import Path

from orchestrator.backlogs import task_files
from orchestrator.backlogs.protocol import Backlog, Options
from orchestrator.backlogs.task_files import TaskFile
from orchestrator.errors import OrchestratorError

KIND = "spec-kit"
NAMES = ("specs/*/tasks.md",)
_PLACES = ("specs", ".specify/specs")
_BESIDE = ("spec.md", "plan.md")


def detect(root: Path) -> list[Path]:
    return [folder for place in _PLACES if task_files.beneath(folder := root / place)]


def fits(source: Path) -> bool:
    paths = _found(source) if source.is_dir() else [source]
    return any(task_files.tool(path) == KIND for path in paths)


def read(source: Path, options: Options) -> Backlog:
    paths = [source] if source.is_file() else _found(source)
    if not paths:
        fix = "There is one in each folder of `specs/` once `/speckit.tasks` has run"
        raise OrchestratorError("no tasks.md in it", where=str(source), fix=fix)
    found = task_files.backlog(KIND, source, [_file(path) for path in paths], options)
    return found._replace(notes=(*found.notes, *task_files.without_tasks(source, _BESIDE[0], options.root)))


def _found(folder: Path) -> list[Path]:
    """The task file of one feature's folder, or those of all features in it."""
    own = folder / task_files.NAME
    return [own] if own.is_file() else task_files.beneath(folder)


def _file(path: Path) -> TaskFile:
    return TaskFile(path, tuple(path.parent / name for name in _BESIDE))

"""Prompts: Markdown templates, a project's own (`.agent/prompts/NAME.md`) before the packaged ones."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestrator.errors import OrchestratorError

if TYPE_CHECKING:
    from jinja2 import Environment

    from orchestrator.harness.notes import Note

KINDS = ("init", "implement", "qa", "continue", "repair")  # no command asks for "init" yet: it makes a new project
OVERRIDES = ".agent/prompts"
_PACKAGE = Path(__file__).resolve().parents[2]
_PACKAGED = (_PACKAGE / "agents" / "prompts" / "templates", _PACKAGE / "planning" / "templates")


@dataclass(frozen=True)
class Context:
    """What a template of the build can name. A value that a session does not have is empty.

    `commit_line` is the line that completes the feature, as it is to stand in the message. `failure` is the end of what
    failed last, `baseline` how the check failed before the first session. `undone` and `changes` are sentences:
    what an earlier session did and must not, and what is new in the definition. `leftovers` names the git ref of
    set-aside work. `notes` are what earlier sessions and people noted (harness/notes). `dependencies` have `id` and
    `name`. `tests_field` and `prose_field` are the fields of `feature` that hold acceptance checks, and a check in
    words; `standing_field` says in the list whether it is done, and `open_entry` is how a new feature says that it is
    not. `reading` and `skeletons` are lines about what its plan has for the feature.
    """

    feature: Mapping[str, Any] = field(default_factory=dict)
    id: str = ""
    name: str = ""
    commit_line: str = ""
    verify_command: str = ""
    complexity: str = "medium"
    attempt: int = 1
    max_attempts: int = 1
    session: int = 1
    changes: Sequence[str] = ()
    failure: str = ""
    baseline: str = ""
    undone: Sequence[str] = ()
    leftovers: str = ""
    notes: Sequence[Note] = ()
    dependencies: Sequence[Mapping[str, str]] = ()
    inputs: Sequence[str] = ()
    project_name: str = ""
    stack: str = ""
    description: str = ""
    with_qa: bool = False
    tests_field: str = ""
    prose_field: str = ""
    standing_field: str = "passes"
    open_entry: str = '"passes": false'
    feature_list: str = "feature_list.json"
    reading: Sequence[str] = ()
    skeletons: Sequence[str] = ()
    ticket: str = ""


def build_prompt(kind: str, root: Path, /, **context: Any) -> str:
    """The prompt of a session of the build; `kind` is one of KINDS, `context` the fields of Context.

    Raises OrchestratorError for a template of the project that can't be rendered.
    """
    return render(kind, root, **vars(Context(**context)))


def render(name: str, root: Path, /, **context: Any) -> str:
    """The template `name` filled in; values are inserted as they are, whatever they hold.

    Raises OrchestratorError naming the template's file and line, or for an unknown name the known ones.
    """
    from jinja2 import TemplateError, TemplateNotFound

    try:
        return _environment(root).get_template(f"{name}.md").render(**context)
    except TemplateNotFound as error:
        raise _not_found(name, str(error.name), root) from error
    except (TemplateError, *_FAULTS) as error:
        raise OrchestratorError(
            f"the prompt template {name!r} can't be rendered: {error}", where=_place(error, name, root)
        ) from error


# What an expression in a project's own template can raise.
_FAULTS = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


def names(root: Path) -> list[str]:
    """The templates that `render` knows for the project, sorted, without the parts of others (`_NAME`)."""
    found = {path.stem for folder in _folders(root) for path in folder.glob("*.md")}
    return sorted(name for name in found if not name.startswith("_"))


def _folders(root: Path) -> tuple[Path, ...]:
    return (root / OVERRIDES, *_PACKAGED)


@lru_cache(maxsize=4)
def _environment(root: Path) -> Environment:
    from jinja2 import FileSystemLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    # A template may come with a repository: it fills in text, and runs nothing.
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(_folders(root), encoding="utf-8-sig"),
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"json": _json, "fenced": _fenced, "oneline": _oneline}
    return environment


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, default=list)


def _fenced(text: str, language: str = "") -> str:
    """A Markdown code block, its fence longer than any in the text."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def _oneline(text: object) -> str:
    return " ".join(str(text).split())


def _not_found(name: str, missing: str, root: Path) -> OrchestratorError:
    if missing == f"{name}.md":
        return OrchestratorError(f"there is no prompt template {name!r}", fix=f"Known: {', '.join(names(root))}")
    return OrchestratorError(
        f"the prompt template {name!r} includes {missing!r}, which does not exist", where=str(root / OVERRIDES)
    )


def _place(error: Exception, name: str, root: Path) -> str:
    """`FILE:LINE` of the fault, as near as it is known."""
    lines = [(str(getattr(error, "filename", None) or ""), getattr(error, "lineno", None))]
    trace = error.__traceback__
    while trace is not None:
        # jinja2 gives its frames the template's file name and line.
        lines.append((trace.tb_frame.f_code.co_filename, trace.tb_lineno))
        trace = trace.tb_next
    ours = tuple(str(folder) for folder in _folders(root))
    found = [f"{file}:{line}" for file, line in lines if file.startswith(ours) and line]
    files = (folder / f"{name}.md" for folder in _folders(root))
    return found[-1] if found else next((str(file) for file in files if file.is_file()), name)

"""Makes an existing repository an orchestrated one. Nothing that exists is overwritten."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path

from orchestrator import files
from orchestrator import project as projects
from orchestrator.config import schema as of_config
from orchestrator.config.settings import FILE_NAME
from orchestrator.errors import OrchestratorError
from orchestrator.features import schema as of_list
from orchestrator.features.schema import Schema
from orchestrator.harness.own_files import RUNTIME_FILES
from orchestrator.history.events import Words
from orchestrator.hooks import sharing
from orchestrator.project import Project
from orchestrator.setup import commitlint, looking

# Three lines; a doit that runs elsewhere is told so in one instead of a traceback.
DODO = '''"""doit front end: doit build, doit list, doit info build:ID, doit forget build:ID."""
try: from orchestrator.tasks import *  # noqa
except ModuleNotFoundError as e: raise SystemExit(f"dodo.py: {e} beside this doit. Type `orchestrator build`, or run the doit that is installed with silmari-orchestrator") from None  # noqa
'''  # noqa: E501
_SCHEMAS = {".agent/schemas/feature_list.schema.json": of_list, ".agent/schemas/orchestrator.schema.json": of_config}
_SUBAGENTS = ("code-reviewer", "test-runner", "feature-verifier")
_KEPT_FOLDERS = (*(f"memory/{kind}" for kind in ("strategies", "constraints", "failures", "entities")), "artifacts")


@dataclass(frozen=True)
class Action:
    """What became of one file: "created", "kept" or "changed"; `path` is relative to the project."""

    path: str
    what: str
    note: str = ""


def init(root: Path) -> list[Action]:
    """Write what is missing. What exists is kept and named; only a list whose features have no ids gets them.

    Raises OrchestratorError outside of git, where something can't be written, and, before anything is, for a list
    that can't be read and for completion words that another project of the repository has.
    """
    if not any((folder / ".git").exists() for folder in (root, *root.parents)):
        raise OrchestratorError("not a git repository", where=str(root), fix="Run `git init` there first")
    project, words = _with_own_words(projects.load(root))
    listed = looking.look(project)
    if clash := sharing.clash(project, listed.data if listed else b""):
        raise clash
    numbered = [_number(project, listed)] if listed and listed.new_ids else []
    name = project.config.project.features
    wanted = {
        FILE_NAME: _settings(root, words),
        "dodo.py": DODO,
        **({} if numbered else {name: _empty_list(name)}),
        ".agent/README.md": _template("agent-readme"),
        **{f".agent/{folder}/.gitkeep": "" for folder in _KEPT_FOLDERS},
        **{f".claude/agents/{name}.md": _template(name) for name in _SUBAGENTS},
    }
    created = [_create(root, name, text) for name, text in wanted.items()]
    created[0] = _about_commitlint(project, created[0])
    schemas = [_schema(root, name, module.schema()) for name, module in _SCHEMAS.items()]
    return [*numbered, *created, *schemas, _ignore(root / ".gitignore")]


def _about_commitlint(project: Project, settings: Action) -> Action:
    """With a note where commitlint decides how a completion is written."""
    found = commitlint.find(project)
    if not found or (settings.what == "kept" and not commitlint.refuses(project)):
        return settings
    if settings.what == "created":
        note = f'for {found.name} a completion is "{project.words.completed} ID"'
    else:
        new = sharing.CONVENTIONAL.completed
        note = f'{found.name} refuses "{project.words.completed} ID": set [history] completed to "{new}"'
    return replace(settings, note=f"{note}; see docs/commitlint.md")


def _with_own_words(project: Project) -> tuple[Project, Words | None]:
    """The project with the completion words that it gets, where it needs other ones than the usual."""
    if project.settings_path.exists():
        return project, None
    words = sharing.own_words(project, sharing.CONVENTIONAL if commitlint.find(project) else Words())
    if words == Words():
        return project, None
    history = project.config.history._replace(completed=words.completed, reopened=words.reopened)
    return project._replace(config=project.config._replace(history=history)), words


def _number(project: Project, listed: looking.Listed) -> Action:
    """Write the ids, unless the list was changed since it was looked at."""
    name = project.config.project.features
    with files.lock(project.list_lock, purpose="give the features ids"):
        if looking.look(project) != listed:
            raise OrchestratorError("the list was changed meanwhile", where=name, fix="Run `orchestrator init` again")
        files.write_atomic(project.features_path, listed.data)
    first, last, count = listed.new_ids[0], listed.new_ids[-1], len(listed.new_ids)
    note = f"1 feature got the id {first}" if count == 1 else f"{count} features got ids: {first} to {last}"
    return Action(name, "changed", note)


def _create(root: Path, name: str, text: str) -> Action:
    path = root / name
    if path.exists() or path.is_symlink():
        note = "it must import from orchestrator.tasks" if name == "dodo.py" and not _imports_us(path) else ""
        return Action(name, "kept", note)
    if path.name == ".gitkeep" and path.parent.is_dir() and any(path.parent.iterdir()):
        return Action(f"{name.removesuffix('.gitkeep')}", "kept")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OrchestratorError(f"cannot make a folder: {error.strerror}", where=str(path.parent)) from error
    files.write_atomic(path, text.encode())
    return Action(name, "created")


def _schema(root: Path, name: str, schema: Schema) -> Action:
    """Write what editors complete and check by; one that an earlier version wrote is renewed."""
    text = json.dumps(schema, indent=1) + "\n"
    path = root / name
    old = path.read_bytes() if path.is_file() else b""
    if old == text.encode() or f'"$comment": "{schema["$comment"]}"'.encode() not in old:
        return _create(root, name, text)
    files.write_atomic(path, text.encode())
    return Action(name, "changed")


def _empty_list(name: str) -> str:
    """A new list; its schema is named by the way from its own folder."""
    up = "../" * (len(Path(name).parts) - 1) or "./"
    return f'{{\n  "$schema": "{up}.agent/schemas/feature_list.schema.json",\n  "features": []\n}}\n'


def _imports_us(dodo: Path) -> bool:
    try:
        return "orchestrator.tasks" in dodo.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False


def _settings(root: Path, words: Words | None) -> str:
    import tomli_w

    name = root.resolve().name
    settings = {"project": {"name": name}, "agent": {"kind": "claude"}, "verify": {"command": "auto"}}
    if words:
        settings["history"] = {"completed": words.completed, "reopened": words.reopened}
    head = ("#:schema ./.agent/schemas/orchestrator.schema.json", "# All settings and their defaults: see the README.")
    return "\n".join((*head, "")) + tomli_w.dumps(settings)


def _template(name: str) -> str:
    return (resources.files("orchestrator.setup") / "templates" / f"{name}.md").read_text(encoding="utf-8")


def _ignore(path: Path) -> Action:
    """Add the lines for what a run writes for itself, in the file's own line ends."""
    old = path.read_bytes() if path.exists() else b""
    present = {line.strip().decode("utf-8", "replace").removeprefix("/") for line in old.splitlines()}
    missing = [line for line in RUNTIME_FILES if line not in present]
    if not missing:
        return Action(path.name, "kept")
    end = b"\r\n" if b"\r\n" in old else b"\n"
    gap = end if old and not old.endswith(b"\n") else b""
    files.write_atomic(path, old + gap + end.join(line.encode() for line in missing) + end)
    return Action(path.name, "changed" if old else "created")

"""Which of the tags of a task-master file is meant."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from orchestrator.backlogs import sources
from orchestrator.backlogs.protocol import Options
from orchestrator.errors import OrchestratorError

_MASTER = "master"


class Choice(NamedTuple):
    """The tasks, where they stand in the file, and how messages name their tag."""

    tasks: list[Any]
    keys: tuple[str, ...]
    name: str
    warnings: tuple[str, ...] = ()


def tags(value: object) -> dict[str, list[Any]]:
    """The lists of tasks by tag: `version`, `metadata` and other keys beside them hold none."""
    if not isinstance(value, Mapping):
        return {}
    return {
        tag: inner["tasks"]
        for tag, inner in value.items()
        if isinstance(inner, Mapping) and isinstance(inner.get("tasks"), list)
    }


def chosen(file: sources.Json, source: Path, options: Options) -> Choice:
    """The tag that `--tag` names, else the current one, else `master`, else the only one.

    Raises OrchestratorError naming the tags where that tells none.
    """
    value, found = file.value, tags(file.value)
    if isinstance(value, list):
        return Choice(value, (), "")
    if not found and isinstance(value, Mapping) and isinstance(value.get("tasks"), list):
        return _untagged(value["tasks"], file, options)
    if not found:
        raise OrchestratorError("no tasks in it", where=file.where, fix="A tag is an object with a list `tasks`")
    current = _current(source, options.root)
    tag = options.tag or next((name for name in (current, _MASTER, _only(found)) if name in found), "")
    if tag not in found:
        what = f"there is no tag {tag!r}" if tag else "several tags and none of them is the current one"
        raise OrchestratorError(what, where=file.where, fix=f"Choose one by --tag: {', '.join(found)}")
    lost = current not in ("", *found) and not options.tag
    warnings = (f"state.json names the tag {current!r}, which is not there; {tag!r} is read",) if lost else ()
    return Choice(found[tag], (tag, "tasks"), f", tag {tag}", warnings)


def _untagged(tasks: list[Any], file: sources.Json, options: Options) -> Choice:
    if options.tag not in ("", _MASTER):
        raise OrchestratorError(
            f"there is no tag {options.tag!r}", where=file.where, fix="This file has no tags; leave --tag out"
        )
    return Choice(tasks, ("tasks",), "")


def _only(found: Mapping[str, object]) -> str:
    return next(iter(found)) if len(found) == 1 else ""


def _current(source: Path, root: Path) -> str:
    """`currentTag` of the state.json beside the file, above it, or in the project; "" where none tells."""
    folder = source.resolve().parent
    for path in (folder.parent / "state.json", folder / "state.json", root / ".taskmaster" / "state.json"):
        value = sources.peek(path) if path.is_file() else None
        if isinstance(value, Mapping) and isinstance(value.get("currentTag"), str):
            return str(value["currentTag"])
    return ""

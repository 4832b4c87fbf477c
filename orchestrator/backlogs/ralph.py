"""ralph: the `prd.json` of Ralph loops (a shell loop that gives an agent one user story after the other).

There is no one schema; public files have

- `{"project", "branchName", "description", "userStories": [{id, title, description, acceptanceCriteria, priority,
  passes, notes}]}`, the first and by far the most frequent form;
- `stories` for `userStories`, and `phases[].tasks[]`, where a phase's name is the category;
- `tasks`, `items` or `features` for them, where those say how they stand: documents of products have such lists too;
- the same within one object more (`{"prd": {...}}`), or a bare array of stories;
- a state in `passes`, in the truth values `started` and `complete`, or in a `status`.

`blockedBy` are dependencies as well. `notes` is bookkeeping and stays behind. Stories without an id get `US-001`, ...
in file order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from orchestrator.backlogs import objects, sources
from orchestrator.backlogs.protocol import Backlog, Entry, Options, numbered
from orchestrator.errors import OrchestratorError

KIND = "ralph"
NAMES = ("prd.json",)
_PLACES = ("prd.json", "scripts/ralph/prd.json")
_LISTS = ("userStories", "user_stories", "stories")
_PERHAPS = ("tasks", "items", "features", "backlog")
_GROUPS = ("phases", "epics", "milestones", "sprints")
_CHECKS = ("verifyCommands", "verify_commands", "validationCommands")
_REASONS = ("blockerReason", "blocked_reason", "blockedReason", "blocker")
_COUNTED = 5  # ids that a warning names


class _Story(NamedTuple):
    item: Mapping[str, Any]
    keys: tuple[str | int, ...]
    category: str


def detect(root: Path) -> list[Path]:
    return [path for name in _PLACES if (path := root / name).is_file()]


def fits(source: Path) -> bool:
    value = sources.peek(source) if source.is_file() else None
    if source.name in NAMES and any(_stand([story.item]) for story in _stories(value, (), "")):
        return True
    if isinstance(value, list):
        return any(isinstance(item, dict) and "started" in item and "complete" in item for item in value)
    return isinstance(value, dict) and any(
        key in value and isinstance(value[key], list) for key in ("userStories", "user_stories", "stories", "phases")
    )


def read(source: Path, options: Options) -> Backlog:
    file = sources.load(source, options.root)
    stories = list(_stories(file.value, (), ""))
    if not stories and not _has_list(file.value):
        raise OrchestratorError(
            "no stories in it: this is a document, not a backlog",
            where=file.where,
            fix="Stories stand in `userStories`, `stories`, or `phases[].tasks`",
        )
    made = numbered("US-")
    entries, silent = [], []
    for story in stories:
        entry = _entry(story, file, options, made)
        entries.append(entry)
        if objects.said(story.item, options.rules) is None:
            silent.append(str(entry.id))
    notes = (*_checks(file.value), *_own_checks(stories))
    warnings = (*_silent(silent), *objects.odd([story.item for story in stories]))
    return Backlog(KIND, file.where, tuple(entries), warnings=warnings, notes=notes)


def _stories(value: Any, keys: tuple[str | int, ...], category: str) -> Iterator[_Story]:
    """Every story with the place where it stands and the name of its phase."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, Mapping):
                yield _Story(item, (*keys, index), category)
        return
    if not isinstance(value, Mapping):
        return
    for name in (*_LISTS, *_PERHAPS):
        if isinstance(value.get(name), list) and (name in _LISTS or keys not in ((), ("prd",)) or _stand(value[name])):
            yield from _stories(value[name], (*keys, name), category)
    for name in _GROUPS:
        for index, group in enumerate(value[name] if isinstance(value.get(name), list) else []):
            label = objects.text(objects.first(group, objects.NAME)) if isinstance(group, Mapping) else ""
            yield from _stories(group, (*keys, name, index), label) if isinstance(group, Mapping) else ()
    if not keys and isinstance(value.get("prd"), Mapping):
        yield from _stories(value["prd"], ("prd",), category)


def _stand(items: list[Any]) -> bool:
    """Whether any of them has a status."""
    return any(isinstance(item, Mapping) and objects.said(item) is not None for item in items)


def _has_list(value: Any) -> bool:
    """Whether there is a list for stories, be it empty."""
    if isinstance(value, list):
        return not value
    return isinstance(value, Mapping) and any(value.get(name) == [] for name in _LISTS)


def _entry(story: _Story, file: sources.Json, options: Options, made: Iterator[str]) -> Entry:
    id = objects.id_of(story.item)
    named = next(made) if id is None else id
    entry = sources.entry(story.item, named, story.category, file, story.keys)._replace(made=id is None)
    if story.item.get("blockedBy"):
        both = (*(entry.dependencies or ()), *objects.dependencies(story.item["blockedBy"]))
        entry = entry._replace(dependencies=tuple(dict.fromkeys(both)))
    entry = sources.stated(entry, objects.said(story.item, options.rules), file, story.keys)
    if story.item.get("blocked") is True and entry.state == "open":
        return entry._replace(state="blocked", reason=objects.text(objects.first(story.item, _REASONS)))
    return entry


def _silent(ids: list[str]) -> Iterator[str]:
    if ids:
        more = ", ..." if len(ids) > _COUNTED else ""
        yield f"{len(ids)} without any status, taken as not done: {', '.join(ids[:_COUNTED])}{more}"


def _checks(value: Any) -> Iterator[str]:
    """The commands that the document names as the project's check."""
    for name in _CHECKS if isinstance(value, Mapping) else ():
        if commands := objects.lines(value.get(name)):
            yield f"{name}: {' && '.join(commands)}; put it into [verify] command"


def _own_checks(stories: list[_Story]) -> Iterator[str]:
    for name in _CHECKS:
        if count := sum(bool(story.item.get(name)) for story in stories):
            yield f"{name} of {count} are not taken over; a feature's own check is its field verify"

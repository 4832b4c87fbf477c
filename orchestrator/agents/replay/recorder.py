"""What a session changed, written as a recording: its commits one by one, then what it left uncommitted."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestrator.agents.protocol import Outcome, SessionResult
from orchestrator.agents.replay import recordings
from orchestrator.agents.replay.recordings import FILES, Commit, Recording
from orchestrator.config import loading
from orchestrator.git import commits as commits_
from orchestrator.git import place as places
from orchestrator.git import snapshot
from orchestrator.git.place import Place
from orchestrator.harness.own_files import is_own
from orchestrator.history.events import DIGEST_TRAILER


@dataclass(frozen=True)
class Before:
    """The project as it was: the trees of HEAD and of the work tree, and the features it had."""

    cwd: Path
    head: str | None
    head_tree: str
    tree: str
    features: Mapping[str, Any]

    @classmethod
    def take(cls, cwd: Path) -> Before:
        where = places.find(cwd)
        head_tree = snapshot.tree_of(where, where.head)
        return cls(cwd, where.head, head_tree, snapshot.worktree(where), _features(cwd))


@dataclass(frozen=True)
class _Step:
    """A commit, or what is left in the work tree after all of them (no message)."""

    message: str | None
    entries: snapshot.Entries


def record(folder: Path, before: Before, result: SessionResult, directory: Path) -> None:
    """Write what changed since `before`, and the result, into `folder`, which does not exist yet.

    The feature list is not recorded as a file, whose flags belong to the history: features that were added are.
    """
    where = places.find(before.cwd)
    prefix, others = _prefix(where, before.cwd), _ignored(before.cwd, where, directory)
    steps = [_only(step, prefix, others) for step in _steps(where, before)]
    new = tuple(data for id, data in _features(before.cwd).items() if id not in before.features)
    *committed, left = steps
    commit: str | None = None
    commits: tuple[Commit, ...] = ()
    if len(committed) == 1 and not left.entries:
        commit, left = committed[0].message, committed[0]
    else:
        commits = tuple(_write(where, before.cwd, folder, number, step) for number, step in enumerate(committed, 1))
    _write_files(where, before.cwd, folder / FILES, left.entries)
    recordings.save(
        folder,
        Recording(
            output=result.output,
            error=result.error,
            exit=result.returncode or 0,
            outcome="" if result.outcome is Outcome.OK else result.outcome.value,
            cost_usd=result.cost_usd,
            usage=result.usage,
            structured=result.structured,
            denials=result.denials,
            delete=_deleted(where, before.cwd, left.entries),
            features=new,
            commit=commit,
            commits=commits,
        ),
    )


def _steps(where: Place, before: Before) -> list[_Step]:
    """The commits since `before`, by first parents; last, what is uncommitted in the work tree."""
    steps = []
    tree = before.head_tree
    given: snapshot.Entries = {}
    for commit in _commits(where, before.head):
        after = snapshot.tree_of(where, commit)
        step = _Step(_message(where, commit), snapshot.changed(where, tree, after))
        given.update(step.entries)
        steps.append(step)
        tree = after
    # A replay begins with the same changes that were there before, and puts the commits' files over them.
    replayed = snapshot.with_entries(where, before.tree, given) if given else before.tree
    return [*steps, _Step(None, snapshot.changed(where, replayed, snapshot.worktree(where)))]


def _commits(where: Place, base: str | None) -> list[str]:
    if where.head is None or where.head == base:
        return []
    excluded = [f"^{base}"] if base else []
    return where.git.text("rev-list", "--first-parent", "--reverse", where.head, *excluded).split()


def _message(where: Place, commit: str) -> str:
    """The commit's message without our digest trailers: in a replay the hook adds them for the definitions there."""
    text = commits_.message_of(where, commit).decode("utf-8", "surrogateescape")
    lines = [line for line in text.splitlines() if not line.startswith(f"{DIGEST_TRAILER}: ")]
    return "\n".join(lines).rstrip()


def _only(step: _Step, prefix: str, others: tuple[str, ...]) -> _Step:
    """The step without what a run writes for itself, which belongs to no session, and without `others`."""
    kept = {
        path: entry
        for path, entry in step.entries.items()
        if not path.startswith(others) and not is_own(path.removeprefix(prefix))
    }
    return _Step(step.message, kept)


def _ignored(cwd: Path, where: Place, directory: Path) -> tuple[str, ...]:
    """The beginnings of paths, from the top of the repository, that no recording holds."""
    names = [_prefix(where, cwd) + loading.load(cwd).project.features]
    if directory.resolve().is_relative_to(where.top.resolve()):
        names.append(where.relative(directory) + "/")
    return tuple(names)


def _write(where: Place, cwd: Path, folder: Path, number: int, step: _Step) -> Commit:
    name = f"commit-{number}"
    _write_files(where, cwd, folder / name, step.entries)
    return Commit(step.message or "", name, _deleted(where, cwd, step.entries))


def _write_files(where: Place, cwd: Path, target: Path, entries: snapshot.Entries) -> None:
    """The files that a step left, with their executable bits and links; submodules are left out."""
    present = {path: entry for path, entry in entries.items() if entry and entry[0] != "160000"}
    found = where.git.objects([entry[1] for entry in present.values()])
    for (path, entry), blob in zip(present.items(), found, strict=True):
        assert blob is not None
        file = target / _relative(where, cwd, path)
        file.parent.mkdir(parents=True, exist_ok=True)
        if entry[0] == "120000":
            file.symlink_to(os.fsdecode(blob[2]))
            continue
        file.write_bytes(blob[2])
        if entry[0] == "100755":
            file.chmod(file.stat().st_mode | 0o111)


def _deleted(where: Place, cwd: Path, entries: snapshot.Entries) -> tuple[str, ...]:
    return tuple(_relative(where, cwd, path) for path, entry in entries.items() if entry is None)


def _prefix(where: Place, cwd: Path) -> str:
    """The project's folder in the repository, "" for its top, else with a slash at its end."""
    prefix = where.relative(cwd)
    return "" if prefix == "." else prefix + "/"


def _relative(where: Place, cwd: Path, path: str) -> str:
    """A path of the repository as seen from the project; what lies outside of it can't be recorded."""
    return path.removeprefix(_prefix(where, cwd))


def _features(cwd: Path) -> dict[str, Any]:
    """The features of the project's list by id, {} when it can't be read: that is not the recorder's business."""
    try:
        data = json.loads((cwd / loading.load(cwd).project.features).read_bytes().decode("utf-8-sig"))
    except (OSError, ValueError):
        return {}
    items = data.get("features") if isinstance(data, dict) else data
    return {str(item.get("id")): item for item in items or [] if isinstance(item, dict)}

"""What a completing commit of ours takes from the work tree, and the user's own pre-commit hook on exactly that."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from orchestrator.building import record, verification
from orchestrator.building.verification import Verdict
from orchestrator.building.withheld import withheld
from orchestrator.git import changes, diff, snapshot, user_hooks
from orchestrator.git.place import Place
from orchestrator.git.snapshot import Entries
from orchestrator.project import Project

_NAMED = 5  # paths that one line names


class Staged(NamedTuple):
    """`wanted` goes into the commit, the feature list aside; `left_out` stays in the work tree, with the reason."""

    wanted: Entries
    left_out: Mapping[str, str]


def stage(project: Project, patterns: Collection[str], owned: Collection[str], tree: str = "") -> Staged:
    """What the sessions changed (`owned`) and the feature's input files, as far as HEAD has it not, without what no
    commit of ours may hold. `tree` is that of the files, where it is known.
    """
    place = project.repository
    paths = {*owned, *record.input_paths(project, patterns)} - {place.relative(project.features_path)}
    differ = (
        diff.changes(place, place.tree or snapshot.tree_of(place, None), tree or snapshot.worktree(place))
        if paths
        else {}
    )
    after = {path: change.after for path, change in differ.items() if path in paths}
    before = {path: differ[path].before for path in after}
    largest = project.config.guard.max_file_mb * 1_000_000
    left_out = withheld(changes.of_worktree(place, before, after), round(largest))
    return Staged({path: entry for path, entry in after.items() if path not in left_out}, left_out)


def sentence(left_out: Mapping[str, str]) -> str:
    """One line for all that a commit did not take; "" for nothing."""
    if not left_out:
        return ""
    by_reason: dict[str, list[str]] = {}
    for path, reason in sorted(left_out.items()):
        by_reason.setdefault(reason, []).append(path)
    parts = [f"{_few(paths)} ({reason})" for reason, paths in by_reason.items()]
    return f"not committed: {'; '.join(parts)}; `git add` what you want in the repository"


def _few(paths: list[str]) -> str:
    shown = ", ".join(paths[:_NAMED])
    return shown if len(paths) <= _NAMED else f"{shown} and {len(paths) - _NAMED} more"


class Hooked(NamedTuple):
    """What the user's pre-commit hook made of a commit: `wanted` as it is to go in then, and the hook's `refusal`."""

    wanted: Entries
    changed: bool = False
    refusal: Verdict | None = None


def pass_hook(project: Project, wanted: Entries, timeout: float) -> Hooked:
    """Run the user's pre-commit hook as `git commit` would, on HEAD with the paths of `wanted`.

    What it reformats goes in: staged by the hook itself (lint-staged), or left in the work tree with a failure
    (pre-commit), after which it runs once more.
    """
    place = project.repository
    command = user_hooks.command(place, "pre-commit") if wanted and project.config.history.run_hooks else ""
    if not command:
        return Hooked(wanted)
    verdict, first = _run(place, command, wanted, timeout)
    if not verdict.passed:
        again = snapshot.entries(place, snapshot.worktree(place), wanted)
        if again == first:
            return Hooked(wanted, refusal=verdict)
        verdict, first = _run(place, command, again, timeout)
        if not verdict.passed:
            return Hooked(wanted, refusal=verdict)
    return Hooked(first, changed=first != wanted)


def _run(place: Place, command: str, wanted: Entries, timeout: float) -> tuple[Verdict, Entries]:
    """What the hook said, and the entries that its index had afterwards: those of `wanted`, and what it added."""
    with snapshot.index_of(place, wanted) as env:
        before = user_hooks.index_tree(place, env)
        verdict = verification.run(command, place.top, timeout, extra=env)
        after = user_hooks.index_tree(place, env)
    return verdict._replace(command="the pre-commit hook"), {**wanted, **snapshot.changed(place, before, after)}

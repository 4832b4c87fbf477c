"""What a feature's sessions did that may have softened its check, found in the trees before and after them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Mapping
from typing import NamedTuple

from orchestrator.building import watched, weakening
from orchestrator.git.diff import GITLINK, Change
from orchestrator.git.place import Place


class Check(NamedTuple):
    """The check before the first session ("" for none) and now; `prefix` is the project's folder in a tree, ending in
    "/" below the top. `watch` are the user's patterns, relative to the project.
    """

    before: str
    now: str
    prefix: str = ""
    watch: Collection[str] = ()


def softened(place: Place, changes: Mapping[str, Change], check: Check) -> list[str]:
    """A sentence for each change that deserves a look, with the lines that differ."""
    chosen = [change for change in changes.values() if _kind(change, check)]
    blobs = _contents(place, chosen)
    found = [_sentence(change, check, blobs) for change in chosen]
    if check.before and check.now != check.before:
        found.append(f"the check command changed: {check.before} -> {check.now or 'none'}")
    return [sentence for sentence in found if sentence]


def _kind(change: Change, check: Check) -> str:
    """How the file bears on the check: "test", "settings", "whole", or "" for not at all."""
    path = change.path
    own = path.removeprefix(check.prefix)
    if any(entry and entry[0] == GITLINK for entry in (change.before, change.after)):
        return ""
    if own in _words(check.before) or watched.matches(own, check.watch):
        return "whole"
    if watched.is_whole(path):
        return "whole" if change.before or check.before else ""
    if watched.is_in_part(path):
        return "settings" if change.before or check.before else ""
    return "test" if change.before and watched.is_test(path) else ""


def _contents(place: Place, chosen: Collection[Change]) -> dict[str, bytes]:
    ids = sorted({entry[1] for change in chosen for entry in (change.before, change.after) if entry})
    return {id: found[2] for id, found in zip(ids, place.git.objects(ids), strict=True) if found}


def _sentence(change: Change, check: Check, blobs: Mapping[str, bytes]) -> str:
    before = blobs.get(change.before[1]) if change.before else None
    after = blobs.get(change.after[1]) if change.after else None
    kind = _kind(change, check)
    if kind == "test" and before is not None:
        return weakening.in_test(change.path, before, after, change.removed - change.added)
    if kind == "settings":
        return weakening.in_settings(change.path, before, after, _targets(check.before))
    return weakening.in_settings(change.path, before, after, frozenset())


def _words(command: str) -> list[str]:
    try:
        return [word.removeprefix("./") for word in shlex.split(command)]
    except ValueError:
        return command.split()


def _targets(command: str) -> frozenset[str]:
    """The targets of make that a check command calls; without any, what `auto` would."""
    found = re.findall(r"\bmake\b([^;&|]*)", command)
    named = {word for words in found for word in words.split() if not word.startswith("-") and "=" not in word}
    return frozenset(named or {"test"})

"""The commit-msg hook: ids that exist, the definition's digest as a trailer, and a staged list that is valid."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from orchestrator import files
from orchestrator.errors import OrchestratorError
from orchestrator.features import model
from orchestrator.features.digest import definition_digest
from orchestrator.features.model import Feature, FeatureList
from orchestrator.git.place import Place
from orchestrator.history import events
from orchestrator.history.events import DIGEST_TRAILER, Message, quote
from orchestrator.inputs import Content, in_commit, in_worktree
from orchestrator.project import Project


class Refused(OrchestratorError):
    """A verdict of commit-msg: the commit is not made."""

    exit_code = 1


class _List(NamedTuple):
    """A project's list as this commit will hold it. `features` is None where it is broken but not by this commit."""

    project: Project
    features: FeatureList | None


def check(projects: Sequence[Project], place: Place, path: Path) -> None:
    """Judge the message in `path` and add its trailers; raises Refused. An id has to be known to one project."""
    text = path.read_bytes()
    index = _environment()
    found = [_List(project, _features(project, place, index)) for project in projects]
    if all(_settled(one, place, index) for one in found):
        _stamp(place)
    lists = [(one.project, one.features) for one in found if one.features is not None]
    trailers: list[str] = []
    for project, features in lists:
        said = events.parse(_without_comments(text.decode("utf-8", "surrogateescape")), project.words)
        if len(lists) == len(projects) and not (place.git_dir / "SQUASH_MSG").exists():
            _check_ids(said, lists)
        known = (features.by_id[id] for id in said.completed if id in features.by_id and id not in said.digests)
        trailers += [f"{DIGEST_TRAILER}: {quote(one.id)} {_digest(project, place, index, one)}" for one in known]
    if trailers:
        files.write_atomic(path, _with_trailers(place, text, trailers))


def _environment() -> dict[str, str]:
    """The index of the commit in the making, as git names it to this hook: of `git commit FILE` it is another one."""
    given = os.environ.get("GIT_INDEX_FILE", "")
    return {"GIT_INDEX_FILE": str(Path(given).resolve())} if given else {}


def _features(project: Project, place: Place, index: dict[str, str]) -> FeatureList | None:
    """The list to judge by: the staged one, or what is in the work tree where none is tracked."""
    name = place.relative(project.features_path)
    staged = place.git.try_run("cat-file", "blob", f":{name}", env=index)
    try:
        if staged.returncode:
            return model.parse(project.features_path.read_bytes(), project.config.project.features)
        return model.parse(staged.stdout, project.config.project.features)
    except OrchestratorError as error:
        if staged.returncode or _as_committed(place, name, staged.stdout):
            return None
        fix = error.fix or "Mend it, or commit without it"
        raise Refused(error.what, where=error.where, fix=fix) from error


def _as_committed(place: Place, name: str, staged: bytes) -> bool:
    """Whether HEAD's list is the same: then it is not this commit that breaks it."""
    done = place.git.try_run("cat-file", "blob", f"HEAD:{name}")
    return not done.returncode and done.stdout == staged


def _settled(one: _List, place: Place, index: dict[str, str]) -> bool:
    """Whether whatever could be staged without changing the file is known to be good: it is staged as it is in the
    work tree, or not tracked and valid.
    """
    path = one.project.features_path
    done = place.git.try_run("cat-file", "blob", f":{place.relative(path)}", env=index)
    if done.returncode:
        return one.features is not None
    present = path.read_bytes()
    return present.replace(b"\r\n", b"\n") == done.stdout.replace(b"\r\n", b"\n")


def _stamp(place: Place) -> None:
    """Tell the script that the lists need not be looked at until they are newer than this."""
    place.own_store.mkdir(parents=True, exist_ok=True)
    (place.own_store / "validated").touch()


def _check_ids(said: Message, lists: Sequence[tuple[Project, FeatureList]]) -> None:
    """Raise Refused for an id that no list has; a squash message, which tells of what was, is not asked."""
    known = [id for _, features in lists for id in features.by_id]
    for id in (*said.completed, *said.reopened):
        if id not in known:
            close = difflib.get_close_matches(id, known, 1, 0.0)
            fix = f"Did you mean {close[0]!r}?" if close else "The feature list is empty"
            where = ", ".join(project.config.project.features for project, _ in lists)
            raise Refused(f"the message names {id!r}, which is no feature", where=where, fix=fix)


def _with_trailers(place: Place, text: bytes, trailers: Sequence[str]) -> bytes:
    """The message with the trailers at its end: a `---` line is text, and the user's trailer settings are not ours."""
    options = ["--no-divider", "--where=end", "--if-exists=addIfDifferent", "--if-missing=add"]
    return place.git.run("interpret-trailers", *options, *(f"--trailer={trailer}" for trailer in trailers), stdin=text)


def _digest(project: Project, place: Place, index: dict[str, str], feature: Feature) -> str:
    return definition_digest(feature, _inputs(project, place, index, feature) if feature.inputs else ())


def _inputs(project: Project, place: Place, index: dict[str, str], feature: Feature) -> list[Content]:
    """The inputs as this commit will hold them: what is staged where that is not what the work tree holds."""
    changed = place.git.run("diff-files", "-z", "--name-only", env=index)
    names = {os.fsdecode(name) for name in changed.split(b"\0") if name}
    found = dict(in_worktree(project.root, feature.inputs))
    folder = place.relative(project.root)
    prefix = "" if folder == "." else f"{folder}/"
    if not any(name.startswith(prefix) for name in names):
        return sorted(found.items())
    tree = place.git.text("write-tree", env=index)
    staged = dict(in_commit(place.git, tree, prefix, feature.inputs))
    for name in {*found, *staged}:
        if prefix + name in names:
            found.pop(name, None)
            if name in staged:
                found[name] = staged[name]
    return sorted(found.items())


def _without_comments(text: str) -> str:
    """The message as git will store it: nothing after the scissors, no comment lines."""
    return re.sub(r"(?m)^#.*\n?", "", re.split(r"(?m)^\S+ -{8,} >8 -{8,}$", text)[0])

"""The commit-msg hook: ids that exist, the definition's digest as a trailer, and a staged list that is valid."""

from __future__ import annotations

import difflib
import re
from pathlib import Path

from orchestrator import files
from orchestrator.errors import OrchestratorError
from orchestrator.features import model
from orchestrator.features.digest import definition_digest
from orchestrator.features.model import Feature, FeatureList
from orchestrator.git.place import Place
from orchestrator.history import events
from orchestrator.history.events import DIGEST_TRAILER, quote
from orchestrator.inputs import in_worktree
from orchestrator.project import Project


class Refused(OrchestratorError):
    """A verdict of commit-msg: the commit is not made."""

    exit_code = 1


def check(project: Project, place: Place, path: Path) -> None:
    """Judge the message in `path` and add its trailers; raises Refused."""
    text = path.read_bytes()
    try:
        features = _staged(project, place)
    except OrchestratorError as error:
        raise Refused(error.what, where=error.where, fix=error.fix or "Mend it, or commit without it") from error
    validated = place.git_dir / "orchestrator" / "validated"
    validated.parent.mkdir(parents=True, exist_ok=True)
    validated.touch()
    if features is None:
        return
    said = events.parse(_without_comments(text.decode("utf-8", "surrogateescape")), project.words)
    for id in (*said.completed, *said.reopened):
        if id not in features.by_id:
            close = difflib.get_close_matches(id, list(features.by_id), 1, 0.0)
            fix = f"Did you mean {close[0]!r}?" if close else "The feature list is empty"
            raise Refused(
                f"the message names {id!r}, which is no feature", where=project.config.project.features, fix=fix
            )
    missing = [features.by_id[id] for id in said.completed if id not in said.digests]
    if missing:
        files.write_atomic(path, _with_trailers(project, place, text, missing))


def _staged(project: Project, place: Place) -> FeatureList | None:
    """The list as this commit will hold it: the index that git names in the environment of this hook."""
    import os

    env = {name: os.environ[name] for name in ("GIT_INDEX_FILE",) if name in os.environ}
    name = place.relative(project.features_path)
    done = place.git.try_run("cat-file", "blob", f":{name}", env=env)
    if done.returncode:
        return None
    return model.parse(done.stdout, project.config.project.features)


def _with_trailers(project: Project, place: Place, text: bytes, features: list[Feature]) -> bytes:
    trailers = [f"--trailer={DIGEST_TRAILER}: {quote(f.id)} {_digest(project, f)}" for f in features]
    return place.git.run("interpret-trailers", *trailers, stdin=text)


def _digest(project: Project, feature: Feature) -> str:
    return definition_digest(feature, in_worktree(project.root, feature.inputs) if feature.inputs else ())


def _without_comments(text: str) -> str:
    """The message as git will store it: nothing after the scissors, no comment lines."""
    return re.sub(r"(?m)^#.*\n?", "", re.split(r"(?m)^# -+ >8 -+$", text)[0])

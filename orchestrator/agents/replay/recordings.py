"""Recorded sessions: folders that people can write by hand.

    DIR/F001/1/session.json     the first session for the feature F001 (its slug), 2/ is the second ...
    DIR/F001/1/files/...        copied over the project, as they lie
    DIR/plan-research/1/...     a planning step's, under the name of the step

session.json, every key optional: `output` and `error` (texts), `outcome` ("ok" ...; by default by `exit`, an
exit code), `cost_usd`, `usage` ({"input_tokens": ...}), `structured`, `denials`, `reset_in` (seconds until a limit
ends), `sleep` (seconds that the session takes), `delete` (paths), `features` (objects added to the feature list),
`commit` (a message: what this session changed is committed with it). `commits` is for sessions that commit more
than once, before what `files` holds: a list of {"message", "files" (a folder beside `files`), "delete"}.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from orchestrator.agents.protocol import Outcome, Usage
from orchestrator.errors import OrchestratorError
from orchestrator.features.names import slug

NAME = "session.json"
FILES = "files"


@dataclass(frozen=True)
class Commit:
    """One commit of a session: `files` is the folder of what it changed, `delete` what it removed."""

    message: str
    files: str = ""
    delete: tuple[str, ...] = ()


@dataclass(frozen=True)
class Recording:
    """One session as session.json tells it; `commit` None leaves the changes in the work tree."""

    output: str = ""
    error: str = ""
    exit: int = 0
    outcome: str = ""
    cost_usd: float | None = None
    usage: Usage | None = None
    structured: object | None = None
    denials: tuple[str, ...] = ()
    reset_in: float | None = None
    sleep: float = 0
    delete: tuple[str, ...] = ()
    features: tuple[Mapping[str, Any], ...] = ()
    commit: str | None = None
    commits: tuple[Commit, ...] = field(default=())

    @property
    def ended(self) -> Outcome:
        if self.outcome:
            return Outcome(self.outcome)
        return Outcome.FAILED if self.exit else Outcome.OK


def folder_of(directory: Path, id: str, attempt: int) -> Path:
    """Where the session number `attempt` (from 1) for a feature or step is kept."""
    return directory / slug(id) / str(attempt)


def to_replay(directory: Path, id: str, done: int) -> Path | None:
    """The folder of the session to replay after `done` of them: the next, else the last once more, so that a feature
    can be built anew. None where the feature has no recording at all.
    """
    following = folder_of(directory, id, done + 1)
    if following.is_dir():
        return following
    recorded = [int(path.name) for path in following.parent.glob("*") if path.name.isdigit() and path.is_dir()]
    return folder_of(directory, id, max(recorded)) if recorded else None


def load(folder: Path) -> Recording:
    """The recording in a folder. Raises OrchestratorError naming the file, the line of a syntax error, the key."""
    path = folder / NAME
    try:
        data = json.loads(path.read_bytes().decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        raise OrchestratorError(f"not valid JSON: {error.msg}", where=f"{path}:{error.lineno}:{error.colno}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise OrchestratorError(f"cannot read the recording: {error}", where=str(path)) from error
    values = _fields(Recording, data, path)
    if values.get("usage") is not None:
        values["usage"] = Usage(**_fields(Usage, values["usage"], path))
    values["commits"] = tuple(Commit(**_fields(Commit, item, path)) for item in values.get("commits") or ())
    recording = Recording(**values)
    if recording.outcome and recording.outcome not in {outcome.value for outcome in Outcome}:
        raise OrchestratorError(
            f"unknown outcome {recording.outcome!r}",
            where=str(path),
            fix=f"One of: {', '.join(outcome.value for outcome in Outcome)}",
        )
    return recording


def save(folder: Path, recording: Recording) -> None:
    """Write session.json with the keys that say something."""
    default = Recording()
    told = {
        name: value
        for name, value in dataclasses.asdict(recording).items()
        if value != getattr(default, name) or name in ("output", "commit")
    }
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(told, indent=2, ensure_ascii=False) + "\n"
    (folder / NAME).write_text(text, encoding="utf-8", newline="\n")


_KINDS: Mapping[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "float": (int, float),
    "tuple": (list,),
    "Usage": (dict,),
}


def _fields(kind: type[Any], data: object, path: Path) -> dict[str, Any]:
    """The keys of a JSON object as arguments for `kind`, checked."""
    if not isinstance(data, dict):
        raise OrchestratorError(f"must hold an object, not {type(data).__name__}", where=str(path))
    known = {spec.name: str(spec.type) for spec in dataclasses.fields(kind)}
    values: dict[str, Any] = {}
    for key, value in data.items():
        if key not in known:
            raise OrchestratorError(f"unknown key {key!r}", where=str(path), fix=f"Known: {', '.join(known)}")
        wanted = _KINDS.get(known[key].split("[")[0].split(" ")[0], (object,))
        optional = value is None and "None" in known[key]
        if not optional and (not isinstance(value, wanted) or (isinstance(value, bool) and object not in wanted)):
            raise OrchestratorError(f"{key!r} must be of the type {known[key]}", where=str(path))
        values[key] = tuple(value) if isinstance(value, list) and known[key].startswith("tuple") else value
    return values

"""What a clone remembers of a feature that is being worked on, so that a killed run loses and invents nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from orchestrator import statefile
from orchestrator.features.names import slug
from orchestrator.git.place import Place

REFS = "refs/orchestrator/attempts/"
FOLDER = "attempts"
"""In the project's store: a file for each feature that is being worked on."""


@dataclass
class Attempts:
    """Attempts on one feature since it was last done.

    Of before the first attempt: `base_tree` and `base_head`, the work tree and HEAD; `base_check`, the check
    command; `began`, when (seconds since the epoch); `base_index`, the index as a tree, "" where nothing was
    uncommitted; `nested`, the repositories without a commit and the dirty submodules. Since: `owned`, the paths
    sessions changed; `theirs`, those that persons' commits changed; `put_back`, those that steer the build;
    `accepted`, other features that a session claimed and whose check passed. `check_failed` says that `failure` is
    what a check said. While a session runs, `before_tree` and `before_head` are those at its start; `ended` is how
    it ended, "" while it runs.
    """

    base_tree: str = ""
    base_head: str = ""
    attempts: int = 0
    base_check: str = ""
    began: float = 0.0
    nested: list[str] = field(default_factory=list)
    owned: list[str] = field(default_factory=list)
    put_back: list[str] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)
    before_tree: str = ""
    before_head: str = ""
    before_head_tree: str = ""
    branch: str = ""
    session: int = 0
    ended: str = ""
    base_index: str = ""
    theirs: list[str] = field(default_factory=list)
    failure: str = ""
    check_failed: bool = False
    undone: list[str] = field(default_factory=list)

    @property
    def running(self) -> bool:
        """Whether a session was begun and never settled: the run was killed in it."""
        return bool(self.before_tree)


def _path(store: Path, id: str) -> Path:
    return store / FOLDER / f"{slug(id)}.json"


def load(store: Path, id: str) -> Attempts:
    """What is remembered of the feature; a fresh value when nothing is, or it is damaged."""
    fresh = dataclasses.asdict(Attempts())
    found = {name: value for name, value in statefile.read(_path(store, id), dict).items() if name in fresh}
    if any(type(value) is not type(fresh[name]) for name, value in found.items()):
        return Attempts()
    return Attempts(**found)


def sound(place: Place, kept: Attempts) -> bool:
    """Whether the repository has what the attempts are judged by: a damaged file, or a clean-up, may have lost it."""
    ids = [kept.base_tree, kept.base_head, kept.before_tree, kept.before_head, kept.before_head_tree, kept.base_index]
    return None not in place.git.ids([id for id in ids if id])


def save(store: Path, id: str, kept: Attempts) -> None:
    statefile.write(_path(store, id), dataclasses.asdict(kept))


def forget(store: Path, id: str) -> None:
    _path(store, id).unlink(missing_ok=True)


def unsettled(store: Path) -> list[Path]:
    """The files of sessions that a killed run left behind."""
    paths = sorted((store / FOLDER).glob("*.json"))
    return [path for path in paths if statefile.read(path, dict).get("before_tree")]


def unsettled_of(store: Path, ids: Iterable[str]) -> list[str]:
    """The features among `ids` whose last session was never judged, because its run was killed."""
    names = {path.stem for path in unsettled(store)}
    return [id for id in ids if slug(id) in names] if names else []


def not_judged(store: Path, ids: Iterable[str]) -> list[str]:
    """A sentence for each of those."""
    why = "the run was killed in its session; the next `orchestrator build` settles it first"
    return [f"not judged yet: {id}: {why}" for id in unsettled_of(store, ids)]


def refs_copy(store: Path, id: str) -> Path:
    """Where the branches and tags are kept as they were before the feature's session."""
    return store / "attempts" / f"{slug(id)}.refs"


def held(id: str) -> dict[str, str]:
    """The refs of ours that hold what the attempts on a feature are judged by: names by what they hold."""
    return {what: f"{REFS}{slug(id)}/{what}" for what in ("base", "before", "head")}


def trace(store: Path, id: str) -> Path:
    """Where the git commands of the feature's session write down their arguments."""
    return store / "attempts" / f"{slug(id)}.trace"


def list_copy(store: Path, id: str) -> Path:
    """Where the feature list is kept as it was before the feature's session."""
    return store / FOLDER / f"{slug(id)}.list"


def running_lists(store: Path) -> list[Path]:
    """The kept feature lists of sessions that are not settled."""
    return [path.with_suffix(".list") for path in unsettled(store) if path.with_suffix(".list").exists()]

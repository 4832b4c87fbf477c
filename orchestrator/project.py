"""A project: its root, its settings, its repository, and where its files are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from orchestrator.config import loading
from orchestrator.config.settings import FILE_NAME, Config
from orchestrator.errors import NoRepository, OrchestratorError
from orchestrator.features.dialects.tables import Rules
from orchestrator.git import place as places
from orchestrator.git.place import Place
from orchestrator.history.events import Words

if TYPE_CHECKING:
    from orchestrator.features.model import FeatureList


class Project(NamedTuple):
    """`place` is None outside of a git repository: then there is no history to ask."""

    root: Path
    config: Config
    place: Place | None

    @property
    def features_path(self) -> Path:
        return self.root / self.config.project.features

    @property
    def settings_path(self) -> Path:
        return self.root / FILE_NAME

    @property
    def words(self) -> Words:
        return Words(self.config.history.completed, self.config.history.reopened)

    @property
    def rules(self) -> Rules:
        """The words and field names that `[features]` in orchestrator.toml adds to the tables of dialects."""
        return self.config.features

    @property
    def name(self) -> str:
        return self.config.project.name or self.root.resolve().name

    @property
    def store(self) -> Path:
        """Where this work tree's state files live, all of them deletable: in the git dir."""
        return self.place.own_store if self.place else self.root / ".agent" / "state"

    @property
    def list_lock(self) -> Path:
        """The lock for every change of the feature list."""
        return self.store / "features.lock"

    @property
    def work_lock(self) -> Path:
        """The lock of whatever works in this work tree: one build, plan or verification at a time."""
        return self.store / "build.lock"

    @property
    def repository(self) -> Place:
        """The repository; raises NoRepository where there is none."""
        if self.place is None:
            raise NoRepository("not in a git repository", where=str(self.root), fix="Run `git init` there first")
        return self.place

    def features(self, data: bytes | None = None) -> FeatureList:
        """The features of the list, or of these bytes of it; raises OrchestratorError where it is absent or invalid."""
        from orchestrator.features import model

        return model.parse(self.read_features() if data is None else data, self.config.project.features, self.rules)

    def read_features(self) -> bytes:
        """The feature list's bytes; raises OrchestratorError saying how to get one."""
        try:
            return self.features_path.read_bytes()
        except FileNotFoundError:
            raise OrchestratorError(
                "there is no feature list",
                where=str(self.features_path),
                fix="Write one, or make it with `orchestrator plan` or `orchestrator init`",
            ) from None
        except OSError as error:
            raise OrchestratorError(
                f"cannot read the feature list: {error.strerror}", where=str(self.features_path)
            ) from error


def _here() -> Path:
    try:
        return Path.cwd()
    except FileNotFoundError:
        raise OrchestratorError("the current folder is gone", fix="Change to a folder that is there") from None


def find_root(start: Path) -> Path:
    """The nearest folder upwards from `start` with orchestrator.toml or feature_list.json, else the git root,
    else `start`.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / FILE_NAME).is_file() or (folder / "feature_list.json").is_file():
            return folder
    for folder in (start, *start.parents):
        if (folder / ".git").exists():
            return folder
    return start


def root_of(given: Path | None) -> Path:
    """`given`, or the root around the current folder. Raises OrchestratorError for a missing folder."""
    if given is None:
        return find_root(_here())
    root = given.expanduser().resolve()
    if not root.is_dir():
        raise OrchestratorError("no such folder", where=str(given))
    return root


def load(given: Path | None = None, overrides: dict[str, Any] | None = None) -> Project:
    """The project at `given`, or around the current folder. Raises OrchestratorError for a missing folder."""
    root = root_of(given)
    settings = loading.load(root, overrides)
    try:
        place = places.find(root)
    except NoRepository:
        place = None
    return Project(root, settings, place)


def again(project: Project) -> Project:
    """The same project with the repository as it is now (another HEAD)."""
    return Project(project.root, project.config, places.find(project.root) if project.place else None)

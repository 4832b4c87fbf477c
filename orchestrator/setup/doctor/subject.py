"""What is examined: a project as far as it can be read, and what stood in the way; and children that may hang."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from orchestrator.config import loading
from orchestrator.config.settings import Config
from orchestrator.errors import NoRepository, OrchestratorError
from orchestrator.git import place as places
from orchestrator.processes import calling
from orchestrator.project import Project

LIMIT = 20.0  # seconds for a child that is asked something


class Subject(NamedTuple):
    """`config_error` where the settings can't be read: then `project` has the defaults. `git_error` where git can't
    be asked at all.
    """

    project: Project
    config_error: OrchestratorError | None = None
    git_error: OrchestratorError | None = None

    @property
    def root(self) -> Path:
        return self.project.root


def look(root: Path) -> Subject:
    """The project at `root`, whatever is wrong with it."""
    config, config_error, place, git_error = Config(), None, None, None
    try:
        config = loading.load(root)
    except OrchestratorError as error:
        config_error = error
    try:
        place = places.find(root)
    except NoRepository:
        pass
    except OrchestratorError as error:
        git_error = error
    return Subject(Project(root, config, place), config_error, git_error)


def ask(argv: tuple[str, ...], cwd: Path, env: Mapping[str, str], limit: float = LIMIT) -> calling.Answer:
    """What a program says. One that can't start, or does not end, is an answer too: code 127, or None."""
    try:
        return calling.call(argv, cwd, env, timeout=limit)
    except calling.CannotStart as error:
        return calling.Answer(127, "", error.reason)


def first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def told(answer: calling.Answer, limit: float = LIMIT) -> str:
    """Why a program did not do what it was asked to, in a few words."""
    if answer.returncode is None:
        return f"did not answer within {limit:g} s"
    return first_line(answer.stderr) or first_line(answer.stdout) or f"ended with exit code {answer.returncode}"

"""Repositories by GitPython: where its objects earn their import, and never on a hook's way."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import git

from orchestrator.errors import GitError


def create(root: Path, branch: str, settings: Mapping[str, str]) -> None:
    """A new repository in the folder `root`, on the unborn `branch`; `settings` are its own configuration by
    `section.key`. Raises GitError in git's own words.
    """
    try:
        with git.Repo.init(root, initial_branch=branch) as made, made.config_writer() as writer:
            for name, value in settings.items():
                section, _, key = name.partition(".")
                writer.set_value(section, key, value)
    except git.GitCommandError as error:
        raise GitError("git init failed", where=str(root), stderr=str(error.stderr)) from error


def commit_all(root: Path, message: str) -> None:
    """Commit every file that is not ignored."""
    with git.Repo(root) as made:
        made.git.add("--all")
        made.git.commit("--quiet", "--message", message)

"""The user's own hooks, for commits that are made without `git commit`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from orchestrator.git.place import Place


def command(place: Place, name: str) -> str:
    """The shell command that runs the hook as git would; "" where git would run none."""
    path = Path(place.git.text("rev-parse", "--git-path", f"hooks/{name}"))
    path = path if path.is_absolute() else place.top / path
    if not path.is_file() or not os.access(path, os.X_OK):
        return ""
    return f"git hook run {name}"  # git 2.36; it knows which shell and which folder


def index_tree(place: Place, env: Mapping[str, str]) -> str:
    """The tree of the index that a hook was run with, which it may have changed."""
    return place.git.text("write-tree", env=env)

"""A project to plan in."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.repos import git


@pytest.fixture
def root(repo: Path) -> Path:
    (repo / "orchestrator.toml").write_text('[plan]\ntracker = "none"\n[verify]\ncommand = "true"\n')
    (repo / "app.py").write_text("print('app')\n")
    git(repo, "add", ".")
    git(repo, "commit", "-q", "-m", "start")
    return repo

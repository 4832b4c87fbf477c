"""The real task-master (npm's `task-master-ai`), where it is installed.

It brings 770 MB of packages, so that CI does not install it, and its tests skip there too:

    npm install --omit=optional --ignore-scripts --prefix .cache/task-master task-master-ai
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

CACHED = Path(__file__).parents[2] / ".cache" / "task-master" / "node_modules" / ".bin" / "task-master"


def find() -> Path | None:
    """ORCHESTRATOR_TEST_TASK_MASTER, then PATH, then the copy kept in `.cache/task-master`."""
    named = os.environ.get("ORCHESTRATOR_TEST_TASK_MASTER") or shutil.which("task-master")
    if named:
        return Path(named)
    return CACHED if CACHED.exists() else None


def task_master(root: Path, *arguments: str) -> None:
    """Run it in the project; it asks nothing, and no server."""
    program = find()
    if program is None:
        pytest.skip("needs task-master")
    done = subprocess.run(
        [str(program), *arguments], cwd=root, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False,
        env={**os.environ, "CI": "1", "TASKMASTER_SKIP_AUTO_UPDATE": "1"}, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr

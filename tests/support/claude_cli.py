"""Where the tests find the real Claude Code."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from support.repos import require

CACHED = Path(__file__).parents[2] / ".cache" / "claude" / "node_modules" / ".bin" / "claude"


def find() -> Path | None:
    """ORCHESTRATOR_TEST_CLAUDE, then PATH, then the copy kept in `.cache/claude`; None when there is none."""
    named = os.environ.get("ORCHESTRATOR_TEST_CLAUDE") or shutil.which("claude")
    if named:
        return Path(named)
    return CACHED if CACHED.exists() else None


def claude() -> Path:
    """The real program; without it the test is skipped (or fails where real programs are required)."""
    found = find()
    require("claude", found)
    assert found is not None
    return found

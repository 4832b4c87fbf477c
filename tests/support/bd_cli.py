"""Where the tests find bd: the real one, or one that answers from the recorded contract."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from support.repos import require

CACHED = Path(__file__).parent.parent.parent / ".cache" / "bd" / "bd"


def real(root: Path) -> str:
    """The real bd with a database in the repository `root`; skips without one."""
    found = os.environ.get("ORCHESTRATOR_TEST_BD") or (str(CACHED) if CACHED.is_file() else shutil.which("bd"))
    require("bd", found)
    assert found
    subprocess.run(
        [found, "init", "--prefix", "t", "-q", "--skip-hooks"], cwd=root, check=True,
        stdin=subprocess.DEVNULL, capture_output=True,
    )  # fmt: skip
    return found


def fake(root: Path, monkeypatch: pytest.MonkeyPatch, version: str) -> str:
    """A bd that answers as `version` did."""
    if os.name == "nt":
        pytest.skip("needs a POSIX shell")
    (root / ".beads").mkdir(parents=True)
    program = root / ".beads" / "bd"
    script = Path(__file__).parent / "fake_bd.py"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S "{script}" "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("FAKE_BD", version)
    return str(program)


def state(root: Path) -> dict[str, Any]:
    """What the fake was asked and made."""
    found: dict[str, Any] = json.loads((root / ".beads" / "fake.json").read_text("utf-8"))
    return found

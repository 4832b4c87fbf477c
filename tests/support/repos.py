"""Helpers for tests: real git, and real programs that may be absent."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest


def git(cwd: Path, *args: str, stdin: str | None = None, check: bool = True) -> str:
    """What `git ARGS` prints in `cwd`, without the last newline."""
    done = subprocess.run(
        ["git", *args], cwd=cwd, input=stdin, capture_output=True, text=True, encoding="utf-8", check=False
    )
    if check and done.returncode:
        raise AssertionError(f"git {' '.join(args)} -> {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout.rstrip("\n")


def require(program: str, found: object) -> None:
    """Skip the test naming the absent `program`; under ORCHESTRATOR_REQUIRE_REAL=1 fail instead."""
    if found:
        return
    if os.environ.get("ORCHESTRATOR_REQUIRE_REAL") == "1":
        pytest.fail(f"{program} is required here and was not found")
    pytest.skip(f"needs {program}")

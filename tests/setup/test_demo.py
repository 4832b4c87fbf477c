"""The demo as a new user sees it: no git identity, an empty HOME, nothing but git and Python."""

from __future__ import annotations

import compileall
import os
import subprocess
import sys
from pathlib import Path

from orchestrator.setup import demo

PACKAGED = Path(demo.__file__).parent / "demo_project"


def test_the_demo_shows_what_it_says_it_shows(tmp_path: Path) -> None:
    compileall.compile_dir(PACKAGED, quiet=2)  # as pip does
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path / "home"), "LANG": "C.UTF-8"}
    (tmp_path / "home").mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "orchestrator.cli", "demo", str(tmp_path / "demo")],
        cwd=tmp_path, env=env, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    for words in (
        "6 features: all up to date",
        "F003: failed",
        "committed for the agent",
        "F006: checked, still right",
    ):
        assert words in done.stdout
    assert done.stderr == ""
    assert list((tmp_path / "home").iterdir()) == []


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = subprocess.run(
        [sys.executable, "-m", "orchestrator.cli", "demo", str(tmp_path)],
        capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]

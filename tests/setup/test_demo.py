"""The demo as a new user sees it: no git identity, an empty HOME, nothing but git and Python."""

from __future__ import annotations

import compileall
import json
import os
import subprocess
import sys
from pathlib import Path

from orchestrator.setup import demo

COMMAND = (sys.executable, "-m", "orchestrator.cli")
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
    everything_works_afterwards(tmp_path / "demo", env)


def everything_works_afterwards(root: Path, env: dict[str, str]) -> None:
    """What anyone would type next: each ends as it says."""
    features = root / "feature_list.json"
    for words in (
        ["build"],
        ["reopen", "F004", "-m", "again"],
        ["build"],
        ["block", "F001", "-m", "no"],
        ["unblock", "F001"],
    ):
        assert run(root, env, *words) == 0
    for id in ("F001", "F003", "F006"):
        text = features.read_text(encoding="utf-8")
        head, _, rest = text.partition(f'"id": "{id}"')
        features.write_text(head + f'"id": "{id}"' + rest.replace('"description": "', '"description": "Again: ', 1))
        assert run(root, env, "build") == 0
    data = json.loads(features.read_text(encoding="utf-8"))
    data["features"].append({"id": "F007", "name": "unrecorded", "description": "no session was recorded for it"})
    features.write_text(json.dumps(data, indent=2), encoding="utf-8")
    sessions = len(list((root / ".agent" / "sessions").glob("*.json")))
    assert [run(root, env, "build"), run(root, env, "build")] == [2, 2]
    assert len(list((root / ".agent" / "sessions").glob("*.json"))) == sessions
    del data["features"][-1]
    features.write_text(json.dumps(data, indent=2), encoding="utf-8")
    states = {feature["state"] for feature in json.loads(output(root, env, "status", "--json"))["features"]}
    assert states == {"done"}


def run(root: Path, env: dict[str, str], *words: str) -> int:
    return subprocess.run([*COMMAND, *words], cwd=root, env=env, capture_output=True, check=False).returncode


def output(root: Path, env: dict[str, str], *words: str) -> str:
    return subprocess.run([*COMMAND, *words], cwd=root, env=env, capture_output=True, text=True, check=True).stdout


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = subprocess.run(
        [sys.executable, "-m", "orchestrator.cli", "demo", str(tmp_path)],
        capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]

"""Projects for end-to-end tests: a feature list, settings, and the commands a user types."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.repos import git

BIN = Path(sys.executable).parent
DODO = '"""doit front end."""\n\nfrom orchestrator.tasks import *  # noqa: F403\n'
IGNORED = {".gitignore": "__pycache__/dodo.*\n"}  # of what `init` writes there, what a build with nothing to do leaves


@dataclass(frozen=True)
class Made:
    """A project in a git repository of its own."""

    root: Path

    def run(self, *command: str, code: int | None = 0, env: Mapping[str, str] | None = None) -> str:
        """What `orchestrator ...` or `doit ...` prints (both streams); the exit code is checked unless None."""
        argv = [str(BIN / command[0]), *command[1:]]
        done = subprocess.run(
            argv, cwd=self.root, capture_output=True, text=True, encoding="utf-8", errors="replace",
            stdin=subprocess.DEVNULL, env={**os.environ, **(env or {})}, check=False,
        )  # fmt: skip
        output = done.stdout + done.stderr
        assert code is None or done.returncode == code, f"{command} -> {done.returncode}\n{output}"
        return output

    def json(self, *command: str) -> Any:
        done = subprocess.run(
            [str(BIN / "orchestrator"), *command, "--json"], cwd=self.root, capture_output=True, check=False
        )
        return json.loads(done.stdout)

    def states(self) -> dict[str, str]:
        return {str(feature["id"]): feature["state"] for feature in self.json("status")["features"]}

    def features(self) -> dict[str, dict[str, Any]]:
        data = json.loads((self.root / "feature_list.json").read_bytes().decode("utf-8-sig"))
        return {str(feature["id"]): feature for feature in data["features"]}

    def sessions(self) -> list[dict[str, Any]]:
        logs = sorted((self.root / ".agent" / "sessions").glob("session-*.json"))
        return [json.loads(log.read_bytes()) for log in logs]

    def git(self, *args: str) -> str:
        return git(self.root, *args)

    def clean(self) -> bool:
        return not self.git("status", "--porcelain")

    def edit(self, id: str, **fields: object) -> None:
        path = self.root / "feature_list.json"
        data = json.loads(path.read_bytes())
        next(feature for feature in data["features"] if feature["id"] == id).update(fields)
        path.write_text(json.dumps(data, indent=2) + "\n")


def make(
    root: Path, features: Sequence[Mapping[str, Any]], settings: str = "", *, files: Mapping[str, str] | None = None
) -> Made:
    """A repository with a committed list, dodo.py and settings."""
    root.mkdir(parents=True, exist_ok=True)
    git(root, "init", "-q")
    git(root, "config", "user.name", "Test")
    git(root, "config", "user.email", "test@example.com")
    (root / "feature_list.json").write_text(json.dumps({"features": list(features)}, indent=2) + "\n")
    (root / "orchestrator.toml").write_text(settings)
    (root / "dodo.py").write_text(DODO)
    for name, content in (files or {}).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "base")
    return Made(root)

"""Projects whose agent is a shell script of the test's."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from support.projects import BIN, Made, make

# The agent: a shell script that finds the id in $1; what it does for each is the test's.
AGENT = '[agent]\nkind = "command"\ncommand = ["{agent}", "{id}", "{prompt_file}"]\nretry_delay = 0\n'


def project(
    tmp_path: Path,
    features: Sequence[dict[str, Any]],
    script: str,
    settings: str = '[verify]\ncommand = "sh check.sh"\n',
) -> Made:
    agent = tmp_path / "agent.sh"
    agent.write_text("#!/bin/sh\n" + script)
    agent.chmod(0o755)
    text = AGENT.replace("{agent}", str(agent)) + settings
    return make(tmp_path / "project", features, text, files={"check.sh": "! grep -l broken src/* 2>/dev/null\n"})


def feature(id: str | int, **fields: Any) -> dict[str, Any]:
    return {"id": id, "name": f"feature {id}", "description": "something to build", **fields}


WORKS = 'mkdir -p src && echo "$1" > "src/$(printf %s "$1" | cksum | tr " " -)"\n'
COMMITS = WORKS + 'git add src && git commit -q -m "session: completed $1"\n'


def start(made: Made, *command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [str(BIN / command[0]), *command[1:]], cwd=made.root, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def wait_for(path: Path) -> None:
    end = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < end, f"{path} never came"
        time.sleep(0.02)

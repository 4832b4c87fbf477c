"""The scripts in every shell that may be somebody's /bin/sh."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest
from support.projects import Made, make

from orchestrator.hooks.table import BY_NAME

SHELLS = {
    "dash": ["dash"],
    "bash": ["bash", "--posix"],
    "busybox": ["busybox", "sh"],
    "zsh": ["zsh", "--emulate", "sh"],
    "mksh": ["mksh"],
    "ksh93": ["ksh93"],
    "yash": ["yash", "--posixly-correct"],
}
FEATURES = [{"id": f"F {n}", "name": f"feature {n}", "description": "d", "passes": False} for n in (1, 2)]


@pytest.mark.skipif(sys.platform == "win32", reason="the first line of a script names no shell there")
@pytest.mark.parametrize("shell", SHELLS)
def test_the_hooks_work_in_every_shell(tmp_path: Path, shell: str) -> None:
    program = shutil.which(SHELLS[shell][0])
    if not program:
        pytest.skip(f"needs {shell}")
    made = make(tmp_path / "pro ject", FEATURES)
    made.run("orchestrator", "hooks", "install")
    python = tmp_path / "python"
    marker = tmp_path / "python-ran"
    for name in BY_NAME:
        hook = made.root / ".git/hooks" / name
        lines = hook.read_text().split("\n")
        lines[0] = f"#!/usr/bin/env -S {' '.join([program, *SHELLS[shell][1:]])}"
        at = next(number for number, line in enumerate(lines) if line.startswith("python="))
        python.write_text(f'#!/bin/sh\n: >"{marker}"\nexec {lines[at].removeprefix("python=")} "$@"\n')
        lines[at] = f"python={python}"
        hook.write_text("\n".join(lines))
    python.chmod(0o755)

    made.git("commit", "-q", "--allow-empty", "-m", 'session: completed "F 1"\n\n- a bullet with a \\ and a *')
    assert flags(made) == [True, False]
    assert made.git("log", "-1", "--format=%b").startswith('- a bullet with a \\ and a *\n\nFeature-Digest: "F 1" ')
    made.git("commit", "-q", "--amend", "--allow-empty", "-m", "fix: not done")
    assert flags(made) == [False, False]
    marker.unlink()
    if shell == "busybox":  # it compares whole seconds, and looks again at a file that may be as new as its last look
        for name in ("feature_list.json", "orchestrator.toml"):
            os.utime(made.root / name, (1_700_000_000, 1_700_000_000))
        made.git("status")
    made.git("commit", "-q", "--allow-empty", "-m", "fix: * [a-z]* $(touch pwned) `touch pwned` \\")
    assert not marker.exists()
    made.git("commit", "-q", "--amend", "--allow-empty", "-m", "fix: again")
    assert not marker.exists()
    with pytest.raises(AssertionError, match="Did you mean 'F 2'"):
        made.git("commit", "-q", "--allow-empty", "-m", "session: completed F2")
    assert made.clean()
    assert not (made.root / "pwned").exists()


def flags(made: Made) -> list[bool]:
    listed = json.loads(made.git("show", "HEAD:feature_list.json"))["features"]
    assert made.clean()
    return [feature["passes"] for feature in listed]

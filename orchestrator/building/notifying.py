"""The user's `[build] notify` command."""

from __future__ import annotations

import json
import subprocess

from orchestrator.building.progress import Progress
from orchestrator.project import Project

_TIMEOUT = 60  # seconds


def notify(project: Project, progress: Progress, event: str, **details: object) -> None:
    """Run the command with the event as JSON on its standard input; that it fails is only noted."""
    command = project.config.build.notify
    if not command:
        return
    data = {"event": event, "project": str(project.root), **details}
    try:
        subprocess.run(
            command, shell=True, cwd=project.root, input=json.dumps(data).encode(), timeout=_TIMEOUT,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        progress.note(f"notify: {error}")

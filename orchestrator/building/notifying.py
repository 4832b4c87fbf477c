"""The user's `[build] notify` command."""

from __future__ import annotations

import json

from orchestrator.building.progress import Progress
from orchestrator.project import Project

_TIMEOUT = 60  # seconds


def notify(project: Project, progress: Progress, event: str, **details: object) -> None:
    """Run the command with the event as JSON on its standard input; that it fails is only noted."""
    command = project.config.build.notify
    if not command:
        return
    data = {"event": event, "project": str(project.root), **details}
    from orchestrator.git.plumbing import environment
    from orchestrator.processes import calling

    try:
        answer = calling.call(
            calling.shell(command), project.root, environment(), stdin=json.dumps(data).encode(), timeout=_TIMEOUT
        )
    except calling.CannotStart as error:
        progress.note(f"notify: {error}")
        return
    if answer.returncode is None:
        progress.note(f"notify: the command was ended after {_TIMEOUT} s")
    elif answer.returncode:
        progress.note(f"notify: the command ended with exit code {answer.returncode}")

"""`orchestrator build` by way of doit: the same tasks as `doit build` makes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from doit.cmd_base import ModuleTaskLoader
from doit.doit_cmd import DoitMain

from orchestrator.features.names import slug
from orchestrator.tasks import front
from orchestrator.tasks.request import Request


def build(request: Request, ids: Sequence[str], output: TextIO) -> int:
    """`orchestrator build [ID...]`: doit runs the build tasks. The exit code, as in docs/contract.md, section 2."""
    project = request.project
    wanted = ["build"]
    if ids:
        features = project.features()
        wanted = [f"build:{slug(features.get(id).id)}" for id in ids]
    given = front.names(request._replace(words=("run", *wanted)))
    namespace = {"DOIT_CONFIG": {**given["DOIT_CONFIG"], "outfile": output}, "task_build": given["task_build"]}
    code: int = DoitMain(ModuleTaskLoader(namespace), config_filenames=()).run(["run", *wanted])
    return min(code, 1) if code < 3 else 2

"""`orchestrator build` by way of doit: the same tasks as `doit build` makes."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TextIO

from doit.cmd_base import ModuleTaskLoader
from doit.doit_cmd import DoitMain

from orchestrator.features import model
from orchestrator.features.names import slug
from orchestrator.tasks import engine, front


def build(ids: Sequence[str], output: TextIO) -> int:
    """`orchestrator build [ID...]`: doit's own run of the build tasks; the contract's exit code."""
    found = engine.project()
    names = ["build"]
    if ids:
        features = model.parse(found.read_features(), found.config.project.features)
        names = [f"build:{slug(features.get(id).id)}" for id in ids]
    os.chdir(found.root)
    sys.argv = ["doit", *names]
    namespace = {"DOIT_CONFIG": {**front.DOIT_CONFIG, "outfile": output}, "task_build": front.task_build}
    code: int = DoitMain(ModuleTaskLoader(namespace), config_filenames=()).run(["run", *names])
    return min(code, 1) if code < 3 else 2

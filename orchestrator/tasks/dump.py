"""`doit dumpdb` in a project: doit's own command knows the dbm files of its backends only."""

from __future__ import annotations

import pprint
import sys
from collections.abc import Sequence
from dbm import whichdb
from pathlib import Path
from typing import Any

from doit.cmd_dumpdb import DumpDB

from orchestrator import project as projects
from orchestrator.ending import told
from orchestrator.tasks.database import JournalDB


class Dump(DumpDB):  # type: ignore[misc]
    """`doit dumpdb` inside a project: the journal's records of the user's own tasks. Elsewhere doit's own command."""

    name = "dumpdb"

    def execute(self, opt_values: dict[str, Any], pos_args: Sequence[str]) -> None:
        path = None if whichdb(opt_values["dep_file"]) else _journal()
        if path is None:
            super().execute(opt_values, pos_args)
            return
        records = JournalDB(str(path), None).records()
        sys.stdout.write(f"orchestrator's journal: {path}\n")
        for task, record in sorted(records.items()):
            sys.stdout.write(f"{task} -> {pprint.pformat(record, indent=4, width=100)}\n")
        if not records:
            sys.stdout.write("no task of dodo.py's own has run; of features see `orchestrator status`\n")


def _journal() -> Path | None:
    """The journal of the project around the current folder; None where that is no project of ours."""
    with told():
        project = projects.load()
    path = project.store / "doit.jsonl"
    return path if path.exists() or project.features_path.exists() or project.settings_path.exists() else None

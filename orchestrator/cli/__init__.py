"""The command line: parsing and printing only, one small module a command."""

from __future__ import annotations

import sys
from typing import NoReturn


def main() -> NoReturn:
    """The `orchestrator` command."""
    from orchestrator.ending import told

    arguments = sys.argv[1:]
    with told(debug="--debug" in arguments):
        from orchestrator.cli.app import run

        sys.exit(run(arguments))

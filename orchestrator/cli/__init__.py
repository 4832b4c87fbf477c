"""The command line: parsing and printing only, one small module a command."""

from __future__ import annotations

import sys
from typing import NoReturn


def main() -> NoReturn:
    """The `orchestrator` command; exit codes are SPEC section 2's."""
    from orchestrator.cli.app import run

    sys.exit(run(sys.argv[1:]))

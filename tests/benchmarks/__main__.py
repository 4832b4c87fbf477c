"""All benchmarks in one run; ratios inside it are what counts. `python -m tests.benchmarks [NAME...]`"""

from __future__ import annotations

import importlib
import sys
import tempfile
from pathlib import Path

NAMES = ("noop", "history", "hooks")


def main(names: list[str]) -> None:
    for name in names or NAMES:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            importlib.import_module(f"tests.benchmarks.{name}").main(Path(folder))


main(sys.argv[1:])

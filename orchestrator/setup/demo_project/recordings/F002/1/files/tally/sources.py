"""Where the text comes from."""

import sys
from pathlib import Path


def read(paths):
    """The text of all files, one after the other; standard input when there is none."""
    if not paths:
        return sys.stdin.read()
    return "\n".join(Path(path).read_text(encoding="utf-8") for path in paths)

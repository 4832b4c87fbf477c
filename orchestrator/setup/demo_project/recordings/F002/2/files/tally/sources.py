"""Where the text comes from."""

import sys
from pathlib import Path


def read(paths):
    """The text of all files, one after the other; standard input when there is none.

    A byte order mark at the start of a file is no part of its text.
    """
    if not paths:
        return sys.stdin.read()
    return "\n".join(Path(path).read_text(encoding="utf-8-sig") for path in paths)

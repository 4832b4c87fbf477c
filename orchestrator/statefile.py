"""State files: JSON that may be deleted or damaged at any time; then it counts as empty.

`read` and `write` raise: losing such a file would cost sessions. `kept` and `keep` never do: they are for caches.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypeVar

from orchestrator import files
from orchestrator.errors import OrchestratorError

Kind = TypeVar("Kind", dict[str, Any], list[Any])


def read(path: Path, kind: type[Kind]) -> Kind:
    """The file's content; an empty one where it is absent, damaged or of another kind. Raises OrchestratorError where
    it is there and can't be read.
    """
    try:
        return _parsed(path.read_bytes(), kind)
    except (FileNotFoundError, NotADirectoryError):
        return kind()
    except OSError as error:
        what = f"cannot read {path.name}: {error.strerror or error}"
        raise OrchestratorError(what, where=str(path), fix="Make it readable, or delete it") from error


def write(path: Path, data: object) -> None:
    """On disk when this returns. Raises OrchestratorError where it can't be written."""
    files.make_folder(path.parent)
    files.write_atomic(path, json.dumps(data, indent=0).encode())


def kept(path: Path, kind: type[Kind]) -> Kind:
    """What `keep` kept; an empty one where that can't be read, for whatever reason."""
    try:
        return _parsed(path.read_bytes(), kind)
    except OSError:
        return kind()


def keep(path: Path, data: object) -> None:
    """Write the file if possible; no error, and not synced to disk."""
    files.keep(path, json.dumps(data, separators=(",", ":")).encode())


def _parsed(text: bytes, kind: type[Kind]) -> Kind:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return kind()
    return data if isinstance(data, kind) else kind()

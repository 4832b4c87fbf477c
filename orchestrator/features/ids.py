"""What counts as a feature's id, and the error for one that is not known."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from orchestrator.errors import OrchestratorError

# Control characters, lone surrogates, line and paragraph separators: they can't stand in one line of a commit
# message. `str.isprintable` also refuses what this Python's Unicode tables do not know yet, so it only speeds up.
_UNPRINTABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})


def id_text(raw: object) -> str | None:
    """The id as text, an integer as its digits; None for what can't be an id."""
    if isinstance(raw, str):
        return raw
    return str(raw) if isinstance(raw, int) and not isinstance(raw, bool) else None


def fault(id: str) -> str:
    """Why the text can't be an id; "" when it can."""
    if not id.strip():
        return "an id must not be empty"
    if not id.isprintable() and any(unicodedata.category(char) in _UNPRINTABLE for char in id):
        return f"the id {id!a} holds a control character"
    return ""


def unknown(id: str, known: Iterable[str], where: str = "") -> OrchestratorError:
    """The error for an id that no feature has; it names the nearest known one."""
    import difflib

    close = difflib.get_close_matches(id, list(known), 1, 0.5)
    fix = f"Did you mean {close[0]}?" if close else ""
    return OrchestratorError(f"no feature has the id {id!r}", where=where, fix=fix)

"""Taking secrets and control characters out of text before a log, a terminal or a prompt holds it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

HIDDEN = "[redacted]"
_SECRET_NAME = re.compile(r"KEY|TOKEN|SECRET|PASSWORD", re.IGNORECASE)
_PATTERNS = re.compile(
    r"""sk-ant-[\w-]{8,}
      | \bsk-[\w-]{16,}
      | \bgh[pousr]_[A-Za-z0-9]{16,}
      | \bgithub_pat_\w{16,}
      | \bAIza[\w-]{16,}
      | \bxox[abprs]-[\w-]{8,}
      | \bAKIA[A-Z0-9]{12,}
      | (?<=[Bb]earer\ )[\w.~+/-]{8,}=*
      | (?<=://)[^\s/@'"]+(?=@)
    """,
    re.VERBOSE,
)
_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[@-_]?")
# Control characters but tab and newline, and the marks that turn the direction of text.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def redactor(*environments: Mapping[str, str]) -> Callable[[str], str]:
    """A function that hides the secrets of these environments (variables named KEY, TOKEN, SECRET, PASSWORD with
    8 characters or more) and what looks like a well-known secret, and cleans the text for a terminal."""
    values = {
        value.strip()
        for environment in environments
        for name, value in environment.items()
        if _SECRET_NAME.search(name) and len(value.strip()) >= 8
    }
    # The longest first: a secret may begin with another one.
    known = re.compile("|".join(re.escape(value) for value in sorted(values, key=len, reverse=True)))

    def redact(text: str) -> str:
        text = clean(text)
        if values:
            text = known.sub(HIDDEN, text)
        return _PATTERNS.sub(HIDDEN, text)

    return redact


def clean(text: str) -> str:
    """`text` without escape sequences and control characters; tabs and newlines stay, CRLF becomes LF."""
    text = text.replace("\r\n", "\n")
    return _CONTROLS.sub("", _ESCAPES.sub("", text))


def one_line(text: str, limit: int = 500) -> str:
    """`text` folded to one line of at most `limit` characters."""
    folded = " ".join(text.split())
    return folded if len(folded) <= limit else folded[: limit - 3] + "..."

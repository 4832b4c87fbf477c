"""Taking secrets and control characters out of text before a log, a terminal or a prompt holds it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote

HIDDEN = "[redacted]"
_SECRET_NAME = re.compile(r"KEY|TOKEN|SECRET|PASSWORD", re.IGNORECASE)
# Each begins with plain characters, which are searched for many times faster than a `\b` before them.
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        r"sk-(?<!\wsk-)(?:ant-[\w-]{8,}|[\w-]{16,})",
        r"sk-ant-[\w-]{8,}",
        r"gh[pousr]_(?<!\wgh[pousr]_)[A-Za-z0-9]{16,}",
        r"github_pat_(?<!\wgithub_pat_)\w{16,}",
        r"glpat-(?<!\wglpat-)[\w-]{16,}",
        r"npm_(?<!\wnpm_)[A-Za-z0-9]{20,}",
        r"hf_(?<!\whf_)[A-Za-z0-9]{20,}",
        r"pypi-(?<!\wpypi-)[\w-]{32,}",
        r"[rs]k_(?<!\w[rs]k_)(?:live|test)_[A-Za-z0-9]{16,}",
        r"AIza(?<!\wAIza)[\w-]{16,}",
        r"AKIA(?<!\wAKIA)[A-Z0-9]{12,}",
        r"xox[abprs]-(?<!\wxox[abprs]-)[\w-]{8,}",
        r"eyJ(?<!\weyJ)[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]*",
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
        r"(?P<before>[Bb]earer )[\w.~+/-]{8,}=*",
        r"(?P<before>://)[^\s/@'\"]+(?=@)",
    )
)
_KEY_BEGINS, _KEY_ENDS = (re.compile(rb"-----%s [A-Z ]*PRIVATE KEY-----" % word) for word in (b"BEGIN", b"END"))
_SHORTEST = 8
_CONTEXT = 64
"""Characters before a secret that tell that it is one, such as `Bearer `; an escape sequence is shorter, too."""
# How a colour stands in a line of JSON, where it may divide a secret.
_JSON_ESCAPES = re.compile(r"(?<!\\)\\u001[bB]\[[0-?]*[ -/]*[@-~]")
_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[@-_]?")
# Control characters but tab and newline, and the marks that turn the direction of text.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class Redactor:
    """Hides the secrets of environments (variables named KEY, TOKEN, SECRET, PASSWORD with 8 characters or more) and
    what looks like a well-known secret, and cleans the text for a terminal.
    """

    def __init__(self, *environments: Mapping[str, str]) -> None:
        values = {form for environment in environments for value in _secrets(environment) for form in _forms(value)}
        # The longest first: a secret may begin with another one.
        self._values = sorted(values, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        return self.hide(clean(text))

    def hide(self, text: str) -> str:
        """The text without secrets; it has been cleaned already."""
        for value in self._values:
            text = text.replace(value, HIDDEN)
        for pattern in _PATTERNS:
            text = pattern.sub(_hidden, text)
        return text

    def safe_cut(self, text: str, at: int) -> int:
        """The last place up to `at` where a cut divides no secret, and no name such as `TOKEN=` from its value."""
        known = (re.compile(re.escape(value)) for value in self._values)
        spans = [found.span() for pattern in (*known, *_PATTERNS) for found in pattern.finditer(text)]
        for start, end in sorted(spans, reverse=True):
            if start - _CONTEXT < at < end:
                at = max(0, start - _CONTEXT)
        return at


def _hidden(found: re.Match[str]) -> str:
    return found.groupdict().get("before", "") + HIDDEN


def _secrets(environment: Mapping[str, str]) -> Iterator[str]:
    """The secret values. Of a value of several lines each line, too: output is redacted line by line."""
    for name, value in environment.items():
        if _SECRET_NAME.search(name):
            yield from (line.strip() for line in value.splitlines() if len(line.strip()) >= _SHORTEST)


def _forms(value: str) -> set[str]:
    """The forms in which the value may be printed: as it is, in JSON (with and without `\\u` escapes), and in a URL."""
    return {value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], quote(value, safe="")}


class Flow:
    """Redacts a stream that comes in pieces; what comes out is the same however it was cut.

    It works line by line, as only a private key has several lines; the end of a key is waited for. If more than
    `longest` has to be held back, it is cut at a place that divides no secret.
    """

    def __init__(self, redact: Redactor, longest: int = 1 << 20) -> None:
        self._redact = redact
        self._longest = longest
        self._pending: list[bytes] = []
        self._size = 0
        self._rest = ""

    def feed(self, piece: bytes) -> bytes:
        """What can be written by now."""
        done = ""
        if b"\n" in piece:
            whole = b"".join([*self._pending, piece])
            end = whole.rindex(b"\n") + 1
            key = _open_key(whole[:end])
            end = end if key is None else key
            self._pending = []
            done, piece = self._take(whole[:end]) if end else "", whole[end:]
            self._size = 0
        self._pending.append(piece)
        self._size += len(piece)
        if self._size > self._longest:
            done += self._too_long()
        return _encoded(done)

    def close(self) -> bytes:
        """What is left: the last line, whose newline is missing."""
        return _encoded(self._take(b""))

    def _take(self, more: bytes) -> str:
        text = self._text(more)
        self._pending, self._size, self._rest = [], 0, ""
        return self._redact(_JSON_ESCAPES.sub("", text) if "\\u001" in text else text)

    def _too_long(self) -> str:
        text = self._text(b"")
        # An escape sequence or a character may be incomplete at the end.
        sure = text.rfind("\x1b", len(text) - _CONTEXT) if "\x1b" in text[-_CONTEXT:] else len(text) - _CONTEXT
        cleaned = clean(_JSON_ESCAPES.sub("", text[:sure]))
        at = self._redact.safe_cut(cleaned, max(0, len(cleaned) - self._longest // 4))
        self._rest = cleaned[at:] + text[sure:]
        self._pending, self._size = [], 0
        if len(self._rest) > self._longest:  # one secret all along
            self._rest = ""
            return self._redact.hide(cleaned) + text[sure:]
        return self._redact.hide(cleaned[:at])

    def _text(self, more: bytes) -> str:
        return self._rest + b"".join([*self._pending, more]).decode("utf-8", "surrogateescape")


def _open_key(text: bytes) -> int | None:
    """Where a private key begins that has not ended yet: the start of its line, or the end of another key in it."""
    if b"PRIVATE KEY-----" not in text:
        return None
    ended = max((found.end() for found in _KEY_ENDS.finditer(text)), default=0)
    begins = _KEY_BEGINS.search(text, ended)
    return max(ended, text.rfind(b"\n", 0, begins.start()) + 1) if begins else None


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def clean(text: str) -> str:
    """`text` without escape sequences and control characters; tabs and newlines stay, CRLF becomes LF."""
    text = text.replace("\r\n", "\n")
    return _CONTROLS.sub("", _ESCAPES.sub("", text) if "\x1b" in text else text)


def one_line(text: str, limit: int = 500) -> str:
    """`text` folded to one line of at most `limit` characters."""
    folded = " ".join(text.split())
    return folded if len(folded) <= limit else folded[: limit - 3] + "..."

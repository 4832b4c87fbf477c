"""Marked lines and blocks in files that belong to others: put in, and taken out to the last byte."""

from __future__ import annotations

import re
from pathlib import Path

_UNENDED = b" (the file did not end in a line break)"
_BEGIN, _END = b"# >>> orchestrator", b"# <<< orchestrator"
_MADE = b" (made by it)"
_SHELLS = (b"sh", b"bash", b"dash", b"ksh", b"zsh", b"ash")


def read(path: Path) -> bytes | None:
    """The file's content; None where there is none (a dangling symlink or a folder counts as none)."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None


def with_lines(content: bytes, mark: bytes, lines: list[bytes]) -> bytes:
    """The lines added at the end, each below a comment line `mark`, and those that were there before taken out."""
    content = without_lines(content, mark)
    for line in lines:
        whole = not content or content.endswith(b"\n")
        content += (mark + b"\n" if whole else b"\n" + mark + _UNENDED + b"\n") + line + b"\n"
    return content


def without_lines(content: bytes, mark: bytes) -> bytes:
    content = re.sub(rb"\n" + re.escape(mark + _UNENDED) + rb"\n[^\n]*\n", b"", content)
    return re.sub(re.escape(mark) + rb"\n[^\n]*\n", b"", content)


def with_block(content: bytes | None, text: bytes, *, shell: bool) -> bytes:
    """`text` as a block: at the top of a shell script, below its first line, so that no `exit` or `exec` comes before
    it; else at the end. None is a file that does not exist.
    """
    if content is None:
        return (b"#!/bin/sh\n" if shell else b"") + _block(text, _MADE)
    content = without_block(content) or b""
    if not shell:
        gap = b"" if not content or content.endswith(b"\n") else b"\n"
        return content + gap + _block(text, _UNENDED if gap else b"")
    first = content.index(b"\n") + 1 if content.startswith(b"#!") and b"\n" in content else 0
    return content[:first] + _block(text, b"") + content[first:]


def without_block(content: bytes) -> bytes | None:
    """The content as it was; None where the file held nothing but the block that made it."""
    found = re.search(re.escape(_BEGIN) + rb"([^\n]*)\n.*?" + re.escape(_END) + rb"\n", content, re.DOTALL)
    if not found:
        return content
    before, after = content[: found.start()], content[found.end() :]
    if found[1] == _MADE and not after and before in (b"", b"#!/bin/sh\n"):
        return None
    if found[1] == _UNENDED:
        before = before.removesuffix(b"\n")
    return before + after


def has_block(content: bytes | None, text: bytes) -> bool:
    """Whether the content has this very block."""
    return content is not None and any(_block(text, note) in content for note in (b"", _MADE, _UNENDED))


def is_shell(content: bytes | None) -> bool:
    """Whether lines for a shell may be put into the script; without a first line that says so, a shell runs it too."""
    if content is None or not content.startswith(b"#!"):
        return True
    words = content[2:].split(b"\n", 1)[0].split()
    return any(word.rpartition(b"/")[2] in _SHELLS for word in words[:3])  # `#!/usr/bin/env -S bash -e`


def _block(text: bytes, note: bytes) -> bytes:
    return _BEGIN + note + b"\n" + text + _END + b"\n"

"""A block that the orchestrator keeps up to date inside a file that people edit, between two comments."""

from __future__ import annotations

import re

_BEGIN = "<!-- orchestrator: tracker -->"
_END = "<!-- /orchestrator: tracker -->"
_BLOCK = re.compile(rf"(?:\r?\n)*{re.escape(_BEGIN)}.*?{re.escape(_END)}[ \t]*(?:\r?\n)?", re.DOTALL)


def without_block(text: str) -> str:
    """`text` as its author left it: without the block, ending as it did before it."""
    newline = "\r\n" if "\r\n" in text else "\n"
    return _BLOCK.sub(lambda found: newline if found.end() == len(found.string) else newline * 2, text)


def with_block(text: str, block: str) -> str:
    """`text` with `block` (Markdown) at its end in place of an earlier one; all line ends as in `text`."""
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = [without_block(text).rstrip("\r\n"), "", _BEGIN, *block.strip().splitlines(), _END, ""]
    return newline.join(lines)

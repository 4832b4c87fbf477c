"""A phase file among a feature's inputs counts by the feature's id in it, not by its name or its number.

So renumbering phases and renaming or moving a phase file change no definition. Left out of the digest are the path in
`inputs`, the number in the heading, and the front matter's fields that don't say what is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

Content = tuple[str, bytes]
_NAME = "(the phase file)"
_FRONT = re.compile(rb"\A(?:\xef\xbb\xbf)?---[ \t]*\r?\n(.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_ID = re.compile(rb"^id[ \t]*:[ \t]*[\"']?(.*?)[\"']?[ \t]*\r?$", re.MULTILINE)
_BOOKKEEPING = re.compile(rb"^(?:id|priority|requirements|ticket)[ \t]*:.*\r?\n", re.MULTILINE)
_NUMBER = re.compile(rb"^(# +)phase[ \t]+\d+[ \t]*(?:[:.-]|\xe2\x80[\x93\x94])[ \t]*", re.IGNORECASE | re.MULTILINE)


def id_of(content: bytes) -> str:
    """The id in a file's front matter, "" for none."""
    front = _FRONT.match(content)
    found = _ID.search(front[1]) if front else None
    return found[1].decode("utf-8", "replace") if found else ""


def settled(
    definition: Mapping[str, Any], id: str, inputs: Iterable[Content]
) -> tuple[Mapping[str, Any], list[Content]]:
    """The definition and its inputs as they go into the digest of the feature."""
    parts: list[Content] = []
    own: set[str] = set()
    for path, content in inputs:
        mine = content.startswith((b"---", b"\xef\xbb\xbf---")) and id_of(content) == id
        parts.append((_NAME, _plain(content)) if mine else (path, content))
        own |= {path} if mine else set()
    if not own:
        return definition, parts
    named = [_NAME if path.removeprefix("./") in own else path for path in definition["inputs"]]
    return {**definition, "inputs": named}, parts


def _plain(content: bytes) -> bytes:
    front = _FRONT.match(content)
    assert front
    return _BOOKKEEPING.sub(b"", front[1]) + b"---\n" + _NUMBER.sub(rb"\1", content[front.end() :], count=1)

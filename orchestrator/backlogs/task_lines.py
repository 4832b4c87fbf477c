"""What the text behind a box says: an id, marks in brackets, the task's name; no I/O.

The same grammar serves spec-kit (`T001 [P] [US1] text`) and openspec (`1.1 text`), since public files of either kind
have the other's ids too, in bold, in brackets, behind `Task`, with a dot, a colon or a dash after them.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_BOX = re.compile(
    r"(?:[-*+\u2022]|\d{1,9}[.)])[ \t\u00a0]+\[[ \t\u00a0]*(?P<mark>[xX]|[^\w\s\[\]]?)\ufe0f?[ \t\u00a0]*\]\*?"
    r"(?![(\[:])[ \t\u00a0]*(?P<text>.*)"
)
_DONE = frozenset("xX✓✔✅☑√")
_TAIL = 80
"""How many characters at the end of a text are looked at for marks of being done."""

_TASK_ID = r"T(?:ASK)?-?\d+(?:\.\d+)*[a-z]?"
_NUMBER = r"\d+(?:\.\d+)+[a-z]?|\d+(?=\**[.:)](?!\d))"
_ID = re.compile(
    rf"(?P<open>[*_`\[]*)(?:[Tt]ask[ \t]+(?=\**[T\d]))?(?P<id>{_TASK_ID}|{_NUMBER})(?P<close>[*_`\]]*)"
    r"(?=[\s.:)|*]|$)(?P<after>[.:)]?\**:?(?:[ \t]+[-\u2013\u2014\u00b7|:](?=[ \t]))?[ \t]*)"
)
_TAG = re.compile(r"`?\[(?P<tag>[^\]\[`]{1,40})\](?!\()`?[ \t]*")
_STORY = re.compile(r"us-?\d+(?:\.\d+)*|story(?:[ -]?\d+)?", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?-->")
_STRUCK = re.compile(r"~~[^~]+~~")

_SAYS_DONE = r"(?:all )?(?:completed?|done|finished|implemented|verified|passed|in progress|wip|todo|pending)"
_BEHIND = re.compile(
    # an emoji, with or without a word and a date behind it: `✅ COMPLETED (2025-11-30)`
    rf"[\s:|(\[*\u2013\u2014-]*[✅☑✔✓√❌✗✘⏳🚧🔄🎉⚠]\ufe0f?[\s:|(\[*\u2013\u2014-]*(?:{_SAYS_DONE})?[\s\d:/.T()\]*-]*$"
    # a word alone, in brackets, in bold or behind a dash
    rf"|[ \t]+(?:[\u2013\u2014-]+[ \t]+)?(?:\((?:{_SAYS_DONE})\)|\[(?:{_SAYS_DONE})\]|\*\*(?:{_SAYS_DONE})\*\*)$"
    r"|[ \t]+[\u2013\u2014-]+[ \t]+(?-i:COMPLETED?|DONE|FINISHED|IMPLEMENTED|VERIFIED|PASSED)$",
    re.IGNORECASE,
)
# `✅ text`, `✅ DONE text`, `✅ **DONE** 2025-11-30. text`, `✅ Complete: text`; not `✅ Complete the form`
_BEFORE = re.compile(
    r"(?:[✅☑✔✓√❌✗✘⏳🚧🔄][\ufe0f \t]*)+"
    r"(?:\**(?:(?:COMPLETED?|DONE|FINISHED)\b|(?i:completed?|done|finished)(?=\**:)))?"
    r"(?:[* \t]*\(?\d{4}-\d\d-\d\d\)?)?\**[.:]*\**[ \t]*(?:[\u2013\u2014-][ \t]+)?"
)


class Box(NamedTuple):
    """A list item with a box: whether it is ticked, whether its mark says neither yes nor no, and its text."""

    done: bool
    odd: bool
    text: str


class Label(NamedTuple):
    """What a box's text says. `id` is "" where it has none; `struck` tells a text that was crossed out."""

    id: str
    parallel: bool
    name: str
    struck: bool

    @property
    def lettered(self) -> bool:
        """Whether the id is a `T...`, which no number in a text is taken for."""
        return self.id.startswith("T")


def box(content: str) -> Box | None:
    """The box that a line begins with; None for a line without one, such as `- [P] means parallel`."""
    found = _BOX.fullmatch(content)
    if found is None:
        return None
    mark = found["mark"]
    return Box(mark in _DONE and bool(mark), bool(mark) and mark not in _DONE, found["text"])


def label(text: str) -> Label:
    """Take the text behind a box apart; `[P]` and `[US1]` and marks of being done leave the name."""
    rest = _COMMENT.sub("", text).rstrip(" \t|")
    struck = _STRUCK.fullmatch(clean(rest)) is not None
    rest = rest.replace("~~", "") if rest.startswith("~~") else rest
    before, rest = _tags(rest)
    found = _ID.match(rest)
    id = ""
    if found:
        id, rest = found["id"], _without_id(found, rest)
    after, rest = _tags(rest)
    tags = [*before, *after]
    if rest.endswith("[P]"):
        tags, rest = [*tags, "P"], rest[:-3].rstrip()
    kept = "".join(f"[{tag}] " for tag in tags if tag != "P" and not _STORY.fullmatch(tag))
    return Label(id, "P" in tags, clean(kept + rest), struck)


def clean(text: str) -> str:
    """The text without bold marks and without words like `DONE` around it: the box decides."""
    bare = _COMMENT.sub("", text).replace("**", "").strip()
    bare = bare[found.end() :] if (found := _BEFORE.match(bare)) else bare
    while True:
        shorter = (bare[:-_TAIL] + _BEHIND.sub("", bare[-_TAIL:])).rstrip(" \t-\u2013\u2014:|")
        if shorter == bare:
            return bare
        bare = shorter


def _without_id(found: re.Match[str], text: str) -> str:
    """The text behind an id. What the id's own marks open, such as the bold of `**2.1: Title**`, goes with `clean`."""
    rest = text[found.end() :]
    for mark, end in (("[", "]"), ("`", "`")):
        if mark in found["open"] and end not in found["close"]:
            rest = rest.replace(end, "", 1)
    return rest


def _tags(text: str) -> tuple[list[str], str]:
    """The marks in brackets that the text begins with, and what is behind them."""
    tags: list[str] = []
    while True:
        text = text[marked.end() :] if (marked := _BEFORE.match(text)) else text
        found = None if _ID.match(text) else _TAG.match(text)
        if found is None:
            return tags, text
        tags.append(found["tag"].strip())
        text = text[found.end() :]

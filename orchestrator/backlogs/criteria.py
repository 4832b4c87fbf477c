"""Texts that people and agents write into issues: criteria as lines, without a terminal's colours; no I/O."""

from __future__ import annotations

import re

_COLOURS = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ITEM = re.compile(r"(?:[-*+\u2022]|\d{1,3}[.)])(?:[ \t]+|$)(?:\[[^\]\w]?\][ \t]*|\[[xX]\][ \t]+)?(?P<text>.*)")
_HEADING = re.compile(r"#{1,6}(?:[ \t]|$)")


def plain(value: object) -> str:
    """The text without what colours a terminal (some were piped through one); "" for what is no text."""
    return _COLOURS.sub("", value).strip() if isinstance(value, str) else ""


def lines(text: str) -> tuple[str, ...]:
    """The criteria: a bullet each, else a line each; what goes on in the next line belongs to it, headings don't."""
    found: list[str] = []
    bullet = joins = code = False
    for raw in plain(text).expandtabs(4).split("\n"):
        line = raw.strip()
        fence = line.startswith(("```", "~~~"))
        heading = not code and bool(_HEADING.match(line))
        item = None if code or fence else _ITEM.fullmatch(line)
        if found and (code or fence or (joins and line and not item and not heading and (bullet or raw[:1] == " "))):
            found[-1] += "" if fence or not line else f" {line}"
        elif line and not heading:
            found.append(item["text"].strip() if item else line)
        code = code != fence
        joins = bool(line) and not heading
        bullet = bool(item) or (bullet and joins)
    return tuple(line for line in found if line)

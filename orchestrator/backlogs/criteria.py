"""Texts that people and agents write into issues: criteria as lines, without a terminal's colours; no I/O."""

from __future__ import annotations

import re

_COLOURS = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ITEM = re.compile(r"(?:[-*+\u2022]|\d{1,3}[.)])(?:[ \t]+|$)(?:\[[^\]\w]?\][ \t]*|\[[xX]\][ \t]+)?(?P<text>.*)")


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
        item = None if code or fence else _ITEM.fullmatch(line)
        if found and (code or fence or (joins and line and not item and (bullet or raw[:1] == " "))):
            found[-1] += "" if fence or not line else f" {line}"
        elif item:
            found.append(item["text"].strip())
        elif line and not line.startswith("#"):
            found.append(line)
        code = code != fence
        bullet = bool(item) or (bullet and bool(line))
        joins = bool(line) and not line.startswith("#")
    return tuple(line for line in found if line)

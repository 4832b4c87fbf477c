"""What an agent's free text says: paths it wrote, questions it left open, the JSON it answers with."""

from __future__ import annotations

import json
import re

# What may stand in a path inside prose: no blank, and none of the signs that Markdown and lists put around one.
_PATH = r"[^\s\[\]()<>,`\"']"
_OPENING = re.compile(r"[\[{]")
_ITEM = re.compile(r"^\s*(?:[-*]|\d+\.)\s*(\S.*?)\s*$")


def extract_file_path(text: str | None, kind: str, prefix: str = "thoughts/") -> str | None:
    """The first path below `prefix` that ends in .md and names `kind` ("research", "plan"), any letter case.

    A path with a folder of that name (`research/`, `plans/`) wins over one that merely holds the word: a
    research file about planning is no plan. None without one.
    """
    # A bare `thoughts/research.md` is a note, not a research file: the word stands for a folder or follows one.
    inside = rf"(?:{_PATH}+{kind}{_PATH}*|{kind}s?/{_PATH}+)"
    found = re.findall(rf"{re.escape(prefix)}{inside}\.md", text or "", re.IGNORECASE)
    folders = (f"/{kind}/", f"/{kind}s/")
    return next((path for path in found if any(name in path.lower() for name in folders)), next(iter(found), None))


def extract_open_questions(text: str | None) -> list[str]:
    """The items listed after a line that says "open question", up to the next heading."""
    questions: list[str] = []
    inside = False
    for line in (text or "").splitlines():
        if "open question" in line.lower():
            inside = True
        elif line.startswith("#"):
            inside = False
        elif inside and (item := _ITEM.match(line)):
            questions.append(item[1])
    return questions


def last_json(text: str) -> object:
    """The last JSON object, or array of objects, in an answer, fenced or bare; None without a whole one.

    An answer cut off in the middle of its JSON gives None rather than some inner piece of it.
    """
    decoder = json.JSONDecoder()
    found: object = None
    at = 0
    while start := _OPENING.search(text, at):
        try:
            value, at = decoder.raw_decode(text, start.start())
        except RecursionError:
            return None
        except json.JSONDecodeError as error:
            if _cut_off(error, text):
                return None
            at = start.start() + 1
            continue
        if _is_answer(value):
            found = value
    return found


def _cut_off(error: json.JSONDecodeError, text: str) -> bool:
    rest = text[error.pos :].strip().removesuffix("```").strip()
    # The end may fall inside a word, a number or an escape: then a few signs are left that fit nowhere.
    return re.fullmatch(r"[\w.+\\-]{0,8}", rest) is not None or error.msg.startswith("Unterminated string")


def _is_answer(value: object) -> bool:
    if isinstance(value, list):
        return bool(value) and all(isinstance(item, dict) for item in value)
    return isinstance(value, dict)

"""The values that lists give to fields, each read as its author means it.

A reader raises Wrong for what it can't take: then the list is not used.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from orchestrator.features.dialects.tables import COMPLEXITIES, PRIORITIES, plain

DEFAULT_PRIORITY = 99

_number = re.compile(r"[Pp]?(-?\d{1,15}(?:\.\d{1,15})?)").fullmatch
_INTEGERS = frozenset({int})
_YES = frozenset({"true", "yes"})
_NO = frozenset({"false", "no", ""})
ENTRY_TEXTS = ("description", "text", "name", "title", "criterion", "step", "test")


class Wrong(ValueError):
    """Why a value can't be read, as the end of a sentence that begins with the field's name; and how to mend it."""

    def __init__(self, what: str, fix: str, key: str = "") -> None:
        super().__init__(what)
        self.fix = fix
        self.key = key


def is_empty(value: object) -> bool:
    """Whether the value counts as absent: null, "", [] or {}."""
    return not value and (value is None or value == "" or value == [] or value == {})


def flag(value: Any) -> bool:
    """A boolean, also as a word; null and "" are false."""
    if value is True or value is False:
        return bool(value)
    word = value.strip().lower() if isinstance(value, str) else None
    if value is None or word in _NO:
        return False
    if word in _YES:
        return True
    raise Wrong(f"must be true or false, not {shown(value)}", "Write true or false")


def is_flag(value: Any) -> bool:
    """Whether the value says yes or no; an empty one says neither."""
    if isinstance(value, str):
        return value.strip().lower() in (_YES | _NO) - {""}
    return isinstance(value, bool)


def text(value: Any) -> str:
    """A string; null is an empty one."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    raise Wrong(f"must be a string, not {shown(value)}", "Write it in quotes")


def loose_text(value: Any) -> str:
    """A text, or what other harnesses write instead: a number becomes its digits, a list of texts one text. "" else."""
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    return ""


def ids(value: Any) -> tuple[str, ...]:
    """Ids: a list, a single one, or a string of several with commas; null, "" and "none" are no id."""
    if isinstance(value, str):
        return tuple(id for part in value.split(",") if (id := part.strip()) and id.lower() != "none")
    if value is None:
        return ()
    if isinstance(value, int) and not isinstance(value, bool):
        return (str(value),)
    if not isinstance(value, list):
        raise Wrong(f"must be a list, not {shown(value)}", 'Write a list of ids, such as ["F1", "F2"]')
    if _INTEGERS.issuperset(map(type, value)):
        return tuple(map(str, value))
    return tuple([id for item in value if (id := _id(item)).strip()])


def _id(item: Any) -> str:
    if isinstance(item, str):
        return item
    if isinstance(item, int) and not isinstance(item, bool):
        return str(item)
    if isinstance(item, dict) and type(item.get("id")) in (str, int):
        return str(item["id"])
    raise Wrong(f"must be a list of ids, not of {shown(item)}", 'Write a list of ids, such as ["F1", "F2"]')


def texts(value: Any) -> tuple[str, ...]:
    """Texts: a list of strings, or of objects that hold one; a string is a list of one, null is none."""
    if isinstance(value, str):
        return (value,) if value.strip() else ()
    if value is None or value == {}:
        return ()
    if not isinstance(value, list):
        raise Wrong(f"must be a list, not {shown(value)}", "Write a list of strings")
    return tuple([item if isinstance(item, str) else _entry_text(item) for item in value])


def _entry_text(item: Any) -> str:
    said = (item[key] for key in ENTRY_TEXTS if key in item) if isinstance(item, dict) else ()
    found = next((text for text in said if isinstance(text, str) and text.strip()), None)
    if found is None:
        raise Wrong(f"must be a list of strings, not of {shown(item)}", "Write each as a string")
    return found


def paths(value: Any) -> tuple[str, ...]:
    """Paths: a list of strings; null is none."""
    if value is None or value == "":
        return ()
    if not isinstance(value, list):
        raise Wrong(f"must be a list, not {shown(value)}", "Write a list of paths")
    for item in value:
        if not isinstance(item, str):
            raise Wrong(f"must be a list of strings, not of {shown(item)}", "Write a list of paths")
        if what := _fault_of_path(item):
            raise Wrong(f"has {shown(item)}, which {what}", "Write paths and globs from the project's folder")
    return tuple(value)


def _fault_of_path(path: str) -> str:
    from orchestrator.features import patterns  # few lists have inputs

    return patterns.fault(path)


def priority(value: Any) -> float:
    """A number, also as `"2"`, `"P1"` or a word of the table; 99 for null and for a word that nobody knows."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    if value is None:
        return DEFAULT_PRIORITY
    if not isinstance(value, str):
        raise Wrong(f"must be a number, not {shown(value)}", "Write a number; lower is earlier")
    return _of_word(value)


@lru_cache(maxsize=512)
def _of_word(word: str) -> float:
    found = _number(word.strip())
    if not found:
        return PRIORITIES.get(plain(word), DEFAULT_PRIORITY)
    number = float(found[1])
    return int(number) if number.is_integer() else number


def is_priority(value: Any) -> bool:
    """Whether a priority is understood; an empty one is."""
    if not isinstance(value, str) or not value.strip():
        return True
    return bool(_number(value.strip())) or plain(value) in PRIORITIES


def complexity(value: Any) -> str:
    """`high`, `medium` or `low` for a word that means one of them, in any letter case; "" for any other value."""
    return COMPLEXITIES.get(value.lower(), "") if isinstance(value, str) else ""


def shown(value: object) -> str:
    """The value as JSON, shortened."""
    import json

    text = json.dumps(value)
    return text if len(text) <= 40 else text[:37] + "..."

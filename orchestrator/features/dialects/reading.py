"""What a feature of any dialect says, field by field. A field has several names: the first that is not empty counts.

A reader raises Wrong, with the field's name, for what it can't take.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from orchestrator.features.dialects import values
from orchestrator.features.dialects.prose import is_prose
from orchestrator.features.dialects.shape import Shape
from orchestrator.features.dialects.values import Wrong

Item = Mapping[str, Any]
T = TypeVar("T")

# Our own names have one type. Under another name there may be a value of another type: it is ignored.
_OWN = frozenset({"name", "description", "category"})
_STRINGS = frozenset({str})
_slug = re.compile(r"[a-z0-9][\w./-]*|[\w./]*[\w.][-_/][\w./-]*").fullmatch
_sentence = re.compile(r"[^\n]*?[.!?](?=\s|$)|[^\n]+").match


def text(item: Item, keys: tuple[str, ...]) -> str:
    """The first of these texts that is not blank."""
    for key in keys:
        value = item[key]
        if value.__class__ is not str:
            value = _read(item, key, values.text if key in _OWN else values.loose_text)
        if value and not value.isspace():
            return value
    return ""


def stated_name(item: Item, shape: Shape) -> str:
    """The name that the list gives; a title where the name is only a slug; "" for none."""
    name = text(item, shape.name)
    return name if len(shape.name) < 2 or not _slug(name) else text(item, shape.name[1:]) or name


def first_sentence(description: str) -> str:
    """The first sentence of a description, in one line."""
    found = _sentence(description.strip())
    return " ".join(found[0].split()) if found else ""


def dependencies(item: Item, shape: Shape) -> tuple[str, ...]:
    """The ids; the first of its names that holds any."""
    for key in shape.dependencies:
        value = item[key]
        if value.__class__ is list and _STRINGS.issuperset(map(type, value)) and all(value):
            found = tuple(value)  # as nearly all are
        else:
            found = _read(item, key, values.ids if key == "dependencies" else _foreign_ids)
        if found:
            return found
    return ()


def tests(item: Item, shape: Shape) -> tuple[str, ...]:
    """The acceptance checks in words; a check that reads as prose is one of them."""
    found: tuple[str, ...] = ()
    for key in shape.tests:
        value = item[key]
        if value.__class__ is list and _STRINGS.issuperset(map(type, value)):
            found = tuple(value)
        else:
            found = _read(item, key, values.texts if key == "tests" else _foreign_texts(key))
        if found:
            break
    if not shape.verify:
        return found
    return (*found, prose) if (prose := _check(item, shape)) and is_prose(prose) else found


def verify(item: Item, shape: Shape) -> str | None:
    """The command that checks the feature; None for the project's."""
    found = _check(item, shape)
    return found if found and not is_prose(found) else None


def check_field(item: Item, shape: Shape) -> str:
    """The field that the check comes from; "" for none."""
    return next((key for key in shape.verify if isinstance(item[key], str) and item[key].strip()), "")


def priority(item: Item, shape: Shape) -> float:
    return _read(item, "priority", values.priority) if shape.priority else values.DEFAULT_PRIORITY


def inputs(item: Item) -> tuple[str, ...]:
    return _read(item, "inputs", values.paths) if "inputs" in item else ()


def flag(item: Item, key: str) -> bool:
    """Whether a flag of ours is set."""
    return _read(item, key, values.flag) if key in item else False


def _check(item: Item, shape: Shape) -> str:
    return next((text for key in shape.verify if (text := _read(item, key, values.text)).strip()), "")


def _foreign_ids(value: Any) -> tuple[str, ...]:
    """Ids under a name like `requires`. Other harnesses may have an object there, which is ignored."""
    return () if isinstance(value, dict) else values.ids(value)


def _foreign_texts(key: str) -> Callable[[Any], tuple[str, ...]]:
    """Texts under a name of other harnesses. An object is ignored, and so is a string under `verification`: it says
    how to check, not what.
    """
    kinds = (list,) if key == "verification" else (list, str)
    return lambda value: values.texts(value) if isinstance(value, kinds) else ()


def _read(item: Item, key: str, read: Callable[[Any], T]) -> T:
    try:
        return read(item[key])
    except Wrong as wrong:
        wrong.key = key
        raise

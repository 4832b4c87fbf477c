"""The JSON Schema of a feature list, from the tables that read it: the canonical fields, and the dialects allowed.

Whatever the model reads, the schema takes; what no schema can say (a circle, an id that comes twice) it lets pass.
"""

from __future__ import annotations

from typing import Any

from orchestrator.features.dialects.tables import BOOKKEEPING, COMPLEXITIES, FIELDS, PRIORITIES
from orchestrator.features.dialects.values import ENTRY_TEXTS

Schema = dict[str, Any]
DRAFT = "http://json-schema.org/draft-07/schema#"  # the newest that editors and taplo agree on

_IDS: Schema = {
    "anyOf": [
        {"type": ["string", "integer", "null"]},
        {"type": "array", "items": {"anyOf": [
            {"type": ["string", "integer"]},
            {"type": "object", "required": ["id"], "properties": {"id": {"type": ["string", "integer"]}}},
        ]}},
    ],
}  # fmt: skip
_TEXTS: Schema = {
    "anyOf": [
        {"type": ["string", "null"]},
        {"type": "object", "maxProperties": 0},
        {"type": "array", "items": {"anyOf": [
            {"type": "string"},
            {"type": "object", "anyOf": [{"required": [name]} for name in ENTRY_TEXTS]},
        ]}},
    ],
}  # fmt: skip
_TEXT: Schema = {"type": ["string", "null"]}
_YES_OR_NO: Schema = {
    "anyOf": [
        {"type": ["boolean", "null"]},
        {"type": "string", "pattern": r"^\s*([Tt][Rr][Uu][Ee]|[Yy][Ee][Ss]|[Ff][Aa][Ll][Ss][Ee]|[Nn][Oo])?\s*$"},
    ]
}
_EMPTY: Schema = {"anyOf": [{"type": "null"}, {"type": "array", "maxItems": 0}, {"type": "object", "maxProperties": 0}]}

# What a field of ours has to be, and what it is about.
_OURS: dict[str, tuple[Schema, str]] = {
    "id": ({"type": ["string", "integer"], "pattern": r"\S"}, "What completions name; unique, any printable text."),
    "name": (_TEXT, "A few words."),
    "description": (_TEXT, "What is asked for."),
    "category": (_TEXT, '"qa" makes it a QA feature.'),
    "dependencies": (_IDS, "Ids of what has to be done first."),
    "tests": (_TEXTS, "Acceptance checks in words, for the agent."),
    "verify": (_TEXT, "A check command of its own; without one the project's."),
    "verification_command": (_TEXT, "Read as `verify`."),
    "priority": (
        {"type": ["number", "string", "null"], "examples": [1, *PRIORITIES]},
        "Lower is earlier; ties keep the order of the file.",
    ),
    "inputs": (
        {"anyOf": [{"type": "null"}, {"const": ""}, {"type": "array", "items": {"type": "string"}}]},
        "Files, folders and globs whose content is part of what is asked for.",
    ),
    "passes": ({"anyOf": [_YES_OR_NO, _EMPTY]}, "Whether it is done."),
    "blocked": (_YES_OR_NO, "Set aside: `orchestrator block`, `unblock`."),
    "needs_review": (_YES_OR_NO, "A person should look: `orchestrator accept`."),
    "complexity": ({"examples": sorted(COMPLEXITIES)}, "high, medium or low; without one it is estimated."),
    "passes_from": ({"examples": ["history"]}, "Written by orchestrator: `passes` came from the history."),
}
_ROLES: dict[str, Schema] = {
    "dependencies": {"anyOf": [_IDS, {"type": "object"}]},
    "tests": {"anyOf": [_TEXTS, {"type": ["object", "number", "boolean"]}]},
    "status": {"examples": ["pending", "in_progress", "done", "blocked", "cancelled"]},
}
_ABOUT_ROLES = {"status": "A word that says how it stands.", "flag": "Whether it is done."}


def schema() -> Schema:
    """The schema of the whole file."""
    listed = {"type": "array", "items": {"$ref": "#/definitions/feature"}}
    return {
        "$schema": DRAFT,
        "$comment": "orchestrator schema list",
        "title": "Feature list",
        "anyOf": [{"type": "object", "required": ["features"], "properties": {"features": listed}}, listed],
        "definitions": {"feature": _feature()},
    }


def _feature() -> Schema:
    word = {"anyOf": [{"type": "string"}, _EMPTY]}
    return {
        "type": "object",
        "required": ["id"],
        "properties": {**_dialects(), **_bookkeeping(), **_own()},
        "if": {"not": {"required": ["passes"]}},
        "then": {"properties": dict.fromkeys(FIELDS["status"], word)},
    }


def _own() -> Schema:
    return {name: {**kind, "description": about} for name, (kind, about) in _OURS.items()}


def _dialects() -> Schema:
    found: Schema = {}
    for role, names in FIELDS.items():
        about = _ABOUT_ROLES.get(role, f"Read as `{names[0]}`.")
        found.update({name: {**_ROLES.get(role, {}), "description": about} for name in names})
    verification = "Read as `tests` where it is a list; a text says how it was checked, and is no command."
    return {**found, "verification": {**found["verification"], "description": verification}}


def _bookkeeping() -> Schema:
    """Fields that say how the work stands, but those that the other tables are about."""
    rest = sorted(BOOKKEEPING - {name for names in FIELDS.values() for name in names})
    return {name: {"description": "About the work, not what is asked for."} for name in rest}

"""The JSON Schema of orchestrator.toml, from the settings and their limits."""

from __future__ import annotations

from typing import Any

from orchestrator.config.settings import CHOICES, FILLED, LEAST, Config
from orchestrator.features.schema import DRAFT, Schema

_TYPES: dict[type, str] = {bool: "boolean", int: "integer", float: "number", str: "string"}


def schema() -> Schema:
    """The schema of the whole file: a key that is not known is an error, as it is to the loader."""
    head = {"$schema": DRAFT, "$comment": "orchestrator schema config", "title": "orchestrator.toml"}
    return {**head, **_section(Config())}


def _section(defaults: Any, path: str = "") -> Schema:
    properties = {
        key: _section(value, f"{path}{key}.") if hasattr(value, "_fields") else _setting(f"{path}{key}", value)
        for key, value in defaults._asdict().items()
    }
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _setting(name: str, default: Any) -> Schema:
    if isinstance(default, tuple):
        return {"type": "array", "items": {"type": "string"}, "default": list(default)}
    if isinstance(default, dict):
        return {"type": "object", "additionalProperties": {"type": "string"}, "default": default}
    found: Schema = {"type": _TYPES[type(default)], "default": default}
    if name in CHOICES:
        found["enum"] = list(CHOICES[name])
    if name in LEAST:
        found["minimum"] = LEAST[name]
    if name in FILLED:
        found["pattern"] = r"^\S+( \S+)*$"
    return found

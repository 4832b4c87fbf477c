"""How complex a feature is: its own word, else an estimate from its texts (docs/contract.md, section 3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from orchestrator.features.dialects import reading, shape, values
from orchestrator.features.dialects.tables import BUILT_IN, LEVELS

__all__ = ["LEVELS", "complexity", "score"]

_RISKY = (
    "security", "crypto", "encrypt", "auth", "credential", "password", "ssh", "certificate", "token",
    "session", "permission", "rbac", "injection", "sanitize", "validate", "vulnerability",
)  # fmt: skip
_STRUCTURAL = (
    "api", "endpoint", "database", "repository", "migration", "schema", "patch", "system", "service",
    "handler", "execute", "command",
)  # fmt: skip
_EASY = ("refactor", "rename", "cleanup", "format", "typo", "comment", "docs")
_MANY_DEPENDENCIES = 3
_MANY_TESTS = 5
_SHORT = 40


def complexity(data: Mapping[str, Any]) -> str:
    """`high`, `medium` or `low` for a feature's JSON object; the words are found anywhere, also within words."""
    return values.complexity(data.get("complexity")) or _level(score(data))


def score(data: Mapping[str, Any]) -> int:
    """The estimate that the level comes from, -4 to 5."""
    form = shape.of(tuple(data), BUILT_IN)
    name = reading.stated_name(data, form).lower()
    # Lower-cased text can be longer than the text itself, and its length is what counts.
    description = reading.text(data, form.description).lower()
    category = reading.text(data, form.category).lower()
    about = (description, category)
    return (
        2 * _any(_RISKY, (*about, name))
        + (len(reading.dependencies(data, form)) > _MANY_DEPENDENCIES)
        + (len(reading.tests(data, form)) > _MANY_TESTS)
        + _any(_STRUCTURAL, about)
        - 2 * _any(_EASY, (*about, name))
        - _any(("simple", "minor"), (name,))
        - (len(description) < _SHORT)
    )


def _level(points: int) -> str:
    if points >= 3:
        return "high"
    return "low" if points <= 0 else "medium"


def _any(words: Iterable[str], texts: Iterable[str]) -> bool:
    return any(word in text for text in texts for word in words)

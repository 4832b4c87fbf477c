"""The words that one list uses: for what is done, for what is not, and which field says it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from orchestrator.features.dialects import tables
from orchestrator.features.dialects.shape import Shape
from orchestrator.features.dialects.standing import standing
from orchestrator.features.dialects.tables import Meaning, Rules, is_begun, meaning, plain


class Vocabulary(NamedTuple):
    """`words` counts the words of each status field, as they are written; `legend` are those that the list explains;
    `field` is what most features say their standing with.
    """

    words: Mapping[str, Counter[str]]
    legend: tuple[str, ...]
    field: str
    rules: Rules

    def done(self, field: str) -> str:
        """The done word used most, else the legend's first, else `done`."""
        return self._most_used("done", field) or self._explained("done") or tables.DONE_WORD

    def open(self, field: str) -> str:
        """The word for a feature that is opened again: the "not done" word used most, else the legend's first, else
        `pending`. If the word used most is one like `in progress`, a word of the legend like `todo` is taken instead.
        """
        used = self._most_used("not done", field)
        explained = self._explained("not done")
        if used and is_begun(used) and explained and not is_begun(explained):
            return explained
        return used or explained or tables.OPEN_WORD

    def blocked(self, field: str) -> str:
        """`blocked`, as the list spells it."""
        counted = self.words.get(field, Counter())
        spelled = (word for word in (*counted, *self.legend) if plain(word) == tables.BLOCKED_WORD)
        return next(spelled, tables.BLOCKED_WORD)

    def _most_used(self, what: Meaning, field: str) -> str:
        """Of words used equally often: one like `todo` before one like `in progress`, then the first in the file.
        If the field has no such word, the other status fields are looked at.
        """
        for counted in (self.words.get(field, Counter()), *self.words.values()):
            fitting = [(-count, is_begun(word), at, word) for at, (word, count) in enumerate(counted.items())]
            fitting = [entry for entry in fitting if meaning(entry[-1], self.rules) == what]
            if fitting:
                return min(fitting)[-1]
        return ""

    def _explained(self, what: Meaning) -> str:
        fitting = [word for word in self.legend if meaning(word, self.rules) == what]
        return min(fitting, key=is_begun, default="")


def of(features: Iterable[tuple[Mapping[str, Any], Shape]], top: Mapping[str, Any], rules: Rules) -> Vocabulary:
    """The vocabulary of a list: from its features, and from a legend among the top-level keys."""
    words: dict[str, Counter[str]] = {}
    fields: Counter[str] = Counter()
    for item, shape in features:
        if by := standing(item, shape).by:
            fields[by] += 1
        for key in shape.status:
            if isinstance(item[key], str) and item[key].strip():
                words.setdefault(key, Counter())[item[key]] += 1
    legend = _legend(top)
    usual = max(fields, key=lambda name: fields[name], default="status" if legend else "passes")
    return Vocabulary(words, legend, usual, rules)


def _legend(top: Mapping[str, Any]) -> tuple[str, ...]:
    """The words that the list explains: a list of them, an object with an explanation of each, or a text."""
    inner = [value for value in top.values() if isinstance(value, dict)]
    for around in (top, *inner):
        for name in tables.LEGENDS:
            if found := _explained_words(around.get(name)):
                return found
    return ()


def _explained_words(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(word for part in re.split(r"[|,/]", value) if (word := part.strip()))
    return tuple(word for word in value if isinstance(word, str)) if isinstance(value, (list, dict)) else ()

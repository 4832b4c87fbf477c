"""In which words a feature list speaks: a new entry is written as the list's others are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from orchestrator.features import marks
from orchestrator.features.dialects.tables import FIELDS, Rules, meaning
from orchestrator.features.dialects.vocabulary import Vocabulary
from orchestrator.features.model import Feature
from orchestrator.planning.paths import slug

OUT_WORD = "removed"
_SPELLED = ("name", "description", "dependencies", "tests", "verify")
_STATUS = FIELDS["status"]


class Spelling(NamedTuple):
    """`names` are the list's own for our fields. `slugs`: it has a `name` for programs beside a title. `numbers`: its
    priorities are numbers. `words` are those of its statuses.
    """

    names: Mapping[str, str]
    slugs: bool
    numbers: bool
    words: Vocabulary

    def key(self, what: str, feature: Feature | None = None) -> str:
        """The name of a field in the feature, else in the list."""
        own: tuple[str, ...] = getattr(feature.shape, what, ()) if feature and what in _SPELLED else ()
        if what == "name" and len(own) > 1 and feature and feature.name != feature.data.get(own[0]):
            return own[1]
        return own[0] if own else self.names.get(what, what)

    def entry(self, id: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """A feature that is not built, with these fields of ours."""
        found: dict[str, Any] = {"id": id} | ({"name": slug(fields["name"])} if self.slugs else {})
        found |= {self.key(what): value for what, value in fields.items() if self.numbers or what != "priority"}
        standing = self.words.field
        return found | {standing: self.words.open(standing) if standing in _STATUS else False}

    def dropping(self, feature: Feature) -> dict[str, object]:
        """What says of the feature that it is not to be built."""
        field = next(iter(feature.shape.status), self.words.field if self.words.field in _STATUS else _STATUS[0])
        used = (word for counted in self.words.words.values() for word, _ in counted.most_common())
        return {field: next((word for word in used if meaning(word, self.words.rules) == "dropped"), OUT_WORD)}


def of(data: bytes, features: Iterable[Feature], rules: Rules, where: str) -> Spelling:
    """How most features of the list say it."""
    counted: dict[str, Counter[str]] = {what: Counter() for what in _SPELLED}
    slugs = numbers = total = 0
    for feature in features:
        total += 1
        for what in _SPELLED:
            if own := getattr(feature.shape, what):
                counted[what][own[0]] += 1
        slugs += feature.shape.name[:2] == ("name", "title") and feature.data["name"] != feature.name
        numbers += not isinstance(feature.data.get("priority", 0), str)
    names = {what: found.most_common(1)[0][0] for what, found in counted.items() if found}
    has_slugs = 2 * slugs > total
    names |= {"name": "title"} if has_slugs else {}
    return Spelling(names, has_slugs, 2 * numbers >= total, marks.words_of(data, rules, where))

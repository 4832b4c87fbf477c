"""Changes of how features stand, as edits of the list's bytes in the list's own words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from orchestrator.features import document, model
from orchestrator.features.dialects import vocabulary, writing
from orchestrator.features.dialects.tables import BUILT_IN, Rules
from orchestrator.features.dialects.vocabulary import Vocabulary
from orchestrator.features.model import Feature
from orchestrator.features.spans import DECODER, NAME

Change = Callable[[Feature, Vocabulary], Mapping[str, object]]


def turn(
    data: bytes,
    passes: Mapping[str, bool],
    rules: Rules = BUILT_IN,
    where: str = NAME,
    *,
    also: Mapping[str, Mapping[str, object]] | None = None,
) -> bytes:
    """The list with each of these features done (marked as the history's word) or not done; `also` are other changes
    of features, made at once.
    """
    others = also or {}

    def change(feature: Feature, words: Vocabulary) -> Mapping[str, object]:
        if feature.id not in passes:
            return others[feature.id]
        make = writing.completing if passes[feature.id] else writing.reopening
        return {**make(feature.data, feature.shape, words), **others.get(feature.id, {})}

    return _changed(data, dict.fromkeys([*passes, *others]), change, rules, where)


def block(
    data: bytes, ids: Iterable[str], about: Mapping[str, object], rules: Rules = BUILT_IN, where: str = NAME
) -> bytes:
    """The list with the features set aside; `about` are fields that say why."""
    return _changed(data, ids, lambda f, words: writing.blocking(f.data, f.shape, words, about), rules, where)


def unblock(data: bytes, ids: Iterable[str], rules: Rules = BUILT_IN, where: str = NAME) -> bytes:
    """The list with the features taken up again; what `block` added is gone."""
    return _changed(data, ids, lambda f, words: writing.unblocking(f.data, f.shape, words), rules, where)


def words_of(data: bytes, rules: Rules = BUILT_IN, where: str = NAME) -> Vocabulary:
    """The vocabulary of a list."""
    features = model.parse(data, where, rules, lenient=True).features
    root = DECODER.decode(data.decode("utf-8").removeprefix("\ufeff"))
    return vocabulary.of(((f.data, f.shape) for f in features), root if isinstance(root, dict) else {}, rules)


def _changed(data: bytes, ids: Iterable[str], change: Change, rules: Rules, where: str) -> bytes:
    listed = model.parse(data, where, rules, lenient=True)
    words = words_of(data, rules, where)
    return document.edit(data, {id: change(listed.get(id), words) for id in ids})

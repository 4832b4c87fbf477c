"""What commits of HEAD's history say of features and is not heard: other forms of the words, ids of no feature."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from orchestrator.errors import OrchestratorError
from orchestrator.features import model
from orchestrator.features.dialects.tables import BUILT_IN, Rules
from orchestrator.features.model import Feature, FeatureList
from orchestrator.git.place import Place
from orchestrator.history import index, nearly, undoings
from orchestrator.history.events import Words
from orchestrator.history.ledger import Ledger

_OLD_IDS = 50  # the newest completions of ids that are no features any more whose lists are looked at


class Unheard(NamedTuple):
    """A commit, the features that are concerned, and what is wrong, with the words that would count."""

    sha: str
    ids: tuple[str, ...]
    said: str

    def __str__(self) -> str:
        return f"{self.sha[:10]} {self.said}"


def find(place: Place, path: Path, words: Words, features: FeatureList, rules: Rules = BUILT_IN) -> list[Unheard]:
    """What is not heard and still matters: what was made good since is left out."""
    kept = index.Kept()
    ledger = index.read(place, words, kept, path, rules)
    if kept.index is None or place.head is None:
        return []
    suspects = kept.index.suspects
    there = set(undoings.reached(place, suspects, place.head)) if suspects else set()
    found = [one for sha in suspects if sha in there for one in _misses(sha, suspects[sha], words, features, ledger)]
    return [*found, *_nobody(place, path, words, features, ledger, rules)]


def _misses(sha: str, lines: list[str], words: Words, features: FeatureList, ledger: Ledger) -> Iterator[Unheard]:
    for miss in nearly.misses(lines, words, features.by_id):
        open_ones = [id for id in miss.ids if (id in ledger.standing) != miss.completes]
        if open_ones:
            how = f"; or type `orchestrator accept {' '.join(open_ones)} -m MSG`" if miss.completes else ""
            yield Unheard(sha, miss.ids, f"says {miss}{how}")


def _nobody(
    place: Place, path: Path, words: Words, features: FeatureList, ledger: Ledger, rules: Rules
) -> Iterator[Unheard]:
    """Completions of what is no feature: a wrong id, or one that was renamed afterwards; not of what was taken out."""
    gone = [(id, done[-1].sha) for id, done in ledger.standing.items() if id not in features.by_id][-_OLD_IDS:]
    try:
        entries = place.git.objects([f"{sha}:{place.relative(path)}" for _, sha in gone])
    except OrchestratorError:
        return
    for (id, sha), entry in zip(gone, entries, strict=True):
        then = _then(entry[2] if entry else b"[]", id, rules)
        if then is None:
            like = nearly.nearest(id, features.by_id)
            hint = f': "{words.completed} {like}" would count for {like}' if like else ""
            yield Unheard(sha, (id, like) if like else (id,), f"completes {id}, which is no feature{hint}")
            continue
        now = next((f for f in features.features if f.id not in ledger.standing and _same(f, then)), None)
        if now and not now.passes:
            said = f"completes {id}, which is {now.id} now: `orchestrator accept {now.id} -m MSG` carries it over"
            yield Unheard(sha, (id, now.id), said)


def _then(content: bytes, id: str, rules: Rules) -> Feature | None:
    try:
        return model.parse(content, "then", rules, lenient=True).by_id.get(id)
    except OrchestratorError:
        return None


def _same(now: Feature, then: Feature) -> bool:
    return bool(now.name) and (now.name, now.description) == (then.name, then.description)

"""One feature and the list of them, as read from `feature_list.json` (SPEC section 3)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from orchestrator.errors import OrchestratorError
from orchestrator.features import complexity, graph, ids
from orchestrator.features.fields import fits, is_bookkeeping
from orchestrator.features.spans import DECODER, NAME

DEFAULT_PRIORITY = 99


class Feature(NamedTuple):
    """One entry. `verify` is None for the project's check, "" for none; `data` is the JSON object as read."""

    id: str
    name: str
    description: str
    category: str
    priority: float
    dependencies: tuple[str, ...]
    tests: tuple[str, ...]
    verify: str | None
    inputs: tuple[str, ...]
    passes: bool
    blocked: bool
    needs_review: bool
    passes_from: str
    position: int
    data: dict[str, Any]

    @property
    def complexity(self) -> str:
        """`high`, `medium` or `low`: its own word, else an estimate."""
        return complexity.complexity(self.data)

    @property
    def is_qa(self) -> bool:
        return self.category == "qa" or self.id.startswith("qa-")

    @property
    def definition(self) -> dict[str, Any]:
        """What the feature asks for: its fields without the bookkeeping ones."""
        return {key: value for key, value in self.data.items() if not is_bookkeeping(key)}


class FeatureList(NamedTuple):
    """The features in file order and by id."""

    features: tuple[Feature, ...]
    by_id: dict[str, Feature]

    def get(self, id: str) -> Feature:
        """The feature; raises OrchestratorError naming the nearest known id."""
        if id not in self.by_id:
            raise ids.unknown(id, self.by_id)
        return self.by_id[id]


@lru_cache(maxsize=2)
def parse(data: bytes, where: str = NAME) -> FeatureList:
    """The features of the file's bytes; a build looks at the same ones again and again.

    Raises OrchestratorError for the first error of `checks.errors`, its place as `file:line:column`.
    """
    features = _read(data)
    by_id = {feature.id: feature for feature in features} if features is not None else {}
    if features is None or len(by_id) != len(features) or graph.cycle(features):
        from orchestrator.features import checks

        for problem in checks.errors(data, where):
            raise OrchestratorError(problem.message, where=problem.where, fix=problem.fix)
        raise AssertionError("a list that can't be read has an error")
    return FeatureList(tuple(features), by_id)


def feature(item: Mapping[str, Any], position: int = 0) -> Feature:
    """The feature of a JSON object whose types are right."""
    get = item.get
    dependencies = get("dependencies", ())
    return Feature(
        str(item["id"]),
        get("name", ""),
        get("description", ""),
        get("category", ""),
        get("priority", DEFAULT_PRIORITY),
        tuple(map(str, dependencies)) if dependencies else (),
        tuple(get("tests", ())),
        get("verify"),
        tuple(get("inputs", ())),
        get("passes", False),
        get("blocked", False),
        get("needs_review", False),
        "history" if get("passes_from") == "history" else "",
        position,
        dict(item) if not isinstance(item, dict) else item,
    )


def _read(data: bytes) -> list[Feature] | None:
    """The quick way, without places; None when anything is wrong."""
    try:
        raw = DECODER.decode(data.decode("utf-8").removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return None
    items = raw.get("features") if isinstance(raw, dict) else raw
    if not isinstance(items, list):
        return None
    found: list[Feature] = []
    for position, item in enumerate(items):
        if not isinstance(item, dict) or "id" not in item or not fits(item):
            return None
        made = feature(item, position)
        if not made.id.isalnum() and ids.fault(made.id):
            return None
        found.append(made)
    return found

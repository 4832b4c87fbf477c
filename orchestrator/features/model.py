"""One feature and the list of them, as read from `feature_list.json` (docs/contract.md, section 3)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from orchestrator.errors import OrchestratorError
from orchestrator.features import complexity, graph, ids
from orchestrator.features.dialects import reading, shape, standing
from orchestrator.features.dialects.shape import Shape
from orchestrator.features.dialects.tables import BUILT_IN, Rules
from orchestrator.features.dialects.values import DEFAULT_PRIORITY, Wrong
from orchestrator.features.spans import DECODER, NAME

__all__ = ["DEFAULT_PRIORITY", "Feature", "FeatureList", "feature", "parse"]


class Feature(NamedTuple):
    """One entry of the list, whatever its dialect. `verify` is its own check command; None for the project's.
    `dropped` is the status word that drops it, `unknown` a status word that is in no table; "" for none. `data` is the
    JSON object as read.
    """

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
    dropped: str = ""
    unknown: str = ""
    shape: Shape = shape.of((), BUILT_IN)

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
        return {key: self.data[key] for key in self.shape.definition}


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
def parse(data: bytes, where: str = NAME, rules: Rules = BUILT_IN, *, lenient: bool = False) -> FeatureList:
    """The features of the file's bytes; a build looks at the same ones again and again.

    Raises OrchestratorError for the first error of `checks.errors`, its place as `file:line:column`. `lenient` is
    for hooks and merges, which decide nothing: unknown status words are allowed.
    """
    features = _read(data, rules)
    by_id = {feature.id: feature for feature in features} if features is not None else {}
    if features is None or len(by_id) != len(features):
        raise _refused(data, where, rules, lenient=lenient)
    if any("," in id for id in by_id):
        features = [_with_commas(feature, by_id) for feature in features]
        by_id = {feature.id: feature for feature in features}
    if (not lenient and any(feature.unknown for feature in features)) or graph.cycle(features):
        raise _refused(data, where, rules, lenient=lenient)
    return FeatureList(tuple(features), by_id)


def feature(item: Mapping[str, Any], position: int = 0, rules: Rules = BUILT_IN) -> Feature:
    """The feature of a JSON object. Raises Wrong where a value can't be read."""
    return _feature(item, position, shape.of(tuple(item), rules))


def _feature(item: Mapping[str, Any], position: int, form: Shape) -> Feature:
    stands = standing.standing(item, form)
    description = reading.text(item, form.description)
    name = reading.text(item, form.name) if len(form.name) < 2 else reading.stated_name(item, form)
    few = form.marked
    return Feature(
        str(item["id"]),
        name or reading.first_sentence(description),
        description,
        reading.text(item, form.category) if form.category else "",
        reading.priority(item, form) if form.priority else DEFAULT_PRIORITY,
        reading.dependencies(item, form) if form.dependencies else (),
        reading.tests(item, form) if form.tests or form.verify else (),
        reading.verify(item, form) if form.verify else None,
        reading.inputs(item) if few else (),
        stands.passes,
        stands.blocked or (few and reading.flag(item, "blocked")),
        few and reading.flag(item, "needs_review"),
        "history" if item.get("passes_from") == "history" else "",
        position,
        dict(item) if not isinstance(item, dict) else item,
        stands.dropped,
        stands.unknown,
        form,
    )


def _refused(data: bytes, where: str, rules: Rules, *, lenient: bool) -> OrchestratorError:
    from orchestrator.features import checks

    for problem in checks.errors(data, where, rules, lenient=lenient):
        return OrchestratorError(problem.message, where=problem.where, fix=problem.fix)
    raise AssertionError("a list that can't be read has an error")


def _with_commas(feature: Feature, by_id: Mapping[str, Feature]) -> Feature:
    """A dependency string with commas is several ids, unless a feature's id is that very string."""
    raw = [feature.data[key] for key in feature.shape.dependencies]
    whole = next((text for text in raw if isinstance(text, str) and text.strip()), "").strip()
    return feature._replace(dependencies=(whole,)) if whole in by_id else feature


def _read(data: bytes, rules: Rules) -> list[Feature] | None:
    """The quick way, without places; None when anything is wrong."""
    try:
        raw = DECODER.decode(data.decode("utf-8").removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return None
    items = raw.get("features") if isinstance(raw, dict) else raw
    if not isinstance(items, list):
        return None
    found: list[Feature] = []
    forms: dict[tuple[str, ...], Shape] = {}
    for position, item in enumerate(items):
        if item.__class__ is not dict or ids.id_text(item.get("id")) is None:
            return None
        form = forms.get(keys := tuple(item))
        if form is None:
            form = forms[keys] = shape.of(keys, rules)
        try:
            made = _feature(item, position, form)
        except Wrong:
            return None
        if not made.id.isalnum() and ids.fault(made.id):
            return None
        found.append(made)
    return found

"""All errors and warnings of a feature list (docs/contract.md, section 3), each with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from orchestrator.errors import OrchestratorError
from orchestrator.features import fields
from orchestrator.features.checks import Finding, Problem, Severity, errors, key_position, told
from orchestrator.features.dialects import reading, shape, standing, values
from orchestrator.features.dialects.prose import is_prose
from orchestrator.features.dialects.shape import Shape
from orchestrator.features.dialects.tables import BUILT_IN, Rules
from orchestrator.features.ids import unknown
from orchestrator.features.names import slug
from orchestrator.features.spans import NAME, Element, Layout, decode, members, scan

__all__ = ["Problem", "validate"]

# Says why a check command can't start, "" if it can. It depends on the machine, so callers pass it in.
CannotStart = Callable[[str], str]


def validate(
    data: bytes, where: str = NAME, rules: Rules = BUILT_IN, cannot_start: CannotStart | None = None
) -> list[Problem]:
    """Errors, then warnings, each in file order; no warnings when the text itself can't be read."""
    found = list(errors(data, where, rules))
    try:
        layout = scan(decode(data, where), where)
    except OrchestratorError:
        return found
    warnings = list(told(layout, where, _warnings(layout, rules)))
    checks = list(told(layout, where, _checks(layout, rules, cannot_start))) if cannot_start else []
    both = [*warnings, *checks]
    return [*found, *(p for p in both if p.severity == "error"), *(p for p in both if p.severity == "warning")]


def _sound(layout: Layout, rules: Rules) -> list[Element]:
    return [e for e in layout.elements if isinstance(e.value, dict) and not any(fields.faults(e.value, rules))]


def _warnings(layout: Layout, rules: Rules) -> Iterator[Finding]:
    yield from _repeated(layout, layout.root.start, "")
    sound = _sound(layout, rules)
    known = {str(element.value["id"]): element for element in sound}
    names: dict[str, str] = {}
    for element in sound:
        id = str(element.value["id"])
        form = shape.of(tuple(element.value), rules)
        for key, what in (*_about(element.value, form, known), *_about_standing(element.value, form)):
            yield Finding("warning", what, what, "", id, key_position(layout, element, key))
        if not values.is_priority(said := element.value.get("priority")):
            what = "the priority {} is no number and no word that is known; it counts as 99"
            yield Finding("warning", what, what, "", id, key_position(layout, element, "priority"), values.shown(said))
        twin = names.setdefault(slug(id).lower(), id)
        if twin != id:
            what = f"differs from {twin} in letter case only; some file systems mix them up"
            yield Finding("warning", what, what, "", id, key_position(layout, element, "id"))
        yield from _repeated(layout, element.start, id)


def _about(item: dict[str, Any], form: Shape, known: dict[str, Element]) -> Iterator[tuple[str, str]]:
    """(key, what) for what is odd in one feature."""
    description = reading.text(item, form.description)
    if not description.strip():
        if not reading.stated_name(item, form):
            yield "name", "an empty name" if "name" in item else "no name"
        yield "description", "an empty description" if "description" in item else "no description"
    for id in reading.dependencies(item, form):
        if id not in known:
            near = unknown(id, known).fix
            what = f"depends on {id}, which is not in the list" + (f". {near}" if near else "")
            yield form.dependencies[0], what
    said = item.get("complexity")
    if not values.is_empty(said) and not values.complexity(said):
        what = f"complexity is high, medium or low, not {values.shown(said)}; it is estimated"
        yield "complexity", what
    if item.get("passes_from", "history") not in ("history", None, ""):
        yield "passes_from", 'passes_from is "history" or absent; anything else says nothing'
    if (prose := reading.check_field(item, form)) and is_prose(item[prose]):
        yield prose, f'"{prose}" reads as a sentence: it is not run, but shown to the agent'


def _about_standing(item: dict[str, Any], form: Shape) -> Iterator[tuple[str, str]]:
    """Where `passes` and a status are both there and disagree."""
    stands = standing.standing(item, form)
    key, word = standing.word_of(item, form)
    if stands.by != "passes" or not key:
        return
    said = standing.says(item, key, form)
    if said and (said == "done") != stands.passes:
        passes = "true" if stands.passes else "false"
        yield key, f'"passes" is {passes} and "{key}" is {values.shown(word)}; passes decides'


def _checks(layout: Layout, rules: Rules, cannot_start: CannotStart) -> Iterator[Finding]:
    """Checks that can't start: an error if the feature is still to be built."""
    for element in _sound(layout, rules):
        item = element.value
        form = shape.of(tuple(item), rules)
        command = reading.verify(item, form)
        if not command or not (why := cannot_start(command)):
            continue
        stands = standing.standing(item, form)
        key = reading.check_field(item, form)
        what = f'"{key}" can\'t be run: {why}'
        fix = f'Write a command into "{key}", or take it out'
        severity: Severity = "warning" if stands.passes or stands.dropped else "error"
        yield Finding(severity, (key, why), what, fix, str(item["id"]), key_position(layout, element, key))


def _repeated(layout: Layout, start: int, id: str) -> Iterator[Finding]:
    if layout.text[start] != "{":
        return
    seen: set[str] = set()
    for member in members(layout.text, start):
        if member.key in seen and member.key in fields.KNOWN:
            what = f'"{member.key}" comes more than once; the last one counts'
            yield Finding("warning", what, what, "", id, member.start)
        seen.add(member.key)

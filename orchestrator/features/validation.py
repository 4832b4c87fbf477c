"""All errors and warnings of a feature list (SPEC section 3), each with its place."""

from __future__ import annotations

from collections.abc import Iterator

from orchestrator.errors import OrchestratorError
from orchestrator.features import complexity, fields
from orchestrator.features.checks import Problem, errors, key_place
from orchestrator.features.ids import unknown
from orchestrator.features.names import slug
from orchestrator.features.spans import NAME, Element, Layout, decode, members, place, scan

__all__ = ["Problem", "validate"]


def validate(data: bytes, where: str = NAME) -> list[Problem]:
    """Errors, then warnings, each in file order; no warnings when the text itself can't be read."""
    found = list(errors(data, where))
    try:
        layout = scan(decode(data, where), where)
    except OrchestratorError:
        return found
    return [*found, *_warnings(layout, where)]


def _warnings(layout: Layout, where: str) -> Iterator[Problem]:
    yield from _repeated(layout, layout.root.start, "", where)
    sound = [e for e in layout.elements if isinstance(e.value, dict) and not any(fields.faults(e.value))]
    known = {str(element.value["id"]): element for element in sound}
    names: dict[str, str] = {}
    for element in sound:
        id = str(element.value["id"])
        for key, message in _about(element, known):
            yield Problem("warning", f"{id}: {message}", key_place(layout, element, key, where))
        twin = names.setdefault(slug(id).lower(), id)
        if twin != id:
            what = f"{id}: differs from {twin} in letter case only; some file systems mix them up"
            yield Problem("warning", what, key_place(layout, element, "id", where))
        yield from _repeated(layout, element.start, f"{id}: ", where)


def _about(element: Element, known: dict[str, Element]) -> Iterator[tuple[str, str]]:
    """(key, message) for what is odd in one feature."""
    item = element.value
    for key in ("name", "description"):
        if not item.get(key, "").strip():
            yield key, f"no {key}" if key not in item else f"an empty {key}"
    for id in item.get("dependencies", ()):
        if str(id) not in known:
            near = unknown(str(id), known).fix
            yield "dependencies", f"depends on {id}, which is not in the list" + (f". {near}" if near else "")
    said = item.get("complexity")
    if said is not None and said.lower() not in complexity.LEVELS:
        yield "complexity", f'complexity is high, medium or low, not "{said}"; it is estimated'
    if item.get("passes_from", "history") != "history":
        yield "passes_from", 'passes_from is "history" or absent; anything else says nothing'


def _repeated(layout: Layout, start: int, prefix: str, where: str) -> Iterator[Problem]:
    if layout.text[start] != "{":
        return
    seen: set[str] = set()
    for member in members(layout.text, start):
        if member.key in seen and (member.key in fields.TYPES or member.key == "features"):
            what = f'{prefix}"{member.key}" comes more than once; the last one counts'
            yield Problem("warning", what, place(layout.text, member.start, where))
        seen.add(member.key)

"""A phase file: what a person or an agent writes in it, and what it says about its feature.

    ---
    id: add-login-02
    depends: add-login-01
    ---

    # Phase 2: Check the password

    What is built, in a paragraph or two.

    ## Acceptance criteria

    - A wrong password is refused

The front matter may hold `id`, `depends` (ids, separated by commas), `priority` and `requirements`. All of it
is optional: a file without an id is given one, which then stays whatever the file or the phase is called.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from orchestrator.errors import OrchestratorError
from orchestrator.staleness.tracker_block import without_block

_FRONT = re.compile(r"\A\ufeff?---[ \t]*\r?\n(?P<body>.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_CRITERIA = re.compile(r"(?:acceptance|success) criteria", re.IGNORECASE)
_ITEM = re.compile(r"(?P<indent>\s*)(?:[-*+]|\d+[.)])\s+(?:\[[ xX]\]\s+)?(?P<text>\S.*)")


@dataclass(frozen=True)
class Phase:
    """`number` orders the phases of a plan. `id` is "" until one is given; `priority` None means by number."""

    number: int
    name: str
    id: str = ""
    description: str = ""
    depends: tuple[str, ...] = ()
    criteria: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    priority: float | None = None
    changes: tuple[str, ...] = field(default=(), compare=False)
    check: str = field(default="", compare=False)


def parse(text: str, file: str) -> Phase:
    """What the phase file `file` (a path with `/`; its name gives the number, and the name without a heading) says.

    Raises OrchestratorError for front matter that is not closed, or a priority that is no number.
    """
    front, body = _split(text, file)
    stem = Path(file).stem
    number, _, title = stem.partition("-")
    heading, description, sections = _outline(without_block(body))
    return Phase(
        number=int(number),
        name=re.sub(r"^phase\s+\d+\s*[:.\N{EN DASH}\N{EM DASH}-]\s*", "", heading, flags=re.IGNORECASE)
        or title.replace("-", " "),
        id=front.get("id", ""),
        description=description or _paragraphs(sections.get("overview", [])),
        depends=_listed(front.get("depends", front.get("dependencies", ""))),
        criteria=tuple(item for name, lines in sections.items() if _CRITERIA.search(name) for item in _items(lines)),
        requirements=_listed(front.get("requirements", "")),
        priority=_priority(front, file),
    )


def render(phase: Phase) -> str:
    """A phase file that `parse` reads back as the same phase."""
    front = [f"id: {phase.id}"] if phase.id else []
    front.append(f"depends: {', '.join(phase.depends)}".rstrip())
    if phase.requirements:
        front.append(f"requirements: {', '.join(phase.requirements)}")
    if phase.priority is not None:
        front.append(f"priority: {phase.priority:g}")
    blocks = ["---\n" + "\n".join(front) + "\n---", f"# Phase {phase.number}: {phase.name}"]
    if phase.description:
        blocks.append(phase.description)
    if phase.changes:
        blocks.append("## Changes\n\n" + _bullets(phase.changes))
    blocks.append("## Acceptance criteria\n\n" + _bullets(phase.criteria))
    if phase.check:
        blocks.append("## How to see it work\n\n" + phase.check)
    return "\n\n".join(block.rstrip() for block in blocks) + "\n"


def id_of(text: str) -> str:
    """The id in the front matter, "" without one; a file that `parse` refuses has one all the same."""
    head = re.match(r"\A\ufeff?---[ \t]*\r?\n(?:(?!---|#).*\n)*?id[ \t]*:[ \t]*(.*)", text)
    return _unquoted(head[1]) if head else ""


def with_id(text: str, id: str) -> str:
    """The file's text with `id` in its front matter, which is made when there is none; all else as it was."""
    newline = "\r\n" if "\r\n" in text else "\n"
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    text = text[len(mark) :]
    if not _FRONT.match(text):
        return f"{mark}---{newline}id: {id}{newline}---{newline}{newline}{text}"
    first, _, rest = text.partition("\n")
    rest = re.sub(r"\A((?:(?!---).*\n)*?)id[ \t]*:.*\n", r"\1", rest)
    return f"{mark}{first}\nid: {id}{newline}{rest}"


def _split(text: str, file: str) -> tuple[dict[str, str], str]:
    found = _FRONT.match(text)
    if not found:
        if text.lstrip("\ufeff").startswith("---\n"):
            raise OrchestratorError(
                "the front matter is not closed", where=f"{file}:1", fix="End it with a line of three dashes"
            )
        return {}, text
    pairs = (line.partition(":") for line in found["body"].splitlines() if ":" in line)
    return {key.strip().lower(): _unquoted(value) for key, _, value in pairs}, text[found.end() :]


def _unquoted(value: str) -> str:
    value = value.strip()
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value


def _priority(front: dict[str, str], file: str) -> float | None:
    text = front.get("priority", "")
    try:
        number = float(text) if text else None
    except ValueError:
        raise OrchestratorError(f"the priority {text!r} is not a number", where=file) from None
    return int(number) if number is not None and number.is_integer() else number


def _listed(value: str) -> tuple[str, ...]:
    """The items of `a, b`, also written `[a, b]`; "none" is no item."""
    items = (_unquoted(item) for item in value.strip().strip("[]").split(","))
    return tuple(item for item in items if item and item.lower() != "none")


def _outline(body: str) -> tuple[str, str, dict[str, list[str]]]:
    """The first heading, the paragraphs below it, and the lines of each `##` section by its name in lower case."""
    heading, top, sections = "", list[str](), dict[str, list[str]]()
    current = top
    fenced = False
    for line in body.splitlines():
        fenced ^= line.lstrip().startswith(("```", "~~~"))
        if not fenced and line.startswith("# ") and not heading:
            heading = line[2:].strip()
        elif not fenced and line.startswith("## "):
            current = sections.setdefault(line[3:].strip().rstrip("#: ").lower(), [])
        else:
            current.append(line)
    return heading, _paragraphs(top), sections


def _paragraphs(lines: Sequence[str]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in lines)).strip()


def _items(lines: Sequence[str]) -> list[str]:
    """The list items; an indented line goes on with the item before it, a nested item is one of its own."""
    found: list[str] = []
    for line in lines:
        item = _ITEM.match(line)
        if item:
            found.append(item["text"].strip())
        elif line.startswith((" ", "\t")) and line.strip() and found:
            found[-1] += " " + line.strip()
    return found


def _bullets(items: Sequence[str]) -> str:
    return "\n".join(f"- {' '.join(item.split())}" for item in items)

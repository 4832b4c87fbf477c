"""A phase file: what a person or an agent writes in it, and what it says about its feature.

    ---
    id: add-login-02
    depends: add-login-01
    ---

    # Phase 2: Check the password

    What is built, in a paragraph or two.

    ## Acceptance criteria

    - A wrong password is refused

    ## How to see it work

    python -m pytest tests/test_login.py

The front matter may hold `id`, `depends` (ids, separated by commas), `priority`, `requirements` and `ticket`. All of
it is optional: a file without an id is given one, which then stays whatever the file or the phase is called. Sections
of other names are a person's, and stay in the file when the phase is written anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from orchestrator.errors import OrchestratorError
from orchestrator.staleness.tracker_block import without_block

_FRONT = re.compile(r"\A\ufeff?---[ \t]*\r?\n(?P<body>.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_CRITERIA = re.compile(r"(?:acceptance|success) criteria", re.IGNORECASE)
_CHECK = re.compile(r"how to see it work|check|verification", re.IGNORECASE)
_CHANGES = re.compile(r"changes", re.IGNORECASE)
_ITEM = re.compile(r"(?P<indent>\s*)(?:[-*+]|\d+[.)])\s+(?:\[[ xX]\]\s+)?(?P<text>\S.*)")


@dataclass(frozen=True)
class Phase:
    """`number` orders the phases of a plan. `id` is "" until one is given; `priority` None means by number. `extra`
    are sections of a person's own, as they are written.
    """

    number: int
    name: str
    id: str = ""
    description: str = ""
    depends: tuple[str, ...] = ()
    criteria: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    priority: float | None = None
    changes: tuple[str, ...] = ()
    check: str = ""
    ticket: str = ""
    extra: str = ""


@dataclass(frozen=True)
class _Section:
    """A `##` section: its heading as written, its name in lower case, its lines."""

    heading: str
    name: str
    lines: list[str]


def parse(text: str, file: str) -> Phase:
    """What the phase file `file` (a path with `/`; its name gives the number, and the name without a heading) says.

    Raises OrchestratorError for front matter that is not closed, or a priority that is no number.
    """
    front, body = _split(text, file)
    stem = Path(file).stem
    number, _, title = stem.partition("-")
    heading, description, sections = _outline(without_block(body))
    overview = "" if description else _paragraphs(_lines(sections, re.compile("overview")))
    known = [_CRITERIA, _CHECK, _CHANGES, *([re.compile("overview")] if overview else [])]
    return Phase(
        number=int(number),
        name=re.sub(r"^phase\s+\d+\s*[:.\N{EN DASH}\N{EM DASH}-]\s*", "", heading, flags=re.IGNORECASE)
        or title.replace("-", " "),
        id=front.get("id", ""),
        description=description or overview,
        depends=_listed(front.get("depends", front.get("dependencies", ""))),
        criteria=tuple(_items([line for part in sections if _CRITERIA.search(part.name) for line in part.lines])),
        requirements=_listed(front.get("requirements", "")),
        priority=_priority(front, file),
        changes=tuple(_items(_lines(sections, _CHANGES))),
        check=_command(_paragraphs(_lines(sections, _CHECK))),
        ticket=front.get("ticket", ""),
        extra=_extra(part for part in sections if not any(_is(part, name) for name in known)),
    )


def render(phase: Phase) -> str:
    """A phase file that `parse` reads back as the same phase."""
    front = [f"id: {phase.id}"] if phase.id else []
    front.append(f"depends: {', '.join(phase.depends)}".rstrip())
    if phase.requirements:
        front.append(f"requirements: {', '.join(phase.requirements)}")
    if phase.priority is not None:
        front.append(f"priority: {phase.priority:g}")
    if phase.ticket:
        front.append(f"ticket: {' '.join(phase.ticket.split())}")
    blocks = ["---\n" + "\n".join(front) + "\n---", f"# Phase {phase.number}: {phase.name}"]
    if phase.description:
        blocks.append(phase.description)
    if phase.changes:
        blocks.append("## Changes\n\n" + _bullets(phase.changes))
    blocks.append("## Acceptance criteria\n\n" + _bullets(phase.criteria))
    if phase.check:
        blocks.append("## How to see it work\n\n" + phase.check)
    if phase.extra:
        blocks.append(phase.extra)
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


def fenced(lines: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Each line, and whether it belongs to a fenced block of code."""
    fence = ""
    for line in lines:
        mark = re.match(r" {0,3}(`{3,}|~{3,})", line)
        if mark and not fence:
            fence = mark[1]
            yield line, True
        elif fence and mark and mark[1].startswith(fence) and not line.strip().strip(fence[0]):
            fence = ""
            yield line, True
        else:
            yield line, bool(fence)


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


def _outline(body: str) -> tuple[str, str, list[_Section]]:
    """The first heading, the paragraphs below it, and the `##` sections."""
    heading, top, sections = "", list[str](), list[_Section]()
    current = top
    for line, code in fenced(body.splitlines()):
        if not code and line.startswith("# ") and not heading:
            heading = line[2:].strip()
        elif not code and line.startswith("## "):
            current = []
            sections.append(_Section(line.rstrip(), line[3:].strip().rstrip("#: ").lower(), current))
        else:
            current.append(line)
    return heading, _paragraphs(top), sections


def _is(section: _Section, name: re.Pattern[str]) -> bool:
    return bool(name.search(section.name) if name is _CRITERIA else name.fullmatch(section.name))


def _lines(sections: Sequence[_Section], name: re.Pattern[str]) -> list[str]:
    return [line for section in sections if _is(section, name) for line in section.lines]


def _extra(sections: Iterator[_Section]) -> str:
    texts = (f"{section.heading}\n{chr(10).join(section.lines)}".rstrip() for section in sections)
    return "\n\n".join(texts)


def _command(text: str) -> str:
    """A check without the signs that Markdown puts around a command."""
    lines = text.splitlines()
    if len(lines) > 2 and all(code for _, code in fenced(lines)):
        return "\n".join(lines[1:-1]).strip()
    whole = re.fullmatch(r"`([^`\n]+)`", text)
    return whole[1].strip() if whole else text


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

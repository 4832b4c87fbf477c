"""What may have softened the check: pure rules over a file before and after."""

from __future__ import annotations

import configparser
import difflib
import json
import re
from collections.abc import Mapping
from typing import Any

from orchestrator.building import watched

_SHOWN = 4  # lines of a difference that a sentence shows
_WIDTH = 100
# How tests are skipped, in the languages that have a usual way.
_SKIPS = re.compile(
    r"pytest\.skip|pytest\.mark\.(?:skip|xfail)|pytest\.importorskip|unittest\.skip|\.skipTest\(|raise SkipTest"
    r"|\b(?:it|test|describe|suite|context)\.(?:skip|todo|only|failing)\b|\b(?:xit|xtest|xdescribe|fit|fdescribe)\s*\("
    r"|\bt\.Skip(?:f|Now)?\(|#\[ignore|@(?:Disabled|Ignore)\b|\bmarkTestSkipped\(|\bpending\s*\(|#\s*pragma: no cover"
)
_TEST = re.compile(r"^\s*(?:async )?def test|^\s*(?:it|test)\s*\(|^func Test|^\s*#\[test\]|^\s*@Test\b", re.MULTILINE)


def in_test(path: str, before: bytes, after: bytes | None, lost: int) -> str:
    """What became of a test that was there; "" for nothing to see. `lost` is how many lines fewer it has."""
    if after is None:
        return f"{path}: test deleted ({_lines(len(_text(before).splitlines()))})"
    old, new = _text(before), _text(after)
    skips = [line for line in _added(old, new) if _SKIPS.search(line)]
    if len(_SKIPS.findall(new)) > len(_SKIPS.findall(old)) and skips:
        return f"{path}: tests skipped: {_shown(skips)}"
    fewer = len(_TEST.findall(old)) - len(_TEST.findall(new))
    if fewer > 0:
        return f"{path}: {fewer} {'test' if fewer == 1 else 'tests'} fewer"
    return f"{path}: {_lines(lost)} of tests fewer" if lost > 0 else ""


def in_settings(path: str, before: bytes | None, after: bytes | None, targets: frozenset[str]) -> str:
    """What changed in a file that says how the check runs; "" for nothing that does. `targets` are those of make that
    the check calls.
    """
    old, new = part(path, before, targets), part(path, after, targets)
    if old == new:
        return ""
    if after is None:
        return f"{path}: deleted"
    if before is None:
        return f"{path}: added, and says how the check runs"
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), n=0, lineterm="")
    differing = [line[0] + line[1:].strip() for line in lines if not line.startswith(("---", "+++", "@@"))]
    return f"{path}: {_shown(differing)}"


def part(path: str, content: bytes | None, targets: frozenset[str]) -> str:
    """The part of a file that says how the check runs, as text; "" for none."""
    if content is None:
        return ""
    name = path.rpartition("/")[2]
    text = _text(content)
    if name == "package.json":
        return _members(_json(text), ("scripts", "jest", "mocha", "ava", "vitest"))
    if name == "pyproject.toml":
        return _sections(text, ("tool.pytest", "tool.tox", "tool.coverage", "tool.nox", "tool.hatch.envs"))
    if name == "setup.cfg":
        return _cfg(text, ("tool:pytest", "aliases", "tox", "coverage:run"))
    if name in watched.IN_PART:
        return _make(text, targets)
    return text


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace").replace("\r\n", "\n")


def _json(text: str) -> Mapping[str, Any]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return {"scripts": text}  # what npm can't read either
    return data if isinstance(data, dict) else {}


def _members(data: Mapping[str, Any], names: tuple[str, ...]) -> str:
    found = {name: data[name] for name in names if name in data}
    return json.dumps(found, indent=1, sort_keys=True) if found else ""


def _sections(text: str, names: tuple[str, ...]) -> str:
    """The tables of a TOML file whose names begin so, as they stand."""
    kept: list[str] = []
    inside = False
    for line in text.splitlines():
        header = re.match(r"\s*\[\[?\s*([^\]]+?)\s*\]", line)
        if header:
            name = header[1].replace('"', "").replace("'", "")
            inside = any(name == one or name.startswith(one + ".") for one in names)
        if inside and line.strip():
            kept.append(line)
    return "\n".join(kept)


def _cfg(text: str, names: tuple[str, ...]) -> str:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return text
    return "\n".join(
        f"[{name}] {key}={value}" for name in names if name in parser for key, value in parser[name].items()
    )


def _make(text: str, targets: frozenset[str]) -> str:
    """The rules of the targets and of all that they need, and the variables that these use, in the file's order."""
    lines = re.sub(r"\\\n", " ", text).splitlines()
    rules, needed = _rules(lines)
    wanted: set[str] = set()
    todo = list(targets)
    while todo:
        target = todo.pop()
        if target in rules and target not in wanted:
            wanted.add(target)
            todo.extend(needed[target])
    found = [line for target in rules if target in wanted for line in rules[target]]
    return "\n".join([*_variables(lines, found), *found]) if found else ""


def _rules(lines: list[str]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The lines of each target's rules, and what each needs."""
    rules: dict[str, list[str]] = {}
    needed: dict[str, list[str]] = {}
    current: list[str] = []
    for line in lines:
        rule = re.match(r"^([^\s#:=][^:=#]*):{1,2}(?!=)(.*)$", line)
        if rule:
            current = rule[1].split()
            for target in current:
                needed.setdefault(target, []).extend(rule[2].split(";")[0].split())
        elif line.strip() and not line.startswith(("\t", " ", "#")):
            current = []
        for target in current:
            rules.setdefault(target, []).extend([line.rstrip()] if line.strip() else [])
    return rules, needed


def _variables(lines: list[str], used: list[str]) -> list[str]:
    """The assignments of variables that the lines use, and of those that these use; what is included counts too."""
    assigned = [(found[1], line) for line in lines if (found := re.match(r"^(?:export\s+)?([\w.-]+)\s*[:?+!]*=", line))]
    names: set[str] = set()
    todo = list(used)
    while todo:
        for name in re.findall(r"\$[({]([\w.-]+)", todo.pop()):
            if name not in names:
                names.add(name)
                todo.extend(line for other, line in assigned if other == name)
    included = [line for line in lines if re.match(r"^-?s?include\s", line)]
    return [*included, *(line for name, line in assigned if name in names)]


def _added(old: str, new: str) -> list[str]:
    known = set(old.splitlines())
    return [line.strip() for line in new.splitlines() if line not in known]


def _shown(lines: list[str]) -> str:
    cut = [line.strip()[:_WIDTH] for line in lines[:_SHOWN]]
    more = f" (and {len(lines) - _SHOWN} more)" if len(lines) > _SHOWN else ""
    return " / ".join(cut) + more


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count} lines"

"""What a probe says, and all findings as lines, as JSON and as an exit code. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

OK, WARNING, PROBLEM = "ok", "warning", "problem"


class Finding(NamedTuple):
    """`level` is "ok", "warning" (a build works without) or "problem"; `missing`: a needed tool is absent or not
    logged in.
    """

    name: str
    level: str
    said: str
    fix: str = ""
    missing: bool = False


def ok(name: str, said: str) -> Finding:
    return Finding(name, OK, said)


def warning(name: str, said: str, fix: str) -> Finding:
    return Finding(name, WARNING, said, fix)


def problem(name: str, said: str, fix: str, *, missing: bool = False) -> Finding:
    return Finding(name, PROBLEM, said, fix, missing)


def exit_code(findings: Sequence[Finding]) -> int:
    """3 if a needed tool is missing, 1 if something else has to be mended (docs/contract.md, section 2)."""
    problems = [finding for finding in findings if finding.level == PROBLEM]
    return 3 if any(finding.missing for finding in problems) else 1 if problems else 0


def document(findings: Sequence[Finding]) -> dict[str, Any]:
    """The JSON document; `fix` only where there is something to mend."""
    entries = [
        {"name": one.name, "level": one.level, "message": one.said} | ({"fix": one.fix} if one.fix else {})
        for one in findings
    ]
    return {"ok": exit_code(findings) == 0, "checks": entries}


def lines(findings: Sequence[Finding]) -> Iterator[tuple[str, str]]:
    """Each line for people with its level, the fix below what it mends; the last one sums up."""
    names = max((len(finding.name) for finding in findings), default=0)
    for name, level, said, fix, _ in findings:
        yield f"{level:<8}  {name:<{names}}  {said}", level
        if fix:
            yield f"{'':<{names + 12}}{fix}", level
    yield _sum(findings), OK if exit_code(findings) == 0 else PROBLEM


def _sum(findings: Sequence[Finding]) -> str:
    problems, warnings = (sum(one.level == level for one in findings) for level in (PROBLEM, WARNING))
    if not problems:
        return f"a build can start{f'; {_count(warnings, WARNING)}' if warnings else ''}"
    return f"{_count(problems, PROBLEM)} to mend" + (f", {_count(warnings, WARNING)}" if warnings else "")


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"

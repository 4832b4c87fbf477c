"""The lines of a beads file: an issue each, by id, which of them are work, and how they hang together; no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timezone
from typing import Any, NamedTuple

from orchestrator.backlogs import objects, statuses
from orchestrator.errors import OrchestratorError
from orchestrator.features import spans

NO_WORK = frozenset(
    {
        "epic", "milestone", "molecule", "agent", "role", "rig", "gate", "event", "message", "merge-request", "convoy",
        "slot",
    }
)  # fmt: skip
"""Types of issues that are nothing to build."""


class Issue(NamedTuple):
    """A line: its number, and the object in it."""

    line: int
    item: Mapping[str, Any]

    @property
    def id(self) -> str:
        return str(self.item["id"])

    @property
    def name(self) -> str:
        """What to call a line that may be no issue."""
        return str(self.item.get("id") or self.item.get("key") or f"line {self.line}")

    @property
    def record(self) -> str:
        """What the line records: an `issue`, or a `memory` and the like."""
        return self.word("_type", "issue")

    def word(self, key: str, default: str) -> str:
        """A word of the tool's in small letters."""
        value = self.item.get(key)
        return statuses.plain(value) if isinstance(value, str) and value else default

    @property
    def no_work(self) -> str:
        """Why the issue is nothing to build; "" for one that is."""
        status, kind = self.word("status", "open"), self.word("issue_type", "task")
        if status in ("tombstone", "pinned"):
            return status
        marks = [mark for mark in ("template", "ephemeral") if self.item.get(_MARKS[mark]) is True]
        return marks[0] if marks else kind if kind in NO_WORK else ""

    def links(self) -> Iterator[tuple[str, str]]:
        """(type, id of the other issue) of its dependencies, as the file or `bd show` writes them."""
        given = self.item.get("dependencies")
        for link in given if isinstance(given, list) else []:
            if isinstance(link, Mapping):
                other = link.get("depends_on_id", link.get("id"))
                kind = link.get("type", link.get("dependency_type")) or "blocks"
                if isinstance(other, str) and other != self.id:
                    yield statuses.plain(str(kind)), other


_MARKS = {"template": "is_template", "ephemeral": "ephemeral"}


def read(text: str, where: str) -> Iterator[Issue]:
    """The objects of the lines. Raises OrchestratorError with the place of a line without one, or without an id."""
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            item = spans.DECODER.decode(line.strip())
        except (ValueError, RecursionError) as error:
            # With the lines before it, so that the place in the error is the one in the file.
            raise spans.syntax_error("\n" * (number - 1) + line, where) from error
        if not isinstance(item, dict):
            raise OrchestratorError("no issue in this line: each holds one object", where=f"{where}:{number}:1")
        issue = Issue(number, item)
        if issue.record == "issue" and objects.id_of(item) is None:
            raise OrchestratorError("an issue without an id", where=f"{where}:{number}:1")
        yield issue


def newest(lines: Iterable[Issue]) -> tuple[dict[str, Issue], list[Issue]]:
    """Each issue by its id: of several lines with one id, the one that was changed last. And the repeated lines."""
    found: dict[str, Issue] = {}
    again = []
    for line in lines:
        first = found.setdefault(line.id, line)
        if first.item != line.item:
            again.append(line)
            if _moment(line.item) >= _moment(first.item):
                found[line.id] = line
    return found, again


def _moment(item: Mapping[str, Any]) -> tuple[float, str]:
    """When an issue was last changed; a text that is no time comes first. (Parts of a second have up to 9 digits.)"""
    whole, _, rest = str(item.get("updated_at") or "").replace("Z", "+00:00").partition(".")
    zone = rest.lstrip("0123456789")
    try:
        moment = datetime.fromisoformat(whole + zone)
    except ValueError:
        return 0.0, ""
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    return zoned.timestamp(), rest[: len(rest) - len(zone)]

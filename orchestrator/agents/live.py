"""Showing a session while it runs: redacted, in the words of an observer."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from orchestrator.agents.claude.events import Shown
from orchestrator.agents.protocol import Observer
from orchestrator.processes.redact import one_line

DETAIL = 200


class Repeats:
    """Counts how often one tool call was made in a row, by each of those who make them."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.name = ""
        self._counts: dict[str, tuple[str, int]] = {}

    def too_many(self, shown: Shown) -> bool:
        """Whether the same call with the same arguments has now been made `most` times; 0 is no limit."""
        if not (shown.call and self.most):
            return False
        call, count = self._counts.get(shown.who, ("", 0))
        count = count + 1 if call == shown.call else 1
        self._counts[shown.who] = (shown.call, count)
        self.name = f"{shown.name} {shown.text}".strip()
        return count >= self.most

    @property
    def words(self) -> str:
        """Why the session was ended."""
        return f"it made the same tool call {self.most} times in a row: {self.name}"


def tell(items: Iterable[Shown], observer: Observer, redact: Callable[[str], str]) -> None:
    """Give each item to the observer's method of its kind."""
    for shown in items:
        if shown.kind == "text":
            observer.text(redact(shown.text))
        elif shown.kind == "tool":
            observer.tool(shown.name, one_line(redact(shown.text), DETAIL))
        else:
            observer.note(redact(shown.text))

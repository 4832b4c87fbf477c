"""What other coding agents tell on standard output: JSON lines of three kinds, or plain text."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from orchestrator.agents.claude.events import Shown, number, parse, tool_call
from orchestrator.agents.protocol import Usage

Json = Mapping[str, Any]
KEPT = 20_000


@dataclass
class Told:
    """What a session has told so far. `failure` is the last failure that it told, "" once it worked on after it."""

    texts: list[str] = field(default_factory=list)
    failure: str = ""
    status: int = 0
    finished: bool = False
    session_id: str = ""
    model: str = ""
    usage: Usage | None = None
    cost_usd: float | None = None

    lines: deque[str] = field(default_factory=lambda: deque(maxlen=KEPT))

    @property
    def text(self) -> str:
        """The last message; of plain text its last lines."""
        return self.texts[-1] if self.texts else "\n".join(self.lines)

    def fail(self, message: str, status: object = 0) -> None:
        self.failure = message or "it reported an error"
        self.status = status if isinstance(status, int) else 0

    def add(self, usage: Usage, cost: object = None) -> None:
        """Add what one step took."""
        before = self.usage or Usage()
        self.usage = Usage(
            before.input_tokens + usage.input_tokens,
            before.output_tokens + usage.output_tokens,
            before.cache_read_tokens + usage.cache_read_tokens,
            before.cache_creation_tokens + usage.cache_creation_tokens,
        )
        if (dollars := number(cost)) is not None:
            self.cost_usd = (self.cost_usd or 0.0) + dollars


def reader(format: str, told: Told, failing: str = "", working: str = "") -> Callable[[bytes], Iterator[Shown]]:
    """A function that takes one line of output into `told` and gives what of it is to be shown."""
    if format == "text":
        return _plain(told, re.compile(failing) if failing else None, re.compile(working) if working else None)
    take = _FORMATS[format]

    def read(line: bytes) -> Iterator[Shown]:
        event = parse(line)
        if event is not None:
            yield from take(told, event)

    return read


def _plain(
    told: Told, failing: re.Pattern[str] | None, working: re.Pattern[str] | None
) -> Callable[[bytes], Iterator[Shown]]:
    def read(line: bytes) -> Iterator[Shown]:
        words = line.decode("utf-8", "replace").rstrip("\r")
        told.lines.append(words)
        if failing and failing.match(words):
            told.fail(words)
        elif working and working.match(words):
            told.failure = ""
        yield Shown("text", words)

    return read


def _codex(told: Told, event: Json) -> Iterator[Shown]:
    kind, item = event.get("type"), _object(event.get("item"))
    if kind == "thread.started":
        told.session_id = _text(event.get("thread_id"))
    elif kind == "item.started" and item.get("type") == "command_execution":
        yield tool_call("shell", {"command": item.get("command")})
    elif kind == "item.completed" and item.get("type") == "agent_message":
        told.texts.append(_text(item.get("text")))
        yield Shown("text", told.text)
    elif kind == "error":
        yield Shown("note", _text(event.get("message")))
    elif kind == "turn.failed":
        told.fail(_text(_object(event.get("error")).get("message")))
    elif kind == "turn.completed":
        told.finished = True
        used = _object(event.get("usage"))
        cached = _count(used.get("cached_input_tokens"))
        # Its input tokens include the cached ones, ours don't.
        told.add(
            Usage(
                max(0, _count(used.get("input_tokens")) - cached),
                _count(used.get("output_tokens")),
                cached,
                _count(used.get("cache_write_input_tokens")),
            )
        )


def _opencode(told: Told, event: Json) -> Iterator[Shown]:
    kind, part = event.get("type"), _object(event.get("part"))
    told.session_id = told.session_id or _text(event.get("sessionID"))
    if kind == "text":
        told.texts.append(_text(part.get("text")))
        yield Shown("text", told.text)
    elif kind == "tool_use":
        yield tool_call(part.get("tool"), _object(part.get("state")).get("input"))
    elif kind == "step_finish":
        tokens = _object(part.get("tokens"))
        cache = _object(tokens.get("cache"))
        counts = (tokens.get("input"), tokens.get("output"), cache.get("read"), cache.get("write"))
        told.add(Usage(*map(_count, counts)), part.get("cost"))
        told.finished = part.get("reason") == "stop"
    elif kind == "error":
        error = _object(event.get("error"))
        data = _object(error.get("data"))
        told.fail(_text(data.get("message")) or _text(error.get("name")), data.get("statusCode"))
        yield Shown("note", told.failure)


def _gemini(told: Told, event: Json) -> Iterator[Shown]:
    kind = event.get("type")
    if kind == "init":
        told.session_id, told.model = _text(event.get("session_id")), _text(event.get("model"))
    elif kind == "message" and event.get("role") == "assistant":
        words = _text(event.get("content"))
        if event.get("delta") and told.texts:
            told.texts[-1] += words
        else:
            told.texts.append(words)
        yield Shown("text", words)
    elif kind == "tool_use":
        told.texts.append("")  # what is said after a tool is a new message
        yield tool_call(event.get("tool_name"), event.get("parameters"))
    elif kind == "result":
        told.finished = event.get("status") == "success"
        stats = _object(event.get("stats"))
        cached = _count(stats.get("cached"))
        told.add(Usage(max(0, _count(stats.get("input_tokens")) - cached), _count(stats.get("output_tokens")), cached))
        if not told.finished:
            told.fail(_text(_object(event.get("error")).get("message")))


_FORMATS: Mapping[str, Callable[[Told, Json], Iterator[Shown]]] = {
    "codex": _codex,
    "opencode": _opencode,
    "gemini": _gemini,
}
JSON_FORMATS = tuple(_FORMATS)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _object(value: object) -> Json:
    return value if isinstance(value, Mapping) else {}

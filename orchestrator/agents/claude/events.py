"""What Claude Code tells in its stream of JSON lines; anything unknown, missing or misshapen is passed over."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from orchestrator.agents.protocol import Usage

Json = Mapping[str, Any]
AUTH_RETRIES = 2


@dataclass(frozen=True)
class Shown:
    """Something to show live: `kind` is text, tool or note. `call` is a tool call whole, to be compared, `who` the
    subagent that makes it.
    """

    kind: str
    text: str
    name: str = ""
    call: str = ""
    who: str = ""


@dataclass
class Stream:
    """What a session has told so far. `result` is the last result event, the others may be absent too.

    `finished` is True from a result on until work goes on, as it does when a subagent in the background comes back.
    """

    session_id: str = ""
    model: str = ""
    result: Json | None = None
    limit: Json | None = None
    errors: list[str] = field(default_factory=list)
    auth_failures: int = 0
    finished: bool = False

    def feed(self, line: bytes) -> Iterator[Shown]:
        """Take one line in, and give what of it is to be shown."""
        event = parse(line)
        if event is None:
            return
        self.session_id = self.session_id or _text(event.get("session_id"))
        kind = event.get("type")
        self.finished = kind == "result" or (self.finished and not _is_work(event))
        if kind == "assistant":
            yield from self._assistant(event)
        elif kind == "system":
            yield from self._system(event)
        elif kind == "rate_limit_event" and isinstance(event.get("rate_limit_info"), Mapping):
            self.limit = event["rate_limit_info"]
            yield from _limit_note(event["rate_limit_info"])
        elif kind == "result":
            self.result = event

    @property
    def hopeless(self) -> bool:
        """The key is refused again and again: Claude Code would go on asking for three minutes."""
        return self.auth_failures >= AUTH_RETRIES

    def _assistant(self, event: Json) -> Iterator[Shown]:
        message = _object(event.get("message"))
        synthetic = message.get("model") == "<synthetic>"
        if synthetic and _text(event.get("error")):
            self.errors.append(_text(event["error"]))
        if not synthetic and not event.get("parent_tool_use_id"):
            self.model = _text(message.get("model")) or self.model
        for block in _objects(message.get("content")):
            if block.get("type") == "text" and _text(block.get("text")):
                yield Shown("text", _text(block["text"]))
            elif block.get("type") == "tool_use":
                yield tool_call(block.get("name"), block.get("input"), event.get("parent_tool_use_id"))

    def _system(self, event: Json) -> Iterator[Shown]:
        kind = event.get("subtype")
        if kind == "init":
            self.model = _text(event.get("model")) or self.model
        elif kind == "api_retry":
            error = _text(event.get("error")) or "unknown"
            self.auth_failures += error == "authentication_failed"
            status = event.get("error_status")
            what = f"{error} ({status})" if status else error
            yield Shown("note", f"retry {event.get('attempt')} of {event.get('max_retries')}: {what}")
        elif kind == "model_fallback":
            yield Shown("note", "the model is overloaded, another one answers")


def parse(line: bytes) -> dict[str, Any] | None:
    """The JSON object of a line, None for anything else."""
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) else None


def _is_work(event: Json) -> bool:
    """Whether the event shows that the session works: events about its state or about MCP servers do not."""
    kind, subtype = event.get("type"), event.get("subtype")
    return kind in ("assistant", "user", "stream_event") or (
        kind == "system" and isinstance(subtype, str) and subtype in _WORKING
    )


_WORKING = frozenset(["init", "task_started", "task_progress", "api_retry"])
_TOKENS = ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
_TOKENS_OF_MODEL = ("inputTokens", "outputTokens", "cacheReadInputTokens", "cacheCreationInputTokens")


def usage(result: Json | None) -> Usage | None:
    """The tokens of the whole session; None if the result event does not tell them.

    `modelUsage` counts all models and subagents. `usage` counts the last turn only, so it is the second choice.
    """
    models = [model for model in _object((result or {}).get("modelUsage")).values() if isinstance(model, Mapping)]
    if models:
        return Usage(*(sum(_count(model.get(name)) for model in models) for name in _TOKENS_OF_MODEL))
    told = _object((result or {}).get("usage"))
    return Usage(*(_count(told.get(name)) for name in _TOKENS)) if told else None


def cost(result: Json | None) -> float | None:
    """Dollars, as Claude Code reckons them; None when it did not."""
    return number((result or {}).get("total_cost_usd"))


def denials(result: Json | None) -> tuple[str, ...]:
    """The tools whose use was refused, in order, each once."""
    told = _objects((result or {}).get("permission_denials"))
    return tuple(dict.fromkeys(_text(item.get("tool_name")) or "?" for item in told))


def number(value: object) -> float | None:
    """A finite number of a JSON value, None for anything else."""
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def tool_call(name: object, arguments: object, who: object = None) -> Shown:
    """A tool call to be shown; its arguments may have any shape."""
    call = json.dumps([name, arguments], sort_keys=True)
    return Shown("tool", tool_detail(_object(arguments)), _text(name) or "?", call, _text(who))


def tool_detail(arguments: Json) -> str:
    """What a tool call is about, in one line: its command, its file, its pattern ..."""
    for name in ("command", "file_path", "path", "notebook_path", "pattern", "url", "query", "description"):
        if _text(arguments.get(name)):
            return " ".join(_text(arguments[name]).split())
    return ""


def _limit_note(info: Json) -> Iterator[Shown]:
    used = number(info.get("utilization"))
    if info.get("status") == "allowed_warning" and used is not None:
        yield Shown("note", f"{used:.0%} of the usage limit is spent")


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _object(value: object) -> Json:
    return value if isinstance(value, Mapping) else {}


def _objects(value: object) -> list[Json]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []

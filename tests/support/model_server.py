"""A model server on 127.0.0.1 that answers coding agents from a script, faults included.

    with Server({"F1": [[bash("touch a"), text("done")], [text("second attempt")]]}) as server:
        ... run the agent with server.env(home) ...

A script is a list of turns (the same for every session), a mapping from a word of the first user message
to its sessions (each a list of turns; the last one repeats), or a function of a Request that gives a turn.
A turn is a Reply, a Fault, or a function of the Request that gives one of them. A turn is chosen by how many
answers the conversation already holds, so that a retried request meets the same turn again; a Fault with
`times` passes after so many requests. Beyond its last turn a session is told "done".
"""

from __future__ import annotations

import json
import os
import re
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

KEY = "sk-ant-test-0123456789abcdefghij"
BOUND = 2000
LIFETIME = 900.0


@dataclass(frozen=True)
class Reply:
    """An answer: content blocks, and the tokens it says it took."""

    blocks: tuple[dict[str, Any], ...]
    input_tokens: int = 100
    output_tokens: int = 20

    @property
    def stop_reason(self) -> str:
        return "tool_use" if any(block["type"] == "tool_use" for block in self.blocks) else "end_turn"


@dataclass(frozen=True)
class Fault:
    """What goes wrong: `http` (status, message, headers), `hang`, `reset`, `garbage`, `stall` (half a reply)."""

    kind: str
    status: int = 0
    error: str = ""
    message: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    times: int | None = None


@dataclass(frozen=True)
class Request:
    """One request as it came: its path, headers (lower case) and decoded body."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def first(self) -> str:
        """The text of the first user message, without the client's own reminders."""
        messages = self.body.get("messages") or [{}]
        return "\n".join(part for part in _texts(messages[0]) if not part.startswith("<system-reminder>"))

    @property
    def answers(self) -> int:
        return sum(message.get("role") == "assistant" for message in self.body.get("messages", []))

    @property
    def session(self) -> str:
        """The id of the agent's session; a subagent has its parent's."""
        user = str(self.body.get("metadata", {}).get("user_id", ""))
        found = re.search(r"session_(?:id\W+)?([0-9a-f-]{36})", user)
        return found[1] if found else user

    @property
    def cwd(self) -> str:
        found = re.search(r"working directory: (.+)", json_text(self.body.get("system")), re.IGNORECASE)
        return found[1].strip() if found else ""


Turn = Reply | Fault | Callable[[Request], "Reply | Fault"]
Session = Sequence[Turn]
Script = Session | Mapping[str, Sequence[Session]] | Callable[[Request], Turn]


def text(words: str, **tokens: int) -> Reply:
    return Reply(({"type": "text", "text": words},), **tokens)


def tool(name: str, /, **arguments: Any) -> Reply:
    """The model calls a tool of the agent."""
    return Reply(({"type": "tool_use", "name": name, "input": arguments},))


def bash(command: str) -> Reply:
    return tool("Bash", command=command, description="run")


def structured(value: dict[str, Any]) -> Reply:
    """The model gives its structured output (`--json-schema`)."""
    return tool("StructuredOutput", **value)


def together(*replies: Reply) -> Reply:
    """Several answers as the blocks of one."""
    return Reply(tuple(block for reply in replies for block in reply.blocks))


def http(status: int, error: str, message: str, times: int | None = None) -> Fault:
    return Fault("http", status, error, message, times=times)


def bad_request(message: str = "Your credit balance is too low to access the Anthropic API.") -> Fault:
    return http(400, "invalid_request_error", message)


def bad_key(times: int | None = None) -> Fault:
    return http(401, "authentication_error", "invalid x-api-key", times)


def limited(retry_after: int | None = None, message: str = "This request would exceed your limit.") -> Fault:
    headers = () if retry_after is None else (("retry-after", str(retry_after)),)
    return Fault("http", 429, "rate_limit_error", message, headers)


def overloaded(times: int | None = None) -> Fault:
    return http(529, "overloaded_error", "Overloaded", times)


HANG = Fault("hang")
RESET = Fault("reset")
GARBAGE = Fault("garbage", times=1)
STALL = Fault("stall")


def json_text(value: Any) -> str:
    """All strings in a JSON value, joined by newlines."""
    if isinstance(value, str):
        return value
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return "\n".join(json_text(item) for item in items)


def _texts(message: Mapping[str, Any]) -> list[str]:
    content = message.get("content", "")
    if isinstance(content, str):
        return [content]
    return [str(part.get("text", "")) for part in content if part.get("type") == "text"]


@dataclass
class _Choice:
    """Which turn a request gets; a subagent (known session, other first words) is told "done" at once."""

    script: Script
    sessions: dict[str, list[str]] = field(default_factory=dict)
    openings: dict[str, str] = field(default_factory=dict)
    served: Counter[tuple[str, int]] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def turn(self, request: Request) -> Reply | Fault:
        if callable(self.script):
            chosen: Turn = self.script(request)
        else:
            with self.lock:
                chosen = self._of(self._session(request), request)
        return chosen if isinstance(chosen, (Reply, Fault)) else chosen(request)

    def _session(self, request: Request) -> Session:
        assert not callable(self.script)
        if self.openings.setdefault(request.session, request.first) != request.first:
            return ()
        if not isinstance(self.script, Mapping):
            return self.script
        for key in sorted(self.script, key=len, reverse=True):
            if re.search(rf"(?<!\w){re.escape(key)}(?!\w)", request.first):
                known = self.sessions.setdefault(key, [])
                if request.session not in known:
                    known.append(request.session)
                choices = self.script[key]
                return choices[min(known.index(request.session), len(choices) - 1)]
        return ()

    def _of(self, session: Session, request: Request) -> Turn:
        """The turn for the number of answers there are; faults that pass are not answers."""
        answers = request.answers
        for position, turn in enumerate(session):
            times = turn.times if isinstance(turn, Fault) else None
            if times is None and answers == 0:
                return turn
            if times is None:
                answers -= 1
            elif answers == 0 and self.served[request.session, position] < times:
                self.served[request.session, position] += 1
                return turn
        return text("done")


class Server:
    """Listens from `with` on until its end (or for a quarter of an hour, or 2,000 requests)."""

    def __init__(self, script: Script) -> None:
        self.requests: list[Request] = []
        self.stopping = threading.Event()
        self.choice = _Choice(script)
        self.http = _Http(self)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"

    def __enter__(self) -> Server:
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        self.timer = threading.Timer(LIFETIME, self.stop)
        self.timer.daemon = True
        self.timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        if not self.stopping.is_set():
            self.stopping.set()
            self.timer.cancel()
            self.http.shutdown()
            self.http.server_close()

    @property
    def asked(self) -> list[Request]:
        """The requests for an answer of the model, without the token counting."""
        return [request for request in self.requests if request.path == "/v1/messages"]

    def env(self, home: Path) -> dict[str, str]:
        """What makes Claude Code talk to this server only, with a HOME of its own."""
        env = {
            "ANTHROPIC_BASE_URL": self.url,
            "ANTHROPIC_API_KEY": KEY,
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "DISABLE_AUTOUPDATER": "1",
            "HOME": str(home),
            "USERPROFILE": str(home),
        }
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            env["IS_SANDBOX"] = "1"
        return env


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, owner: Server) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.owner = owner

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away in the middle is nothing to print about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Http

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self._send(200, b"")

    def do_GET(self) -> None:
        self._json(404, {"type": "error", "error": {"type": "not_found_error", "message": self.path}})

    def do_POST(self) -> None:
        owner = self.server.owner
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        try:
            body = json.loads(raw)
        except ValueError:
            body = {}
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.path.partition("?")[0], headers, body if isinstance(body, dict) else {})
        owner.requests.append(request)
        if request.path.endswith("/count_tokens"):
            self._json(200, {"input_tokens": 100})
        elif request.path != "/v1/messages" or len(owner.requests) > BOUND:
            self._json(404, {"type": "error", "error": {"type": "not_found_error", "message": self.path}})
        elif not request.body.get("tools"):
            self._answer(request, text("ok"))
        else:
            turn = owner.choice.turn(request)
            self._fault(turn, request) if isinstance(turn, Fault) else self._answer(request, turn)

    def _fault(self, fault: Fault, request: Request) -> None:
        if fault.kind == "http":
            body = {"type": "error", "error": {"type": fault.error, "message": fault.message}}
            self._json(fault.status, body, fault.headers)
        elif fault.kind == "hang":
            self.server.owner.stopping.wait(LIFETIME)
            self.close_connection = True
        elif fault.kind == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
        elif fault.kind == "garbage":
            self._send(200, b"event: message_start\ndata: {nonsense\n\n\xff\xfe\x00", "text/event-stream")
        elif fault.kind == "stall":
            events = sse(text("half"), request)[:3]
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.end_headers()
            self.wfile.write(b"".join(events))
            self.wfile.flush()
            self.server.owner.stopping.wait(LIFETIME)
            self.close_connection = True
        else:
            raise AssertionError(f"no fault named {fault.kind}")

    def _answer(self, request: Request, reply: Reply) -> None:
        if request.body.get("stream"):
            self._send(200, b"".join(sse(reply, request)), "text/event-stream")
        else:
            self._json(200, message(reply, request))

    def _json(self, status: int, body: object, headers: Sequence[tuple[str, str]] = ()) -> None:
        self._send(status, json.dumps(body).encode(), headers=headers)

    def _send(
        self,
        status: int,
        body: bytes,
        kind: str = "application/json",
        headers: Sequence[tuple[str, str]] = (),
    ) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def message(reply: Reply, request: Request) -> dict[str, Any]:
    """The answer as one Messages API object; tool calls get ids that are unique in the conversation."""
    blocks = [
        {**block, "id": f"toolu_{request.answers:04d}_{number}"} if block["type"] == "tool_use" else block
        for number, block in enumerate(reply.blocks)
    ]
    return {
        "id": f"msg_{request.answers:04d}",
        "type": "message",
        "role": "assistant",
        "model": request.body.get("model", "scripted"),
        "content": blocks,
        "stop_reason": reply.stop_reason,
        "stop_sequence": None,
        "usage": {"input_tokens": reply.input_tokens, "output_tokens": reply.output_tokens},
    }


def sse(reply: Reply, request: Request) -> list[bytes]:
    """The answer as server-sent events, one item each."""
    whole = message(reply, request)
    usage = {"input_tokens": reply.input_tokens, "output_tokens": 1}
    start = {**whole, "content": [], "stop_reason": None, "usage": usage}
    events: list[dict[str, Any]] = [{"type": "message_start", "message": start}]
    for index, block in enumerate(whole["content"]):
        if block["type"] == "tool_use":
            empty = {**block, "input": {}}
            delta = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
        else:
            empty = {"type": "text", "text": ""}
            delta = {"type": "text_delta", "text": block["text"]}
        events.append({"type": "content_block_start", "index": index, "content_block": empty})
        events.append({"type": "content_block_delta", "index": index, "delta": delta})
        events.append({"type": "content_block_stop", "index": index})
    stop = {"stop_reason": whole["stop_reason"], "stop_sequence": None}
    events.append({"type": "message_delta", "delta": stop, "usage": {"output_tokens": reply.output_tokens}})
    events.append({"type": "message_stop"})
    return [f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode() for event in events]

"""What every coding agent takes and gives: a request, a result, and someone who watches."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol


class Outcome(enum.Enum):
    """How a session ended. Whether its work is right is decided by the check, not here."""

    OK = "ok"
    """The agent came to its end and reported no error."""
    FAILED = "failed"
    """The agent ended with an error that another attempt may not meet."""
    TIMEOUT = "timeout"
    """We stopped it: its time was up, or nothing was heard of it for too long."""
    INTERRUPTED = "interrupted"
    """We stopped it because the user asked for an end."""
    NOT_INSTALLED = "not installed"
    """The program isn't there or can't be started."""
    NOT_LOGGED_IN = "not logged in"
    """The service wants a person: no key, a bad key, no credit."""
    RATE_LIMITED = "rate limited"
    """A usage limit is reached; `reset_at` says until when, if the agent was told."""
    OVERLOADED = "overloaded"
    """The service or the way to it is out of order for now; the same request may pass later."""
    OUT_OF_BUDGET = "out of budget"
    """The session's own limit of cost or turns was reached before its end."""


@dataclass(frozen=True)
class Usage:
    """Tokens of a whole session, subagents included."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_creation_tokens: int = 0


@dataclass(frozen=True, kw_only=True)
class SessionRequest:
    """One session to run.

    `prompt_file` is absolute and already holds `prompt`. `timeout` is in seconds, `max_cost_usd` in dollars,
    0 is no limit for either. The streams go, redacted, to `log_dir/NAME.stdout` and `.stderr`, mode 0600.
    `schema` (JSON Schema) asks for structured output. `env` is added to the child's environment. `project` is the
    project's folder where `cwd` is another one, such as a worktree.
    """

    prompt: str
    prompt_file: Path
    cwd: Path
    model: str
    log_dir: Path
    name: str
    feature_id: str = ""
    interactive: bool = False
    timeout: float = 0
    schema: dict[str, Any] | None = None
    max_cost_usd: float = 0
    env: Mapping[str, str] = field(default_factory=dict)
    project: Path | None = None


@dataclass(frozen=True)
class SessionResult:
    """How a session went. None where the agent did not tell: unknown is not zero.

    `output` is the final text, `error` one line for a person ("" when ok), `elapsed` in seconds, `reset_at`
    in seconds since the epoch, `structured` what a schema asked for, `denials` the tools that were refused.
    """

    outcome: Outcome
    output: str = ""
    error: str = ""
    elapsed: float = 0
    returncode: int | None = None
    usage: Usage | None = None
    cost_usd: float | None = None
    agent_session_id: str = ""
    reset_at: float | None = None
    structured: object | None = None
    denials: tuple[str, ...] = ()
    model: str = ""

    @property
    def success(self) -> bool:
        return self.outcome is Outcome.OK


class Observer(Protocol):
    """Someone who watches a session live. Texts are redacted and free of control characters."""

    def text(self, text: str) -> None:
        """Words of the agent."""

    def tool(self, name: str, detail: str) -> None:
        """The agent uses a tool; `detail` is its command or file, one line."""

    def note(self, text: str) -> None:
        """Something about the session itself: a retry, a limit, a left-over process."""


class Silent:
    """An observer that shows nothing."""

    def text(self, text: str) -> None:
        pass

    def tool(self, name: str, detail: str) -> None:
        pass

    def note(self, text: str) -> None:
        pass


class Agent(Protocol):
    """A coding agent. `run` never raises for how a session went: that is in the result."""

    @property
    def tells_cost(self) -> bool:
        """Whether it says what its sessions cost; one session's cost may be unknown all the same."""

    def run(self, request: SessionRequest, observer: Observer) -> SessionResult:
        """Run one session to its end; Ctrl+C while it runs gives INTERRUPTED, and the caller stops."""

    def check(self) -> None:
        """Raise errors.Missing, with how to mend it, when no session could start at all."""

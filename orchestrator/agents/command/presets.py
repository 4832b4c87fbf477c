"""The command lines of other coding agents, and how each tells its failures; measured with one version of each.

Codex 0.169, Gemini 0.61, OpenCode 1.18, aider 0.86. A preset is a start, not a law: `[agent] command` replaces
its command line and keeps its reading of the output.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from orchestrator.agents.protocol import Outcome

OPTIONS = "{options}"
AUTH, LIMIT, BUSY = Outcome.NOT_LOGGED_IN, Outcome.RATE_LIMITED, Outcome.OVERLOADED


@dataclass(frozen=True)
class Preset:
    """`argv` has the placeholders of a command; an item `{options}` stands for `model_option`, if a model is
    named, and the user's own `args`. `codes` gives exit codes a meaning, `words` patterns for the text of a failure
    (first match wins). `failing` and `working` are lines of plain text that say so, at their beginning: a failure
    stands when no working line follows it. `must_finish`: success needs the output's own word, beside exit code 0.
    `tells_cost`: the output holds dollars.
    """

    argv: tuple[str, ...]
    model_option: tuple[str, ...]
    install: str
    format: str = "text"
    codes: Mapping[int, Outcome] = field(default_factory=dict)
    words: tuple[tuple[str, Outcome], ...] = ()
    failing: str = ""
    working: str = ""
    must_finish: bool = False
    tells_cost: bool = False


STATUS_WORDS = (
    (r"\b(?:status|code)\W{0,3}\s?40[13]\b|unauthorized|invalid.api.key|incorrect api key", AUTH),
    (r"missing environment variable|not logged in|please (?:log|sign) in|invalid auth", AUTH),
    (r"hit your usage limit|usage limit reached|\b(?:status|code)\W{0,3}\s?429\b|rate.?limit", LIMIT),
    (
        r"\b(?:status|code)\W{0,3}\s?5\d\d\b|overloaded|high demand|connection (?:refused|reset|error)|timed out",
        BUSY,
    ),
)

PRESETS: Mapping[str, Preset] = {
    "codex": Preset(
        argv=("codex", "exec", "--json", "--dangerously-bypass-approvals-and-sandbox", OPTIONS, "-"),
        model_option=("--model", "{model}"),
        install="npm install -g @openai/codex",
        format="codex",
        words=STATUS_WORDS,
        must_finish=True,
    ),
    "gemini": Preset(
        argv=("gemini", "--approval-mode", "yolo", "--skip-trust", "--output-format", "stream-json", OPTIONS),
        model_option=("--model", "{model}"),
        install="npm install -g @google/gemini-cli",
        format="gemini",
        # Its exit code is the service's status modulo 256; 41 is its own word for a missing log-in.
        codes={41: AUTH, 401 % 256: AUTH, 403 % 256: AUTH, 429 % 256: LIMIT, 500 % 256: BUSY, 503 % 256: BUSY},
        words=STATUS_WORDS,
        must_finish=True,
    ),
    "opencode": Preset(
        argv=("opencode", "run", "--format", "json", "--auto", OPTIONS),
        model_option=("--model", "{model}"),
        install="npm install -g opencode-ai",
        format="opencode",
        words=STATUS_WORDS,
        must_finish=True,
        tells_cost=True,
    ),
    "aider": Preset(
        argv=("aider", "--yes-always", "--no-stream", "--no-pretty", OPTIONS, "--message-file", "{prompt_file}"),
        model_option=("--model", "{model}"),
        install="python -m pip install aider-install && aider-install",
        words=(
            (r"AuthenticationError|PermissionDeniedError", AUTH),
            (r"RateLimitError", LIMIT),
            (r"APIConnectionError|InternalServerError|ServiceUnavailableError|Timeout|APIError", BUSY),
        ),
        failing=r"litellm\.\w+",
        working=r"Tokens: ",
    ),
}
# Model names of Claude Code: another agent would not know them, so it gets no model option.
CLAUDE_MODELS = frozenset(["", "default", "sonnet", "opus", "haiku", "opusplan"])

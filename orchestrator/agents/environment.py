"""The environment of an agent: an allowlist, so that what else the caller holds does not reach a model's shell."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


ALLOWED = _names(
    """
    PATH HOME LANG LANGUAGE TMPDIR TEMP TMP TZ USER LOGNAME USERNAME SHELL TERM IS_SANDBOX
    XDG_CONFIG_HOME XDG_DATA_HOME XDG_CACHE_HOME XDG_STATE_HOME XDG_RUNTIME_DIR
    SSL_CERT_FILE SSL_CERT_DIR REQUESTS_CA_BUNDLE CURL_CA_BUNDLE NODE_EXTRA_CA_CERTS
    SSH_AUTH_SOCK GNUPGHOME GPG_TTY CLAUDE_CONFIG_DIR DISABLE_AUTOUPDATER API_TIMEOUT_MS CLOUD_ML_REGION
    GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL GIT_SSH GIT_SSH_COMMAND GIT_ASKPASS
    CARGO_HOME RUSTUP_HOME GOPATH GOROOT GOCACHE GOMODCACHE GOFLAGS GOPROXY NVM_DIR JAVA_HOME PYENV_ROOT
    SYSTEMROOT SYSTEMDRIVE WINDIR COMSPEC PATHEXT APPDATA LOCALAPPDATA PROGRAMDATA PROGRAMFILES HOMEDRIVE
    HOMEPATH USERPROFILE NUMBER_OF_PROCESSORS PROCESSOR_ARCHITECTURE OS
    """
)
PREFIXES = (
    "LC_",
    "ANTHROPIC_",
    "CLAUDE_CODE_",
    "OPENAI_",
    "CODEX_",
    "GEMINI_",
    "GOOGLE_",
    "OPENCODE_",
    "AIDER_",
    "AWS_",
    "GIT_CONFIG_",
    "NPM_CONFIG_",
    "PIP_",
    "UV_",
    "ORCHESTRATOR_",
)
# A session started from inside an agent's shell must not take itself for that agent's child.
DROPPED = _names(
    "CLAUDECODE CLAUDE_CODE_ENTRYPOINT CLAUDE_CODE_SESSION_ID CLAUDE_CODE_CHILD_SESSION CLAUDE_CODE_SSE_PORT"
    " ORCHESTRATOR_RUN_ID ORCHESTRATOR_RUN_OWNER"
)
PROXIES = _names("HTTP_PROXY HTTPS_PROXY NO_PROXY ALL_PROXY")
TERMINAL = _names("COLORTERM TERM_PROGRAM TERM_PROGRAM_VERSION COLUMNS LINES DISPLAY WAYLAND_DISPLAY")


def build(
    settings: Mapping[str, str],
    extra: Mapping[str, str],
    *,
    interactive: bool = False,
    caller: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """What a session sees: the allowed part of the `caller`'s environment, then `settings`, then `extra`.

    A value of `settings` that is exactly `$NAME` or `${NAME}` passes the caller's NAME on (nothing when it is
    unset), so that a secret need not be written into a file. The caller's virtual environment passes unless it
    is the one this program runs in.
    """
    caller = os.environ if caller is None else caller
    env = {name: value for name, value in caller.items() if _passes(name, interactive)}
    active = caller.get("VIRTUAL_ENV", "")
    if active and os.path.realpath(active) != os.path.realpath(sys.prefix):
        env["VIRTUAL_ENV"] = active
    if not interactive:
        env["TERM"] = "dumb"
    env["GIT_TERMINAL_PROMPT"] = "0"
    for name, value in settings.items():
        reference = re.fullmatch(r"\$(?:(\w+)|\{(\w+)\})", value)
        if not reference:
            env[name] = value
        elif (found := caller.get(reference[1] or reference[2])) is not None:
            env[name] = found
    env.update(extra)
    return env


def _passes(name: str, interactive: bool) -> bool:
    upper = name.upper()
    if upper in DROPPED:
        return False
    return upper in ALLOWED or upper in PROXIES or upper.startswith(PREFIXES) or (interactive and upper in TERMINAL)

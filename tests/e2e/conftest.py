"""The real Claude Code, made to talk to a scripted server only."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.claude_cli import claude
from support.model_server import Server


@pytest.fixture
def claude_env(sealed: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Server], Path]:
    """Call it with a server: the environment then leads to it; gives the real program, or skips."""

    def use(server: Server) -> Path:
        program = claude()
        for name, value in server.env(sealed).items():
            monkeypatch.setenv(name, value)
        for name in ("CLAUDECODE", "CLAUDE_CODE_MAX_RETRIES", "CLAUDE_CODE_OAUTH_TOKEN", "ANTHROPIC_AUTH_TOKEN"):
            monkeypatch.delenv(name, raising=False)
        return program

    return use

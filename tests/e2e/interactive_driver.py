"""Started in a terminal by a test: one interactive session, then a line with its outcome."""

from __future__ import annotations

import sys
from pathlib import Path

from orchestrator.agents.claude.agent import ClaudeAgent
from orchestrator.agents.protocol import SessionRequest, Silent
from orchestrator.config.settings import AgentSettings

program, prompt_file = sys.argv[1:]
result = ClaudeAgent(AgentSettings(command=(program,))).run(
    SessionRequest(
        prompt=Path(prompt_file).read_text(),
        prompt_file=Path(prompt_file),
        cwd=Path.cwd(),
        model="sonnet",
        log_dir=Path.cwd(),
        name="interactive",
        interactive=True,
    ),
    Silent(),
)
print("OUTCOME", result.outcome.name, flush=True)

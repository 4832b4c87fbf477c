"""What ClaudeAgent does around a session, with small programs in place of the CLI; tests/e2e runs the real one."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from support.agents import Watch, request

from orchestrator.agents.claude.agent import ClaudeAgent
from orchestrator.agents.factory import create
from orchestrator.agents.protocol import Outcome
from orchestrator.config.settings import AgentSettings
from orchestrator.errors import Missing, OrchestratorError

STUB = """
import json, os, sys
told = json.dumps({"argv": sys.argv[1:], "stdin": sys.stdin.read(), "env": dict(os.environ)})
print(json.dumps({"type": "result", "subtype": "success", "is_error": False, "result": told,
    "structured_output": {}}))
"""


@pytest.fixture(autouse=True)
def sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IS_SANDBOX", "1")


def stub(**settings: object) -> ClaudeAgent:
    """An agent whose program prints a result that holds what it was given."""
    return ClaudeAgent(AgentSettings(command=(sys.executable, "-c", STUB), **settings))  # type: ignore[arg-type]


def given(repo: Path, agent: ClaudeAgent, **more: object) -> dict[str, object]:
    result = agent.run(request(repo, **more), Watch())
    assert result.outcome is Outcome.OK
    told: dict[str, object] = json.loads(result.output)
    return told


def test_the_command_line_of_a_session(repo: Path) -> None:
    told = given(repo, stub(args=("--max-turns", "5")), schema={"type": "object"}, max_cost_usd=1.5)
    argv = told["argv"]
    assert isinstance(argv, list)
    session = argv.index("--session-id")
    assert len(argv.pop(session + 1)) == 36
    assert argv == [
        "--print",
        "--model",
        "sonnet",
        "--permission-mode",
        "bypassPermissions",
        "--output-format",
        "stream-json",
        "--verbose",
        "--session-id",
        "--json-schema",
        '{"type":"object"}',
        "--max-budget-usd",
        "1.5",
        "--max-turns",
        "5",
    ]
    assert told["stdin"] == "Feature: F1\nDo it."


def test_a_session_that_the_settings_resume_gets_no_new_id(repo: Path) -> None:
    assert "--session-id" not in stub(args=("--resume", "x")).arguments(request(repo))


def test_a_prompt_like_a_slash_command_gets_a_line_before_it(repo: Path) -> None:
    assert given(repo, stub(), prompt=" /help me")["stdin"] == "The task:\n /help me"
    if os.name != "nt":
        assert (repo.parent / "logs" / "session-001.prompt").stat().st_mode & 0o077 == 0


def test_claude_s_own_retries_are_cut_unless_the_user_set_them(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = {"CLAUDE_CODE_MAX_RETRIES": "2", "DISABLE_AUTOUPDATER": "1", "GIT_TERMINAL_PROMPT": "0"}
    told = given(repo, stub())["env"]
    assert isinstance(told, dict)
    assert {name: told.get(name) for name in wanted} == wanted
    monkeypatch.setenv("CLAUDE_CODE_MAX_RETRIES", "7")
    told = given(repo, stub())["env"]
    assert isinstance(told, dict)
    assert told["CLAUDE_CODE_MAX_RETRIES"] == "7"
    told = given(repo, stub(env={"CLAUDE_CODE_MAX_RETRIES": "9"}))["env"]
    assert isinstance(told, dict)
    assert told["CLAUDE_CODE_MAX_RETRIES"] == "9"


def test_a_prompt_over_10_mb_is_refused(repo: Path) -> None:
    result = stub().run(request(repo, prompt="x" * 10_000_001), Watch())
    assert result.outcome is Outcome.FAILED
    assert result.error == "the prompt has 10,000,001 bytes, Claude Code takes 10,000,000 at most"


def test_an_absent_program_is_missing_with_how_to_install_it(repo: Path) -> None:
    agent = ClaudeAgent(AgentSettings(command=("no-such-claude",)))
    with pytest.raises(Missing, match="npm install -g @anthropic-ai/claude-code") as caught:
        agent.check()
    assert caught.value.exit_code == 3
    assert agent.run(request(repo), Watch()).outcome is Outcome.NOT_INSTALLED


def test_a_file_that_is_no_program_is_not_installed(repo: Path) -> None:
    if os.name == "nt":
        pytest.skip("needs executable bits")
    (repo / "claude").write_bytes(b"\x00\x01")
    (repo / "claude").chmod(0o755)
    result = ClaudeAgent(AgentSettings(command=(str(repo / "claude"),))).run(request(repo), Watch())
    assert result.outcome is Outcome.NOT_INSTALLED


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root")
def test_root_needs_the_user_s_word_for_a_sandbox(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IS_SANDBOX")
    with pytest.raises(OrchestratorError, match="does not run as root") as caught:
        stub().check()
    assert "IS_SANDBOX=1" in caught.value.fix
    assert stub().run(request(repo), Watch()).outcome is Outcome.FAILED
    stub(env={"IS_SANDBOX": "1"}).check()
    stub(permission_mode="acceptEdits").check()


def test_a_session_that_ends_without_a_result_keeps_what_is_known(repo: Path) -> None:
    event = {"type": "system", "subtype": "init", "session_id": "abc", "model": "claude-x"}
    agent = ClaudeAgent(AgentSettings(command=(sys.executable, "-c", f"print({json.dumps(event)!r})")))
    result = agent.run(request(repo), Watch())
    assert (result.outcome, result.usage, result.cost_usd) == (Outcome.FAILED, None, None)
    assert (result.agent_session_id, result.model, result.returncode) == ("abc", "claude-x", 0)


def test_the_factory_gives_the_agent_that_the_settings_name(tmp_path: Path) -> None:
    kinds = [type(create(AgentSettings(kind=kind), tmp_path)).__name__ for kind in ("claude", "command", "replay")]
    assert kinds == ["ClaudeAgent", "CommandAgent", "ReplayAgent"]
    with pytest.raises(OrchestratorError, match="unknown kind of agent 'x'"):
        create(AgentSettings(kind="x"), tmp_path)

from __future__ import annotations

import sys

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.agents.environment import build

CALLER = {
    "PATH": "/bin",
    "HOME": "/home/u",
    "LC_ALL": "C",
    "TERM": "xterm",
    "COLORTERM": "truecolor",
    "https_proxy": "http://proxy",
    "ANTHROPIC_API_KEY": "key",
    "CLAUDE_CODE_USE_BEDROCK": "1",
    "IS_SANDBOX": "1",
    "GIT_AUTHOR_NAME": "A",
    "ORCHESTRATOR_HISTORY_WRITE": "worktree",
    # Not to be passed on:
    "DATABASE_PASSWORD": "secret",
    "PYTHONPATH": "/x",
    "GIT_DIR": "/x/.git",
    "GIT_INDEX_FILE": "/x/index",
    "CLAUDECODE": "1",
    "CLAUDE_CODE_ENTRYPOINT": "cli",
    "CLAUDE_CODE_SESSION_ID": "s",
    "ORCHESTRATOR_RUN_ID": "outer",
}
PASSED = {
    "PATH": "/bin",
    "HOME": "/home/u",
    "LC_ALL": "C",
    "https_proxy": "http://proxy",
    "ANTHROPIC_API_KEY": "key",
    "CLAUDE_CODE_USE_BEDROCK": "1",
    "IS_SANDBOX": "1",
    "GIT_AUTHOR_NAME": "A",
    "ORCHESTRATOR_HISTORY_WRITE": "worktree",
    "GIT_TERMINAL_PROMPT": "0",
}


def test_only_what_is_allowed_passes() -> None:
    assert build({}, {}, caller=CALLER) == {**PASSED, "TERM": "dumb"}


def test_a_session_at_the_terminal_keeps_its_terminal() -> None:
    assert build({}, {}, interactive=True, caller=CALLER) == {**PASSED, "TERM": "xterm", "COLORTERM": "truecolor"}


def test_settings_come_over_the_caller_and_the_request_over_both() -> None:
    env = build({"HOME": "/settings", "MINE": "1"}, {"MINE": "2", "PYTHONPATH": "given"}, caller=CALLER)
    assert (env["HOME"], env["MINE"], env["PYTHONPATH"]) == ("/settings", "2", "given")


def test_a_setting_may_pass_a_variable_of_the_caller_on() -> None:
    settings = {"DATABASE_PASSWORD": "$DATABASE_PASSWORD", "B": "${PYTHONPATH}", "NONE": "$UNSET", "C": "a$HOME"}
    env = build(settings, {}, caller=CALLER)
    assert (env["DATABASE_PASSWORD"], env["B"], env["C"]) == ("secret", "/x", "a$HOME")
    assert "NONE" not in env


def test_the_project_s_virtual_environment_passes_and_our_own_does_not() -> None:
    assert build({}, {}, caller={"VIRTUAL_ENV": "/project/.venv"})["VIRTUAL_ENV"] == "/project/.venv"
    assert "VIRTUAL_ENV" not in build({}, {}, caller={"VIRTUAL_ENV": sys.prefix})


@given(st.dictionaries(st.from_regex(r"[A-Z_]{1,20}", fullmatch=True), st.text(max_size=5)))
def test_names_that_nobody_listed_do_not_pass(caller: dict[str, str]) -> None:
    renamed = {f"X_{name}": value for name, value in caller.items()}
    assert build({}, {}, caller=renamed) == {"TERM": "dumb", "GIT_TERMINAL_PROMPT": "0"}

"""Limits of a session: silence, repetition, a result without an end; and a sandbox around it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from support.agents import Watch, left_over, request
from support.repos import require

from orchestrator.agents.claude.agent import ClaudeAgent
from orchestrator.agents.command.agent import CommandAgent
from orchestrator.agents.protocol import Agent, Outcome, Usage
from orchestrator.config.settings import AgentSettings
from orchestrator.errors import Missing
from orchestrator.processes import running

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX signals")

PRELUDE = """
import json, sys, time
def say(**event): print(json.dumps(event), flush=True)
def tool(name, who=None, **arguments):
    say(type="assistant", parent_tool_use_id=who,
        message={"content": [{"type": "tool_use", "name": name, "input": arguments}]})
def result(text="done", **more): say(type="result", subtype="success", is_error=False, result=text, **more)
say(type="system", subtype="init", session_id="s")
"""


@pytest.fixture(autouse=True)
def sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IS_SANDBOX", "1")


def claude(code: str, **settings: object) -> ClaudeAgent:
    command = (sys.executable, "-c", PRELUDE + code)
    return ClaudeAgent(AgentSettings(command=command, **settings), grace=1)  # type: ignore[arg-type]


def plain(code: str, **settings: object) -> CommandAgent:
    return CommandAgent(AgentSettings(command=(sys.executable, "-c", code), **settings), Path("/"))  # type: ignore[arg-type]


def test_a_session_that_prints_nothing_is_ended_as_that(repo: Path) -> None:
    agents: tuple[Agent, ...] = (
        claude("time.sleep(600)", idle_timeout=1.0),
        plain("import time; time.sleep(600)", idle_timeout=1.0),
    )
    for agent in agents:
        ended = agent.run(request(repo), Watch())
        assert (ended.outcome, ended.error) == (Outcome.TIMEOUT, "it printed nothing for 1 s ([agent] idle_timeout)")
    assert left_over(repo) == []


def test_words_on_the_error_stream_are_no_silence(repo: Path) -> None:
    code = "import sys, time\nfor _ in range(12): print('x', file=sys.stderr, flush=True); time.sleep(0.25)"
    assert plain(code, idle_timeout=2.0).run(request(repo), Watch()).outcome is Outcome.OK


def test_one_tool_call_again_and_again_is_ended_as_that(repo: Path) -> None:
    watch = Watch()
    ended = claude("while True: tool('Bash', command='ls'); time.sleep(0.01)", max_repeats=25).run(request(repo), watch)
    assert ended.outcome is Outcome.FAILED
    assert ended.error == "it made the same tool call 25 times in a row: Bash ls ([agent] max_repeats)"
    assert set(watch.tools) == {("Bash", "ls")}


@pytest.mark.parametrize(
    "code",
    [
        "for n in range(60): tool('Bash', command='ls', timeout=n)",
        "for n in range(60): tool('Bash', command='ls'); n % 24 or tool('Bash', command='pwd')",
        "for n in range(60): tool('Bash', who=str(n % 3), command='ls')",
        "for n in range(24): tool('Read', file_path='a')",
    ],
)
def test_calls_that_are_not_the_same_in_a_row_are_let_be(repo: Path, code: str) -> None:
    assert claude(f"{code}\nresult()", max_repeats=25).run(request(repo), Watch()).outcome is Outcome.OK


def test_repetition_without_a_limit_is_let_be(repo: Path) -> None:
    code = "for n in range(60): tool('Read', file_path='a')\nresult()"
    assert claude(code, max_repeats=0).run(request(repo), Watch()).outcome is Outcome.OK


def test_an_agent_that_printed_its_result_and_does_not_end_is_ended_and_the_result_counts(repo: Path) -> None:
    watch = Watch()
    code = "result('all done', total_cost_usd=0.5)\nimport subprocess; subprocess.Popen(['sleep', '600']).wait()"
    ended = claude(code, exit_grace=0.5).run(request(repo), watch)
    assert (ended.outcome, ended.output, ended.cost_usd) == (Outcome.OK, "all done", 0.5)
    assert watch.notes[0] == "it had printed its result and did not end; ended after 0.5 s"
    assert left_over(repo) == []


def test_a_failure_that_was_told_stays_one_when_its_teller_does_not_end(repo: Path) -> None:
    code = "say(type='result', subtype='success', is_error=True, api_error_status=529, result='Overloaded')\n"
    ended = claude(code + "time.sleep(600)", exit_grace=0.5).run(request(repo), Watch())
    assert (ended.outcome, ended.error) == (Outcome.OVERLOADED, "Overloaded")


def test_a_session_that_goes_on_after_a_result_is_let_work(repo: Path) -> None:
    """A subagent in the background came back; noise about the session's state is no work."""
    code = "result('first')\ntool('Bash', command='ls')\ntime.sleep(1.5)\nresult('second')"
    assert claude(code, exit_grace=0.5).run(request(repo), Watch()).output == "second"
    noise = "result('first')\nwhile True: say(type='system', subtype='status'); time.sleep(0.1)"
    assert claude(noise, exit_grace=0.5).run(request(repo), Watch()).output == "first"


def test_tokens_are_those_of_all_models_and_turns(repo: Path) -> None:
    """As Claude Code 2.1.332 told of a session with a subagent: `usage` is the last turn's alone."""
    one = {"inputTokens": 6000, "outputTokens": 70, "cacheReadInputTokens": 5, "cacheCreationInputTokens": 3}
    other = {"inputTokens": 2400, "outputTokens": 30}
    used = {"usage": {"input_tokens": 2400, "output_tokens": 30}, "modelUsage": {"opus": one, "haiku": other}}
    ended = claude(f"result('a')\nresult('b', **{used!r})").run(request(repo), Watch())
    assert (ended.output, ended.usage) == ("b", Usage(8400, 100, 5, 3))


def test_subagents_do_not_run_in_the_background_unless_the_user_says_so(repo: Path) -> None:
    code = "import os; result(os.environ['CLAUDE_CODE_DISABLE_BACKGROUND_TASKS'])"
    assert claude(code).run(request(repo), Watch()).output == "1"
    env = {"CLAUDE_CODE_DISABLE_BACKGROUND_TASKS": "0"}
    assert claude(code, env=env).run(request(repo), Watch()).output == "0"


def test_a_wrapper_stands_before_the_command_with_the_session_s_folder(repo: Path) -> None:
    wrapper = ("/bin/sh", "-c", 'echo "wrapped in $1" >&2; shift; exec "$@"', "sh", "{cwd}")
    ended = claude("result(str(sys.argv[-1]))", wrapper=wrapper, args=("last",)).run(request(repo), Watch())
    assert (ended.outcome, ended.output) == (Outcome.OK, "last")
    assert f"wrapped in {repo}" in (repo.parent / "logs" / "session-001.stderr").read_text()
    agent = plain("print('hello')", wrapper=wrapper)
    agent.check()
    assert agent.run(request(repo), Watch()).output == "hello"


def test_a_wrapper_that_is_not_there_is_missing(repo: Path) -> None:
    agent = claude("result()", wrapper=("no-such-sandbox", "{cwd}"))
    with pytest.raises(Missing, match="no-such-sandbox") as caught:
        agent.check()
    assert caught.value.where == "[agent] wrapper"
    assert agent.run(request(repo), Watch()).outcome is Outcome.NOT_INSTALLED


def bubblewrap(cwd: Path) -> tuple[str, ...]:
    """The recipe of docs/sandbox.md."""
    program = shutil.which("bwrap")
    basic = ["--die-with-parent", "--unshare-pid", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
    works = program and subprocess.run([program, *basic, "true"], capture_output=True, check=False).returncode == 0
    require("bwrap", works)
    return ("bwrap", *basic, "--bind", "{cwd}", "{cwd}")


@pytest.mark.real
def test_in_bubblewrap_the_project_can_be_written_and_nothing_else(repo: Path) -> None:
    code = (
        "import pathlib, subprocess\npathlib.Path('made').write_text('x')\n"
        "subprocess.run(['git', 'add', 'made'], check=True)\n"
        "subprocess.run(['git', 'commit', '-q', '-m', 'session: completed F1'], check=True)\n"
        "try: pathlib.Path('../outside').write_text('x')\n"
        "except OSError as error: print(error.strerror)\n"
    )
    agent = plain(code, wrapper=bubblewrap(repo))
    assert agent.run(request(repo), Watch()).output == "Read-only file system"
    assert (repo / "made").exists()
    assert not (repo.parent / "outside").exists()


@pytest.mark.real
@pytest.mark.parametrize("way", ["time-out", "Ctrl+C"])
def test_in_bubblewrap_all_is_ended_with_the_session(repo: Path, way: str) -> None:
    word = f"600.{os.getpid()}"
    code = f"import subprocess, time; subprocess.Popen(['setsid', 'env', '-i', 'sleep', '{word}']); time.sleep(600)"
    agent = plain(code, wrapper=bubblewrap(repo))
    if way == "Ctrl+C":
        threading.Thread(target=_interrupt_when, args=(repo, word)).start()
    ended = agent.run(request(repo, timeout=3 if way == "time-out" else 60), Watch())
    assert ended.outcome is (Outcome.TIMEOUT if way == "time-out" else Outcome.INTERRUPTED)
    assert left_over(repo, word) == []


def _interrupt_when(repo: Path, word: str) -> None:
    """What Ctrl+C does, once the inner process is there."""
    while not left_over(repo / "absent", f"sleep {word}"):
        time.sleep(0.1)
    running.interrupt_all()

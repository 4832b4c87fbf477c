"""The real Claude Code against a scripted server, through ClaudeAgent."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from support import model_server as model
from support.agents import Watch, left_over, request
from support.model_server import Server, bash, text, tool
from support.repos import git, require

from orchestrator.agents.claude.agent import ClaudeAgent
from orchestrator.agents.protocol import Outcome, SessionResult, Usage
from orchestrator.config.settings import AgentSettings

pytestmark = pytest.mark.real
Use = Callable[[Server], Path]


def session(
    use: Use, repo: Path, script: model.Script, watch: Watch | None = None, **more: object
) -> tuple[SessionResult, Server]:
    with Server(script) as server:
        agent = ClaudeAgent(AgentSettings(command=(str(use(server)),)), grace=2)
        return agent.run(request(repo, **more), watch or Watch()), server


def test_a_session_writes_a_file_and_commits_it(repo: Path, claude_env: Use) -> None:
    watch = Watch()
    turns = [
        tool("Write", file_path=str(repo / "a.txt"), content="hello\n"),
        bash("git add a.txt && git commit -qm 'session: completed F1'"),
        text("All done."),
    ]
    result, server = session(claude_env, repo, {"F1": [turns]}, watch)
    assert result == SessionResult(
        Outcome.OK,
        output="All done.",
        elapsed=result.elapsed,
        returncode=0,
        usage=Usage(input_tokens=300, output_tokens=60),
        cost_usd=result.cost_usd,
        agent_session_id=server.asked[0].session,
        model=result.model,
    )
    assert result.cost_usd is not None
    assert result.cost_usd > 0
    assert result.model.startswith("claude-")
    assert watch.texts == ["All done."]
    assert watch.tools == [
        ("Write", str(repo / "a.txt")),
        ("Bash", "git add a.txt && git commit -qm 'session: completed F1'"),
    ]
    assert git(repo, "log", "--format=%s|%an", "--name-only") == "session: completed F1|A U Thor\n\na.txt"
    assert (repo / "a.txt").read_text() == "hello\n"
    log = repo.parent / "logs" / "session-001.stdout"
    assert log.stat().st_mode & 0o777 == 0o600
    assert json.loads(log.read_bytes().splitlines()[-1])["type"] == "result"


def test_a_refused_key_ends_the_session_at_once_as_not_logged_in(repo: Path, claude_env: Use) -> None:
    result, server = session(claude_env, repo, [model.bad_key()])
    assert (result.outcome, result.success) == (Outcome.NOT_LOGGED_IN, False)
    assert len(server.asked) <= 3


def test_a_limit_with_a_long_wait_is_told_without_waiting(repo: Path, claude_env: Use) -> None:
    result, server = session(claude_env, repo, [model.limited(3600)])
    assert result.outcome is Outcome.RATE_LIMITED
    assert result.error == "API Error: Request rejected (429) · This request would exceed your limit."
    assert result.reset_at is None
    assert len(server.asked) == 1


def test_a_limit_with_an_epoch_in_its_words_tells_when_it_ends(repo: Path, claude_env: Use) -> None:
    until = int(time.time()) + 7200
    result, _ = session(claude_env, repo, [model.limited(7200, f"Claude AI usage limit reached|{until}")])
    assert (result.outcome, result.reset_at) == (Outcome.RATE_LIMITED, float(until))


def test_an_overloaded_service_is_told_apart(repo: Path, claude_env: Use) -> None:
    env = {"CLAUDE_CODE_MAX_RETRIES": "0"}
    result, server = session(claude_env, repo, [model.overloaded()], env=env)
    assert result.outcome is Outcome.OVERLOADED
    assert result.error.startswith("API Error: 529 Overloaded.")
    assert len(server.asked) == 1


def test_an_overload_that_passes_is_no_failure(repo: Path, claude_env: Use) -> None:
    watch = Watch()
    result, server = session(claude_env, repo, [model.overloaded(times=1), text("Better now.")], watch)
    assert (result.outcome, result.output) == (Outcome.OK, "Better now.")
    assert watch.notes == ["retry 1 of 2: overloaded (529)"]
    assert len(server.asked) == 2


def test_a_connection_that_breaks_is_the_service_s_fault(repo: Path, claude_env: Use) -> None:
    env = {"CLAUDE_CODE_MAX_RETRIES": "0"}
    result, _ = session(claude_env, repo, [model.RESET], env=env)
    assert result.outcome is Outcome.OVERLOADED
    assert "ECONNRESET" in result.error


def test_no_credit_needs_a_person(repo: Path, claude_env: Use) -> None:
    result, _ = session(claude_env, repo, [model.bad_request()])
    assert (result.outcome, result.error) == (Outcome.NOT_LOGGED_IN, "Credit balance is too low")


def test_garbage_from_the_service_is_survived(repo: Path, claude_env: Use) -> None:
    result, _ = session(claude_env, repo, [model.GARBAGE, text("Fine.")])
    assert (result.outcome, result.output) == (Outcome.OK, "Fine.")


def test_words_about_limits_that_the_agent_reads_and_writes_are_no_limit(repo: Path, claude_env: Use) -> None:
    words = "You've hit your session limit · resets 6:49am (UTC). API Error: 401 Invalid API key. Overloaded 529"
    (repo / "notes.md").write_text(words)
    turns = [bash("cat notes.md; exit 1"), text(words)]
    result, _ = session(claude_env, repo, turns)
    assert (result.outcome, result.output, result.error) == (Outcome.OK, words, "")


def test_a_hang_is_ended_with_every_process_that_the_session_started(repo: Path, claude_env: Use) -> None:
    unmarked = f"4713.{os.getpid()}"
    command = (
        "setsid sleep 4711 > /dev/null 2>&1 & nohup sleep 4712 > /dev/null 2>&1 & "
        f"env -i sleep {unmarked} > /dev/null 2>&1 & sleep 4714"
    )
    result, _ = session(claude_env, repo, [bash(command)], timeout=6)
    assert result.outcome is Outcome.TIMEOUT
    assert result.error == "it ran out of time after 6 s ([agent] timeout)"
    assert left_over(repo, unmarked) == []


def test_a_service_that_never_answers_is_ended_in_time(repo: Path, claude_env: Use) -> None:
    result, _ = session(claude_env, repo, [model.HANG], timeout=3)
    assert result.outcome is Outcome.TIMEOUT
    # Told to end, the CLI now and then still prints a result, which says that nothing was used.
    assert (result.usage, result.cost_usd) in ((None, None), (Usage(0, 0, 0, 0), 0.0))
    assert left_over(repo) == []


def test_what_a_successful_session_left_running_is_ended(repo: Path, claude_env: Use) -> None:
    watch = Watch()
    turns = [
        bash("nohup sleep 4715 > /dev/null 2>&1 & setsid sleep 4716 > /dev/null 2>&1 & true"),
        text("Started."),
    ]
    result, _ = session(claude_env, repo, turns, watch)
    assert result.outcome is Outcome.OK
    assert watch.notes == ["ended what the session left running: sleep"]
    assert left_over(repo) == []


def test_a_daemon_with_a_clean_environment_is_ended_with_its_session(repo: Path, claude_env: Use) -> None:
    unmarked = f"4717.{os.getpid()}"
    command = f"setsid env -i sleep {unmarked} > /dev/null 2>&1 & sleep 0.5"
    result, _ = session(claude_env, repo, [bash(command), text("Started.")])
    assert result.outcome is Outcome.OK
    assert left_over(repo, unmarked) == []


def test_in_bubblewrap_it_is_logged_in_works_and_is_ended_in_time(repo: Path, claude_env: Use, sealed: Path) -> None:
    program = shutil.which("bwrap")
    basic = ("--die-with-parent", "--unshare-pid", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc")
    works = program and subprocess.run([program, *basic, "true"], capture_output=True, check=False).returncode == 0
    require("bwrap", works)
    binds = ("--tmpfs", "/tmp", "--bind", "{cwd}", "{cwd}", "--bind", str(sealed), str(sealed))
    wrapper = ("bwrap", *basic, *binds)
    turns = [
        bash("echo x > made; git add made; git commit -qm 'session: completed F1'; echo x > ../outside; echo $?"),
        text("Done."),
    ]
    word = f"600.{os.getpid()}"
    with Server({"F1": [turns, [bash(f"setsid env -i sleep {word} & sleep 60")]]}) as server:
        claude = claude_env(server).resolve()
        package = next((str(p) for p in reversed(claude.parents) if p.name == "node_modules"), str(claude.parent))
        settings = AgentSettings(command=(str(claude),), wrapper=(*wrapper, "--ro-bind", package, package))
        agent = ClaudeAgent(settings, grace=2)
        first = agent.run(request(repo), Watch())
        assert (first.output, first.error) == ("Done.", "")
        assert git(repo, "show", "--stat", "--format=%s").split()[:3] == ["session:", "completed", "F1"]
        assert not (repo.parent / "outside").exists()
        assert agent.run(request(repo, timeout=8), Watch()).outcome is Outcome.TIMEOUT
    assert left_over(repo, word) == []


LINGERING = """
import signal, sys, time
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP): signal.signal(number, signal.SIG_IGN)
for line in sys.stdin: pass
time.sleep(600)
"""


def test_a_server_that_outlives_the_result_holds_nothing_up(repo: Path, claude_env: Use) -> None:
    server = {"command": sys.executable, "args": ["-c", LINGERING]}
    (repo / ".mcp.json").write_text(json.dumps({"mcpServers": {"lingering": server}}))
    result, _ = session(claude_env, repo, [text("Done.")])
    assert (result.outcome, result.output) == (Outcome.OK, "Done.")
    assert left_over(repo) == []


def test_structured_output_comes_as_an_object(repo: Path, claude_env: Use) -> None:
    schema = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
    result, _ = session(claude_env, repo, [model.structured({"name": "bob"})], schema=schema)
    assert (result.outcome, result.structured) == (Outcome.OK, {"name": "bob"})


def test_structured_output_that_is_asked_for_and_not_given_is_a_failure(repo: Path, claude_env: Use) -> None:
    schema = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
    result, _ = session(claude_env, repo, [text("No.")] * 9, schema=schema)
    assert (result.outcome, result.structured) == (Outcome.FAILED, None)


def test_a_prompt_that_begins_with_a_slash_reaches_the_model(repo: Path, claude_env: Use) -> None:
    result, server = session(claude_env, repo, [text("Read.")], prompt="/compact is a command\nbut not here")
    assert (result.outcome, result.output) == (Outcome.OK, "Read.")
    assert "/compact is a command\nbut not here" in server.asked[0].first


def test_a_long_prompt_arrives_whole(repo: Path, claude_env: Use) -> None:
    prompt = "Feature: F1\n" + "".join(f"line {number}\n" for number in range(30_000))
    result, server = session(claude_env, repo, [text("Read.")], prompt=prompt)
    assert result.outcome is Outcome.OK
    assert server.asked[0].first.strip() == prompt.strip()


def test_a_spent_budget_is_told_apart(repo: Path, claude_env: Use) -> None:
    turns = [replace(bash("true"), input_tokens=900_000), text("never")]
    result, server = session(claude_env, repo, turns, max_cost_usd=0.5)
    assert (result.outcome, result.error) == (Outcome.OUT_OF_BUDGET, "Reached maximum budget ($0.5)")
    assert len(server.asked) == 1


def test_refused_tools_are_named(repo: Path, claude_env: Use) -> None:
    with Server([bash("touch made"), text("Could not.")]) as server:
        settings = AgentSettings(command=(str(claude_env(server)),), permission_mode="default")
        result = ClaudeAgent(settings).run(request(repo), Watch())
    assert (result.outcome, result.denials) == (Outcome.OK, ("Bash",))
    assert not (repo / "made").exists()


def test_the_agent_s_shell_sees_no_git_variables_of_the_caller(
    repo: Path, claude_env: Use, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("SOME_SECRET_TOKEN", "hush-hush-hush")
    turns = [bash("env > seen.txt; git rev-parse --show-toplevel >> seen.txt"), text("Looked.")]
    session(claude_env, repo, turns, env={"EXTRA": "given"})
    seen = (repo / "seen.txt").read_text().splitlines()
    names = {line.partition("=")[0] for line in seen}
    assert names & {"GIT_DIR", "SOME_SECRET_TOKEN"} == set()
    assert "EXTRA=given" in seen
    assert "GIT_TERMINAL_PROMPT=0" in seen
    assert seen[-1] == str(repo)


def test_an_interactive_session_works_and_ends_by_ctrl_c_as_a_success(
    repo: Path, sealed: Path, claude_env: Use
) -> None:
    if os.name == "nt":
        pytest.skip("needs a POSIX terminal")
    import pexpect

    with Server([bash("echo interactive > made.txt"), text("I am done.")]) as server:
        program = claude_env(server)
        seed(sealed, repo)
        driver = [
            str(Path(__file__).with_name("interactive_driver.py")),
            str(program),
            str(request(repo).prompt_file),
        ]
        child = pexpect.spawn(sys.executable, driver, cwd=str(repo), timeout=60, dimensions=(40, 120))
        try:
            child.expect_exact(b"done.")
            time.sleep(1)
            child.send(b"\x03")
            time.sleep(0.5)
            child.send(b"\x03")
            child.expect(rb"OUTCOME (\w+)")
            assert child.match[1] == b"OK"
        finally:
            child.close(force=True)
    assert (repo / "made.txt").read_text() == "interactive\n"
    assert re.search(r"Follow the instructions in .*prompt\.md", server.asked[0].first)


def seed(home: Path, repo: Path) -> None:
    """Answers the questions that Claude Code asks at its first start in a terminal."""
    key = model.KEY
    (home / ".claude.json").write_text(
        json.dumps(
            {
                "hasCompletedOnboarding": True,
                "bypassPermissionsModeAccepted": True,
                "customApiKeyResponses": {"approved": [key, key[-20:]], "rejected": []},
                "projects": {str(repo): {"hasTrustDialogAccepted": True}},
            }
        )
    )


def test_an_answer_that_stalls_half_way_is_ended_when_nothing_comes_any_more(repo: Path, claude_env: Use) -> None:
    with Server([model.STALL]) as server:
        agent = ClaudeAgent(AgentSettings(command=(str(claude_env(server)),), idle_timeout=4.0), grace=2)
        result = agent.run(request(repo), Watch())
    assert (result.outcome, result.error) == (
        Outcome.TIMEOUT,
        "it printed nothing for 4 s ([agent] idle_timeout)",
    )
    assert left_over(repo) == []


def test_a_subagent_is_answered_apart_from_the_script(repo: Path, claude_env: Use) -> None:
    watch = Watch()
    turns = [
        tool("Task", description="review", prompt="Review the work on F1.", subagent_type="general-purpose"),
        text("Reviewed."),
    ]
    result, server = session(claude_env, repo, {"F1": [turns, [text("second session")]]}, watch)
    assert (result.outcome, result.output) == (Outcome.OK, "Reviewed.")
    assert watch.tools == [("Task", "review")]
    assert [asked.first.split("\n")[0] for asked in server.asked if "Review" in asked.first] != []


def test_sessions_of_one_word_take_one_script_after_the_other(repo: Path, claude_env: Use) -> None:
    with Server({"F1": [[text("one")], [text("two")]], "F10": [[text("ten")]]}) as server:
        agent = ClaudeAgent(AgentSettings(command=(str(claude_env(server)),)))
        prompts = ["Feature: F1", "Feature: F10", "Feature: F1", "Feature: F1", "Feature: F2"]
        outputs = [agent.run(request(repo, prompt), Watch()).output for prompt in prompts]
    assert outputs == ["one", "ten", "two", "two", "done"]

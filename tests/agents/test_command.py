from __future__ import annotations

import json
import os
import sys
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.agents import Watch, left_over, request

from orchestrator.agents.command.agent import CommandAgent
from orchestrator.agents.command.outputs import Told, reader
from orchestrator.agents.command.presets import PRESETS
from orchestrator.agents.protocol import Outcome, SessionRequest, SessionResult, Usage
from orchestrator.config.settings import AgentSettings
from orchestrator.errors import Missing, OrchestratorError

RECORDED = Path(__file__).parents[1] / "vectors" / "others"
ECHO = "import sys, json; print(json.dumps([sys.argv[1:], sys.stdin.read()]))"


def agent(folder: Path, *command: str, **more: object) -> CommandAgent:
    return CommandAgent(AgentSettings(kind="command", command=command, **more), folder, grace=1)  # type: ignore[arg-type]


def echo(repo: Path, *arguments: str, **more: object) -> tuple[list[str], str]:
    """What a program gets as its arguments and on standard input."""
    result = agent(repo, sys.executable, "-c", ECHO, *arguments).run(request(repo, **more), Watch())
    assert result.outcome is Outcome.OK
    argv, stdin = json.loads(result.output)
    return argv, stdin


def test_the_prompt_is_on_standard_input_without_a_placeholder_for_it(repo: Path) -> None:
    assert echo(repo, "--model", "{model}", "{id}") == (["--model", "sonnet", "F1"], "Feature: F1\nDo it.")


def test_placeholders_are_filled_in_and_all_other_text_stays(repo: Path) -> None:
    arguments = ["{prompt}", "@{prompt_file}", "{model}/{id}", "{other} {{id}} ${HOME} `x` $(y) *", "{options}"]
    argv, stdin = echo(repo, *arguments, prompt="say {id} and {model}\n'\"\\")
    assert argv == [
        "say {id} and {model}\n'\"\\",
        f"@{repo.parent / 'prompt.md'}",
        "sonnet/F1",
        "{other} {F1} ${HOME} `x` $(y) *",
        "{options}",
    ]
    assert stdin == ""


_text = st.text(alphabet=st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=20)


@given(_text, _text, st.lists(st.sampled_from(["{id}", "{model}", "{", "}", "{prompt_file}", "a"]), max_size=6))
def test_what_is_filled_in_is_never_filled_in_again(id: str, model: str, pieces: list[str]) -> None:
    settings = AgentSettings(command=("program", "".join(pieces)))
    asked = SessionRequest(
        prompt="p", prompt_file=Path("/p"), cwd=Path(), model=model, log_dir=Path(), name="n", feature_id=id
    )
    values = {"{id}": id, "{model}": model, "{prompt_file}": str(Path("/p"))}
    joined = "".join(pieces)
    # An oracle that walks from left to right.
    expected, at = "", 0
    while at < len(joined):
        name = next((name for name in values if joined.startswith(name, at)), None)
        expected += values[name] if name else joined[at]
        at += len(name) if name else 1
    assert CommandAgent(settings, Path()).arguments(asked) == (expected,)


def test_success_is_exit_code_0_and_failure_shows_the_last_word(repo: Path) -> None:
    code = "import sys; print('out'); print('first\\nlast word', file=sys.stderr); sys.exit({})"
    good = agent(repo, sys.executable, "-c", code.format(0)).run(request(repo), Watch())
    bad = agent(repo, sys.executable, "-c", code.format(3)).run(request(repo), Watch())
    assert good == SessionResult(Outcome.OK, output="out", elapsed=good.elapsed, returncode=0, model="sonnet")
    assert (bad.outcome, bad.error, bad.returncode, bad.output) == (Outcome.FAILED, "last word", 3, "out")


def test_words_of_limits_in_the_output_of_any_program_mean_nothing(repo: Path) -> None:
    words = "You've hit your usage limit. status 429. 401 Unauthorized. litellm.AuthenticationError: no"
    code = f"import sys; print({words!r}); print({words!r}, file=sys.stderr); sys.exit(1)"
    assert agent(repo, sys.executable, "-c", code).run(request(repo), Watch()).outcome is Outcome.FAILED


def test_the_output_is_shown_live_without_secrets(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Watch()
    env = {"MY_TOKEN": "very-secret-value"}
    code = "import os; print('token', os.environ['MY_TOKEN']); print('\\x1b[31mred')"
    result = agent(repo, sys.executable, "-c", code, env=env).run(request(repo), watch)
    assert watch.texts == ["token [redacted]", "red"]
    assert result.output == "token [redacted]\nred"


def test_a_session_that_takes_too_long_is_ended_with_what_it_started(repo: Path) -> None:
    code = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'],"
    code += " start_new_session=True); time.sleep(600)"
    result = agent(repo, sys.executable, "-c", code).run(request(repo, timeout=1.5), Watch())
    assert (result.outcome, result.error) == (Outcome.TIMEOUT, "it ran out of time after 1.5 s ([agent] timeout)")
    assert left_over(repo) == []


def test_a_program_of_the_project_is_found_in_the_session_s_folder_first(repo: Path, tmp_path: Path) -> None:
    if os.name == "nt":
        pytest.skip("needs executable scripts")
    elsewhere = tmp_path / "worktree"
    elsewhere.mkdir()
    for folder in (repo, elsewhere):
        (folder / "agent.sh").write_text(f"#!/bin/sh\necho {folder.name}\n")
        (folder / "agent.sh").chmod(0o755)
    mine = agent(repo, "./agent.sh")
    mine.check()
    assert mine.run(request(elsewhere), Watch()).output == "worktree"
    (elsewhere / "agent.sh").unlink()
    assert mine.run(request(elsewhere), Watch()).output == "repo"


def test_an_absent_program_is_named_with_how_to_get_it(repo: Path) -> None:
    for settings, fix in (
        (AgentSettings(command=("no-such-agent",)), "Check [agent] command"),
        (AgentSettings(preset="codex", command=("no-such-agent",)), "`npm install -g @openai/codex`"),
    ):
        absent = CommandAgent(settings, repo)
        with pytest.raises(Missing, match="no-such-agent was not found"):
            absent.check()
        result = absent.run(request(repo), Watch())
        assert result.outcome is Outcome.NOT_INSTALLED
        assert fix in result.error


def test_without_a_program_the_settings_are_wrong(repo: Path) -> None:
    with pytest.raises(OrchestratorError, match="names no program"):
        CommandAgent(AgentSettings(kind="command"), repo).check()


def test_a_prompt_that_is_too_long_for_an_argument_is_refused(repo: Path) -> None:
    result = agent(repo, sys.executable, "-c", "", "{prompt}").run(request(repo, prompt="x" * 200_000), Watch())
    assert result.outcome is Outcome.FAILED
    assert "use {prompt_file}" in result.error
    assert len(echo(repo, prompt="x" * 200_000)[1]) == 200_000


def test_an_interactive_session_needs_the_prompt_in_an_argument(repo: Path) -> None:
    result = agent(repo, sys.executable, "-c", "").run(request(repo, interactive=True), Watch())
    assert "interactive session needs {prompt} or {prompt_file}" in result.error
    assert agent(repo, sys.executable, "-c", "", "{prompt}").run(request(repo, interactive=True), Watch()).success


@pytest.mark.parametrize(
    ("preset", "model", "args", "expected"),
    [
        (
            "codex",
            "sonnet",
            (),
            ["exec", "--json", "--dangerously-bypass-approvals-and-sandbox", "-"],
        ),
        (
            "codex",
            "gpt-5",
            ("-c", "a=b"),
            [
                "exec",
                "--json",
                "--dangerously-bypass-approvals-and-sandbox",
                "--model",
                "gpt-5",
                "-c",
                "a=b",
                "-",
            ],
        ),
        (
            "gemini",
            "gemini-2.5-pro",
            (),
            [
                "--approval-mode",
                "yolo",
                "--skip-trust",
                "--output-format",
                "stream-json",
                "--model",
                "gemini-2.5-pro",
            ],
        ),
        ("opencode", "opus", (), ["run", "--format", "json", "--auto"]),
        (
            "aider",
            "openai/x",
            (),
            [
                "--yes-always",
                "--no-stream",
                "--no-pretty",
                "--model",
                "openai/x",
                "--message-file",
                "{prompt_file}",
            ],
        ),
    ],
)
def test_a_preset_is_a_command_line(
    repo: Path, preset: str, model: str, args: tuple[str, ...], expected: list[str]
) -> None:
    asked = request(repo, model=model)
    found = CommandAgent(AgentSettings(preset=preset, args=args), repo)
    filled = [item.replace("{prompt_file}", str(asked.prompt_file)) for item in expected]
    assert list(found.arguments(asked)) == filled
    assert found.prompt_on_stdin is (preset != "aider")


def replay(repo: Path, preset: str, name: str, code: int) -> SessionResult:
    """A session of a program that prints what the real one printed."""
    out, err = RECORDED / f"{name}.jsonl", RECORDED / f"{name}.stderr"
    script = (
        "import sys, pathlib\n"
        f"for path, to in (({str(out)!r}, sys.stdout), ({str(err)!r}, sys.stderr)):\n"
        "    path = pathlib.Path(path)\n"
        "    to.buffer.write(path.read_bytes() if path.exists() else b'')\n"
        f"sys.exit({code})"
    )
    return agent(repo, sys.executable, "-c", script, preset=preset).run(request(repo), Watch())


@pytest.mark.parametrize(
    ("preset", "name", "output", "usage", "cost"),
    [
        ("codex", "codex-json", "OK, done.", Usage(20, 40), None),
        ("gemini", "gemini-sj", "OK, done.", Usage(20, 40), None),
        ("opencode", "opencode-json", "OK, done.", Usage(20, 40), 0.0),
    ],
)
def test_what_the_others_print_at_the_end_of_their_work(
    repo: Path, preset: str, name: str, output: str, usage: Usage, cost: float | None
) -> None:
    result = replay(repo, preset, name, 0)
    assert (result.outcome, result.output, result.usage, result.cost_usd) == (Outcome.OK, output, usage, cost)
    assert result.agent_session_id


@pytest.mark.parametrize(
    ("preset", "name", "code", "outcome", "error"),
    [
        ("codex", "codex-E401", 1, Outcome.NOT_LOGGED_IN, "unexpected status 401 Unauthorized"),
        ("codex", "codex-nokey", 1, Outcome.NOT_LOGGED_IN, "Missing environment variable: `LAB_KEY`."),
        ("codex", "codex-E429", 1, Outcome.RATE_LIMITED, "exceeded retry limit, last status: 429"),
        ("codex", "codex-EUSAGE", 1, Outcome.RATE_LIMITED, "You’ve hit your usage limit."),
        ("codex", "codex-E500", 1, Outcome.OVERLOADED, "We’re currently experiencing high demand"),
        ("gemini", "gemini-E401", 145, Outcome.NOT_LOGGED_IN, '"message": "{'),
        ("gemini", "gemini-nokey", 41, Outcome.NOT_LOGGED_IN, '"code": 41'),
        ("gemini", "gemini-E429", 173, Outcome.RATE_LIMITED, ""),
        ("opencode", "opencode-E401", 1, Outcome.NOT_LOGGED_IN, "Incorrect API key provided"),
        ("opencode", "opencode-E429", 1, Outcome.RATE_LIMITED, "Rate limit reached for requests"),
        ("opencode", "opencode-badmodel", 1, Outcome.FAILED, ""),
    ],
)
def test_each_failure_of_the_others_has_its_outcome(
    repo: Path, preset: str, name: str, code: int, outcome: Outcome, error: str
) -> None:
    result = replay(repo, preset, name, code)
    assert result.outcome is outcome
    assert error in result.error or preset == "gemini"


def test_codex_tells_when_its_limit_ends(repo: Path) -> None:
    result = replay(repo, "codex", "codex-EUSAGE", 1)
    assert result.reset_at is not None
    moment = datetime.fromtimestamp(result.reset_at)
    assert (moment.hour, moment.minute) == (5, 52)


def test_exit_code_0_without_the_last_word_is_no_success(repo: Path) -> None:
    result = replay(repo, "gemini", "gemini-E429", 0)
    assert (result.outcome, result.error) == (Outcome.FAILED, "it ended without its word that it had finished")


@pytest.mark.parametrize(
    ("lines", "outcome"),
    [
        (["Hello", "Tokens: 10 sent, 20 received."], Outcome.OK),
        (["litellm.AuthenticationError: bad key", "The API provider is not able to"], Outcome.NOT_LOGGED_IN),
        (["litellm.RateLimitError: slow down", "Retrying in 0.2 seconds...", "Tokens: 1 sent"], Outcome.OK),
        (["Tokens: 1 sent", "litellm.RateLimitError: slow down"], Outcome.RATE_LIMITED),
        (["litellm.InternalServerError: x"], Outcome.OVERLOADED),
        (["I read litellm.AuthenticationError in your code."], Outcome.OK),
    ],
)
def test_aider_s_exit_code_is_not_believed(repo: Path, lines: list[str], outcome: Outcome) -> None:
    code = f"print({chr(10).join(lines)!r})"
    result = agent(repo, sys.executable, "-c", code, preset="aider").run(request(repo), Watch())
    assert result.outcome is outcome


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
_NAMES = """
    thread.started item.started item.completed turn.failed turn.completed error text tool_use step_finish init
    message result
"""
_event = st.fixed_dictionaries(
    {"type": st.sampled_from(_NAMES.split())},
    optional=dict.fromkeys(("item", "part", "error", "message", "usage", "stats", "content", "role"), _json),
)


@given(st.sampled_from(sorted({preset.format for preset in PRESETS.values()})), st.lists(_event | _json, max_size=5))
def test_no_shape_of_output_breaks_the_reading(format: str, events: list[object]) -> None:
    told = Told()
    read = reader(format, told)
    for event in events:
        for shown in read(json.dumps(event).encode()):
            assert isinstance(shown.text, str)
    assert isinstance(told.text, str)

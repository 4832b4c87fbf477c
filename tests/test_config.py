"""orchestrator.toml: defaults, precedence, and errors that name the line."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.config import loading
from orchestrator.config.settings import AgentSettings, Config, ModelSettings
from orchestrator.config.source import parse_toml
from orchestrator.errors import OrchestratorError

TOP = Path(__file__).resolve().parent.parent


def load(root: Path, text: str | bytes, **overrides: Any) -> Config:
    (root / "orchestrator.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    return loading.load(root, {name.replace("__", "."): value for name, value in overrides.items()})


def error(root: Path, text: str | bytes, **overrides: Any) -> str:
    with pytest.raises(OrchestratorError) as caught:
        load(root, text, **overrides)
    assert caught.value.exit_code == 2
    return str(caught.value)


def settings(section: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every setting below `section` by its full name, with its value."""
    for name in section._fields:
        value = getattr(section, name)
        if hasattr(value, "_fields"):
            yield from settings(value, (*path, name))
        else:
            yield (*path, name), value


DEFAULTS = dict(settings(Config()))


def nested(values: dict[tuple[str, ...], Any]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for path, value in values.items():
        table = data
        for name in path[:-1]:
            table = table.setdefault(name, {})
        table[path[-1]] = list(value) if isinstance(value, tuple) else value
    return data


def test_the_defaults_are_those_of_the_contract(tmp_path: Path) -> None:
    assert loading.load(tmp_path) == Config()
    assert {".".join(path): value for path, value in DEFAULTS.items()} == {
        "project.name": "",
        "project.stack": "",
        "project.description": "",
        "project.features": "feature_list.json",
        "agent.kind": "claude",
        "agent.model": "sonnet",
        "agent.permission_mode": "bypassPermissions",
        "agent.mode": "captured",
        "agent.command": (),
        "agent.preset": "",
        "agent.env": {},
        "agent.args": (),
        "agent.recordings": ".agent/recordings",
        "agent.timeout": 3600,
        "agent.max_attempts": 3,
        "agent.retry_delay": 5,
        "agent.idle_timeout": 1800,
        "agent.max_repeats": 25,
        "agent.exit_grace": 10,
        "agent.wrapper": (),
        "agent.models.high": "",
        "agent.models.medium": "",
        "agent.models.low": "",
        "agent.models.qa": "",
        "agent.models.plan": "",
        "verify.command": "auto",
        "verify.timeout": 900,
        "verify.baseline": True,
        "guard.protect": (),
        "guard.watch": (),
        "guard.on_weakened": "review",
        "guard.foreign_claims": "verify",
        "build.max_sessions": 100,
        "build.max_cost_usd": 0,
        "build.max_minutes": 0,
        "build.max_consecutive_failures": 3,
        "guard.max_file_mb": 10.0,
        "build.notify": "",
        "history.completed": "session: completed",
        "history.reopened": "session: reopened",
        "history.write": "commit",
        "history.run_hooks": True,
        "plan.root": "thoughts/shared",
        "plan.tracker": "beads",
        "plan.auto_approve": False,
        "features.done": (),
        "features.not_done": (),
        "features.dropped": (),
        "features.bookkeeping": (),
        "log.keep": 30,
        "context.max_tokens": 8000,
    }


OTHERS = {
    ("agent", "kind"): "command",
    ("agent", "mode"): "interactive",
    ("guard", "on_weakened"): "fail",
    ("guard", "foreign_claims"): "reopen",
    ("history", "write"): "worktree",
    ("plan", "tracker"): "none",
}


def another(path: tuple[str, ...]) -> Any:
    """A value that the setting may have and that is not its default."""
    default = DEFAULTS[path]
    if path in OTHERS:
        return OTHERS[path]
    if isinstance(default, bool):
        return not default
    if isinstance(default, tuple):
        return ("a b", "c")
    if isinstance(default, dict):
        return {"A": "b"}
    return default + 7 if isinstance(default, (int, float)) else f"other {path[-1]}"


def as_environment(value: Any) -> str:
    if isinstance(value, tuple):
        return "'a b' c"
    return ",".join(f"{k}={v}" for k, v in value.items()) if isinstance(value, dict) else str(value)


@given(chosen=st.sets(st.sampled_from(sorted(DEFAULTS))))
def test_what_the_file_sets_is_set_and_nothing_else(tmp_path_factory: Any, chosen: set[tuple[str, ...]]) -> None:
    values = {path: another(path) for path in chosen}

    loaded = load(tmp_path_factory.mktemp("project"), tomli_w.dumps(nested(values)))

    assert dict(settings(loaded)) == {**DEFAULTS, **values}


@pytest.mark.parametrize("path", DEFAULTS)
def test_every_setting_can_come_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: tuple[str, ...]
) -> None:
    monkeypatch.setenv("ORCHESTRATOR_" + "_".join(path).upper(), as_environment(another(path)))

    assert dict(settings(loading.load(tmp_path))) == {**DEFAULTS, path: another(path)}


def test_command_line_over_environment_over_file_over_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORCHESTRATOR_AGENT_MODEL", "from the environment")
    monkeypatch.setenv("ORCHESTRATOR_BUILD_MAX_SESSIONS", "3")
    text = '[agent]\nmodel = "from the file"\nmax_attempts = 2\n[build]\nmax_sessions = 2\n'

    loaded = load(
        tmp_path, text, agent__model="from the command line", build__max_sessions=None, agent__models__high="big"
    )

    assert loaded.agent == AgentSettings(
        model="from the command line", max_attempts=2, models=ModelSettings(high="big")
    )
    assert (loaded.build.max_sessions, loaded.verify.command) == (3, "auto")


@pytest.mark.parametrize("text", ["", "\n# nothing\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf[agent]\r\n"])
def test_a_file_that_says_nothing_means_the_defaults(tmp_path: Path, text: str | bytes) -> None:
    assert load(tmp_path, text) == Config()


def test_a_byte_order_mark_and_crlf_do_no_harm(tmp_path: Path) -> None:
    assert load(tmp_path, b'\xef\xbb\xbf[agent]\r\nmodel = "opus"\r\n').agent.model == "opus"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[agnt]\n", "unknown section 'agnt' (orchestrator.toml:1). Did you mean 'agent'?"),
        (
            "[zzz]\n",
            "unknown section 'zzz' (orchestrator.toml:1). Known: project, agent, verify, guard, build, history, plan, "
            "features, log, context",
        ),
        ('[agent]\n\nmodle = "x"\n', "unknown key 'agent.modle' (orchestrator.toml:3). Did you mean 'model'?"),
        ('[agent]\n"modle" = "x"\n', "unknown key 'agent.modle' (orchestrator.toml:2). Did you mean 'model'?"),
        ('agent.modle = "x"\n', "unknown key 'agent.modle' (orchestrator.toml:1). Did you mean 'model'?"),
        ("[agent]\nnotify = 2\n", "unknown key 'agent.notify' (orchestrator.toml:2). It belongs into [build]"),
        ('model = "x"\n', "unknown section 'model' (orchestrator.toml:1). It belongs into [agent]"),
        (
            '[agent.models]\nhihg = "x"\n',
            "unknown key 'agent.models.hihg' (orchestrator.toml:2). Did you mean 'high'?",
        ),
        (
            '[agent]\nmodels = { hihg = "x" }\n',
            "unknown key 'agent.models.hihg' (orchestrator.toml:2). Did you mean 'high'?",
        ),
        (
            '[project]\ndescription = """\n[agent]\nmodle = 1\n"""\n[agent]\nmodle = 1\n',
            "unknown key 'agent.modle' (orchestrator.toml:7). Did you mean 'model'?",
        ),
        (
            "[project]\ndescription = '''one line'''\nnmae = 1\n",
            "unknown key 'project.nmae' (orchestrator.toml:3). Did you mean 'name'?",
        ),
    ],
)
def test_an_unknown_key_names_its_line_and_the_nearest_known(tmp_path: Path, text: str, expected: str) -> None:
    assert error(tmp_path, text) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('agent.timeout = "x"', "'agent.timeout' must be a number, not 'x'"),
        ("agent.timeout = true", "'agent.timeout' must be a number, not True"),
        ("agent.timeout = nan", "'agent.timeout' must be at least 0, not nan"),
        ("agent.timeout = inf", "'agent.timeout' must be finite"),
        ("agent.timeout = -0.5", "'agent.timeout' must be at least 0, not -0.5"),
        ("agent.max_attempts = 0", "'agent.max_attempts' must be at least 1, not 0"),
        ("agent.max_attempts = 1.0", "'agent.max_attempts' must be a whole number, not 1.0"),
        ("agent.max_attempts = false", "'agent.max_attempts' must be a whole number, not False"),
        ("agent.model = 5", "'agent.model' must be a string, not 5"),
        ("plan.auto_approve = 1", "'plan.auto_approve' must be true or false, not 1"),
        ('agent.command = "x"', "'agent.command' must be a list of strings"),
        ("agent.command = [1]", "'agent.command' must be a list of strings"),
        ("agent.env = 3", "'agent.env' must be a table of strings, not 3"),
        ("agent.env = { A = 1 }", "'agent.env.A' must be a string, not 1"),
        ("agent = 3", "'agent' is a section, not a value"),
        ("[[agent]]", "'agent' is a section, not a value"),
        ('agent.models = "x"', "'agent.models' is a section, not a value"),
        ('history.completed = ""', "'history.completed' must be a line of text, not ''"),
        ('history.reopened = "a\\nb"', "'history.reopened' must be a line of text, not 'a\\nb'"),
        ('project.features = " "', "'project.features' must be a line of text, not ' '"),
    ],
)
def test_a_wrong_value_names_its_line(tmp_path: Path, line: str, expected: str) -> None:
    assert error(tmp_path, f"# a comment\n{line}\n") == f"{expected} (orchestrator.toml:2)"


def test_a_value_that_is_none_of_the_choices_lists_them(tmp_path: Path) -> None:
    assert error(tmp_path, '[agent]\nkind = "codex"\n') == (
        "'agent.kind' can't be 'codex' (orchestrator.toml:2). One of: 'claude', 'command', 'replay'"
    )


def test_the_two_prefixes_must_differ(tmp_path: Path) -> None:
    text = '[history]\ncompleted = "done"\nreopened = "done"\n'
    longer = '[agent]\n[history]\ncompleted = "done"\nreopened = "done not"\n'

    assert error(tmp_path, text) == (
        "'history.completed' and 'history.reopened' can't be told apart: 'done', 'done' (orchestrator.toml:1)"
    )
    assert error(tmp_path, longer) == (
        "'history.completed' and 'history.reopened' can't be told apart: 'done', 'done not' (orchestrator.toml:2)"
    )
    assert load(tmp_path, '[history]\ncompleted = "done"\nreopened = "doner"\n').history.reopened == "doner"


@pytest.mark.parametrize(
    ("text", "line"),
    [("[agent\n", 1), ("[agent]\nmodel = \n", 2), ("[agent]\nmodel='a'\nmodel='b'\n", 3), ("\nx = '''\n\n", 3)],
)
def test_bad_toml_names_its_line(tmp_path: Path, text: str, line: int) -> None:
    said = error(tmp_path, text)

    assert said.startswith("not valid TOML: ")
    assert re.search(rf"\(orchestrator\.toml:{line}(:\d+)?\)$", said)


def test_a_file_that_cannot_be_read_is_a_one_line_error(tmp_path: Path) -> None:
    assert error(tmp_path, b"\xff").startswith("cannot read the settings: ")
    (tmp_path / "folder" / "orchestrator.toml").mkdir(parents=True)
    with pytest.raises(OrchestratorError, match=r"^cannot read the settings: .*\(orchestrator\.toml\)$"):
        loading.load(tmp_path / "folder")


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("AGENT_TIMEOUT", "soon", "must be a number, not 'soon'"),
        ("AGENT_TIMEOUT", "-1", "'timeout' must be at least 0, not -1.0"),
        ("BUILD_MAX_SESSIONS", "2.5", "must be a number, not '2.5'"),
        ("BUILD_MAX_SESSIONS", "", "must be a number, not ''"),
        ("PLAN_AUTO_APPROVE", "maybe", "must be true or false, not 'maybe'"),
        ("AGENT_COMMAND", "a 'b", "must be words as a shell splits them: No closing quotation"),
        ("AGENT_ENV", "A=1,B", "must be NAME=VALUE,NAME=VALUE..., not 'A=1,B'"),
    ],
)
def test_a_wrong_value_of_the_environment_names_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: str
) -> None:
    monkeypatch.setenv(f"ORCHESTRATOR_{name}", value)

    assert error(tmp_path, "") == f"{expected} (ORCHESTRATOR_{name})"


@pytest.mark.parametrize(
    ("word", "value"), [("1", True), ("TRUE", True), ("yes", True), ("on", True), ("0", False), ("No", False)]
)
def test_yes_and_no_have_many_words_in_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, word: str, value: bool
) -> None:
    monkeypatch.setenv("ORCHESTRATOR_PLAN_AUTO_APPROVE", word)

    assert load(tmp_path, f"[plan]\nauto_approve = {str(not value).lower()}\n").plan.auto_approve is value


def test_variables_that_are_no_settings_are_others_business(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORCHESTRATOR_HOOK", "1")
    monkeypatch.setenv("ORCHESTRATOR_BUILD_ID", "77")

    assert loading.load(tmp_path) == Config()


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("AGENT_MODLE", "AGENT_MODEL"),
        ("BUILD_MAX_COST", "BUILD_MAX_COST_USD"),
        ("VERFIY_COMMAND", "VERIFY_COMMAND"),
        ("AGENT_MODELS_HIHG", "AGENT_MODELS_HIGH"),
    ],
)
def test_a_misspelt_variable_is_named_with_the_one_that_was_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, meant: str
) -> None:
    monkeypatch.setenv(f"ORCHESTRATOR_{name}", "x")

    assert error(tmp_path, "") == f"no such setting (ORCHESTRATOR_{name}). Did you mean ORCHESTRATOR_{meant}?"


def test_every_variable_that_this_program_gives_to_what_it_starts_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("RUN_ID", "RUN_OWNER", "SKIP", "SLOT", "REQUIRE_REAL"):
        monkeypatch.setenv(f"ORCHESTRATOR_{name}", "1")

    assert loading.load(tmp_path) == Config()


def test_a_wrong_value_of_the_command_line_names_the_option(tmp_path: Path) -> None:
    assert error(tmp_path, "", agent__max_attempts=0) == "'max_attempts' must be at least 1, not 0 (--max_attempts)"


def test_this_projects_own_file_shows_every_setting_with_its_default_after_a_comment() -> None:
    lines = (TOP / "orchestrator.toml").read_text(encoding="utf-8").splitlines()
    setting = re.compile(r"# (\w+ = .*)")
    shown = [found[1] if found else line for line in lines if (found := setting.fullmatch(line)) or line[:1] == "["]

    found = dict(_leaves(parse_toml("\n".join(shown), "orchestrator.toml")))

    assert list(found.items()) == [
        (path, list(value) if isinstance(value, tuple) else value) for path, value in DEFAULTS.items()
    ]
    before = [above for above, line in itertools.pairwise(lines) if setting.fullmatch(line)]
    assert [line for line in before if not line.startswith("# ") or setting.fullmatch(line)] == []


def test_this_projects_own_file_is_valid() -> None:
    assert loading.load(TOP).project.name == "orchestrator"


def _leaves(data: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, value in data.items():
        if isinstance(value, dict) and (*path, name) not in DEFAULTS:
            yield from _leaves(value, (*path, name))
        else:
            yield (*path, name), value

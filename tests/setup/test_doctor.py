"""`doctor`: each fault is found with its mending, in real repositories, with the real Claude Code; nothing changes."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from support.claude_cli import claude
from support.model_server import KEY
from support.projects import Made, make
from support.repos import git

from orchestrator.errors import OrchestratorError
from orchestrator.setup.doctor import finding
from orchestrator.setup.doctor.examining import examine
from orchestrator.setup.doctor.finding import Finding, ok, problem, warning
from orchestrator.setup.doctor.subject import Subject

FEATURES = [{"id": "F1", "name": "one", "description": "d", "passes": False}]
REPLAY = '[agent]\nkind = "replay"\n'
SIGNS = """cat >/dev/null; echo '[GNUPG:] SIG_CREATED ' >&2
printf -- '-----BEGIN PGP SIGNATURE-----\\n\\nx\\n-----END PGP SIGNATURE-----\\n'"""
REST = '[verify]\ncommand = "true"\n[plan]\ntracker = "none"\n'


@pytest.fixture(autouse=True)
def no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """No key of the caller's reaches a service."""
    for name in [name for name in os.environ if name.startswith(("ANTHROPIC_", "CLAUDE_CODE_"))]:
        monkeypatch.delenv(name)


@pytest.fixture
def made(tmp_path: Path) -> Made:
    project = make(tmp_path / "project", FEATURES, REPLAY + REST, files={".agent/recordings/F1/1/x": ""})
    project.run("orchestrator", "hooks", "install")
    return project


def examined(made: Made) -> dict[str, Finding]:
    return {one.name: one for one in examine(made.root)}


def everything(root: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def settings(made: Made, text: str) -> None:
    (made.root / "orchestrator.toml").write_text(text)


def test_a_sound_project_is_all_right_and_stays_byte_for_byte_what_it_was(made: Made) -> None:
    before = everything(made.root)

    said = made.run("orchestrator", "doctor", code=0)

    assert "a build can start" in said
    assert "problem" not in said
    assert everything(made.root) == before


def test_the_json_document_has_every_probe_with_its_fix(made: Made) -> None:
    (made.root / "dodo.py").unlink()

    told: dict[str, Any] = made.json("doctor")

    assert told["ok"] is True
    by_name = {check["name"]: check for check in told["checks"]}
    assert by_name["agent"] == {
        "name": "agent",
        "level": "ok",
        "message": "replays the recordings in .agent/recordings",
    }
    assert by_name["dodo.py"]["level"] == "warning"
    assert by_name["dodo.py"]["fix"].startswith("Run `orchestrator init`")


def detached(made: Made) -> None:
    made.git("checkout", "-q", "--detach")


def merging(made: Made) -> None:
    (made.root / ".git" / "MERGE_HEAD").write_text(made.git("rev-parse", "HEAD").strip() + "\n")


def signing(made: Made) -> None:
    made.git("config", "commit.gpgSign", "true")
    made.git("config", "gpg.program", "false")


def no_hooks(made: Made) -> None:
    made.run("orchestrator", "hooks", "uninstall")


def bad_settings(made: Made) -> None:
    settings(made, "[agent]\nmodle = 'x'\n")


def bad_list(made: Made) -> None:
    (made.root / "feature_list.json").write_text('{"features": [{"id": 1}, {"id": "1"}]}')


def no_list(made: Made) -> None:
    (made.root / "feature_list.json").unlink()


def no_check(made: Made) -> None:
    settings(made, REPLAY + '[verify]\ncommand = "no-such-program-here x"\n')


def claims_only(made: Made) -> None:
    settings(made, REPLAY + '[verify]\ncommand = ""\n')


def others_dodo(made: Made) -> None:
    (made.root / "dodo.py").write_text("def task_x(): return {'actions': None}\n")


def broken_claude(made: Made) -> None:
    (made.root / ".claude").mkdir()
    (made.root / ".claude" / "settings.json").write_text('{"hooks": {},}')


def strict_messages(made: Made) -> None:
    (made.root / ".commitlintrc").write_text("")


def no_agent(made: Made) -> None:
    settings(made, '[agent]\nkind = "command"\ncommand = ["no-such-agent"]\n' + REST)


def no_wrapper(made: Made) -> None:
    settings(made, '[agent]\nkind = "command"\ncommand = ["true"]\nwrapper = ["no-such-box"]\n' + REST)


@pytest.mark.parametrize(
    ("spoil", "name", "level", "fix", "code"),
    [
        (detached, "branch", "warning", "git switch -c", 0),
        (merging, "operation", "problem", "Finish or abort it", 1),
        (signing, "signing", "problem", "commit.gpgSign false", 3),
        (no_hooks, "hooks", "problem", "orchestrator hooks install", 1),
        (bad_settings, "settings", "problem", "Did you mean 'model'?", 1),
        (bad_list, "list", "problem", "orchestrator validate", 1),
        (no_list, "list", "problem", "orchestrator init", 1),
        (no_check, "check", "problem", "Correct [verify] command", 1),
        (claims_only, "check", "warning", "Set [verify] command", 0),
        (others_dodo, "dodo.py", "warning", "from orchestrator.tasks import *", 0),
        (broken_claude, "claude", "problem", "Correct it", 1),
        (strict_messages, "commitlint", "problem", "docs/commitlint.md", 1),
        (no_agent, "agent", "problem", "", 3),
        (no_wrapper, "agent", "problem", "Install it, or take the setting out", 3),
    ],
)
def test_a_fault_is_named_with_how_to_mend_it(
    made: Made, spoil: Callable[[Made], None], name: str, level: str, fix: str, code: int
) -> None:
    if spoil is not bad_settings:
        assert examined(made).get(name, ok(name, "")).level == "ok"
    spoil(made)

    found = examined(made)

    assert (found[name].level, fix in found[name].fix) == (level, True)
    if spoil is bad_settings:  # the agent is the default one then, which is not there
        assert finding.exit_code([found[name]]) == code
    else:
        assert finding.exit_code(list(found.values())) == code


def test_signing_is_tried_and_leaves_no_object_behind(made: Made, tmp_path: Path) -> None:
    signer = tmp_path / "signer"
    signer.write_text(f"#!/bin/sh\n{SIGNS}\n")
    signer.chmod(0o755)
    made.git("config", "commit.gpgSign", "true")
    made.git("config", "gpg.program", str(signer))
    before = everything(made.root / ".git" / "objects")

    assert examined(made)["signing"].level == "ok"
    assert everything(made.root / ".git" / "objects") == before


def test_a_shallow_clone_is_told_how_to_get_its_history(made: Made, tmp_path: Path) -> None:
    made.git("commit", "-q", "--allow-empty", "-m", "more")
    git(tmp_path, "clone", "-q", "--depth=1", made.root.as_uri(), "clone")

    found = examined(Made(tmp_path / "clone"))

    assert found["history"].fix == "Run `git fetch --unshallow`"


def test_without_a_name_nobody_can_commit(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.delenv(f"GIT_{name}_NAME")
        monkeypatch.delenv(f"GIT_{name}_EMAIL")
    made.git("config", "user.useConfigOnly", "true")
    made.git("config", "--unset", "user.name")
    made.git("config", "--unset", "user.email")

    assert "git config user.name" in examined(made)["identity"].fix


def test_outside_of_git_and_without_any_file_it_says_where_to_begin(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    found = examined(Made(tmp_path / "empty"))

    assert found["repository"].fix == "Run `git init` there"
    assert found["settings"] == warning(
        "settings", "there is no orchestrator.toml: all settings are the defaults", "Run `orchestrator init`"
    )
    assert list((tmp_path / "empty").iterdir()) == []


def test_without_git_it_says_so_and_ends_with_3(made: Made, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()

    said = made.run("orchestrator", "doctor", code=3, env={"PATH": str(tmp_path / "bin")})

    assert "git is not installed" in said


def test_a_misspelt_variable_is_a_problem_of_the_settings(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORCHESTRATOR_AGENT_MODLE", "opus")

    found = examined(made)["settings"]

    assert (found.level, found.fix) == ("problem", "Did you mean ORCHESTRATOR_AGENT_MODEL?")


def test_the_doit_of_the_path_is_asked_whether_it_finds_this_package(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "doit").write_text("#!/bin/false python\n")
    (folder / "doit").chmod(0o755)
    interpreter = folder / "python"
    interpreter.write_text("#!/bin/sh\necho \"ModuleNotFoundError: No module named 'orchestrator'\" >&2\nexit 1\n")
    interpreter.chmod(0o755)
    (folder / "doit").write_text(f"#!{interpreter}\n")
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)

    found = examined(made)["doit"]

    assert (found.level, "No module named 'orchestrator'" in found.said) == ("warning", True)
    assert found.fix.startswith("Type `orchestrator build`")


@pytest.mark.parametrize(
    ("mode", "level"),
    [
        ("bypassPermissions", "ok"),
        ("acceptEdits", "warning"),
        ("plan", "problem"),
        ("manual", "problem"),
        ("x", "warning"),
    ],
)
def test_a_permission_mode_is_explained(made: Made, mode: str, level: str) -> None:
    settings(made, f'[agent]\npermission_mode = "{mode}"\n' + REST)

    found = examined(made)["permissions"]

    assert (found.level, found.said.startswith(mode)) == (level, True)
    assert (found.fix == "") is (level == "ok")


def test_a_probe_that_hangs_or_fails_is_a_finding_and_hides_no_other(made: Made) -> None:
    release = threading.Event()

    def hangs(subject: Subject) -> Iterator[Finding]:
        release.wait()
        yield ok("hangs", "")

    def fails(subject: Subject) -> Iterator[Finding]:
        yield ok("first", "said before")
        raise OrchestratorError("no luck", fix="Try again")

    def works(subject: Subject) -> Iterator[Finding]:
        yield ok("works", "yes")

    found = list(examine(made.root, (hangs, fails, works), limit=0.5))
    release.set()

    assert found == [
        problem("hangs", "no answer within 0.5 s", "Look what hangs there, and ask again"),
        ok("first", "said before"),
        problem("fails", "can't be examined: no luck. Try again", "Try again"),
        ok("works", "yes"),
    ]


def test_the_lines_put_the_fix_below_and_sum_up() -> None:
    found = [ok("a", "fine"), warning("long", "odd", "Do this"), problem("b", "bad", "Do that", missing=True)]

    assert [line for line, _ in finding.lines(found)] == [
        "ok        a     fine",
        "warning   long  odd",
        "                Do this",
        "problem   b     bad",
        "                Do that",
        "1 problem to mend, 1 warning",
    ]
    assert [line for line, _ in finding.lines(found[:2])][-1] == "a build can start; 1 warning"
    assert [finding.exit_code(found[:n]) for n in (1, 2, 3)] == [0, 0, 3]
    assert finding.exit_code([problem("b", "bad", "Do that")]) == 1
    assert json.loads(json.dumps(finding.document(found[2:])))["checks"][0]["fix"] == "Do that"


class Models(BaseHTTPRequestHandler):
    """A service that lists its models to those who have the key; a broken one answers 500."""

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        known = {KEY: 200, "sk-broken": 500}
        self.send_response(known.get(self.headers["x-api-key"], 401) if self.path.startswith("/v1/models") else 404)
        self.send_header("content-length", "0")
        self.end_headers()


@pytest.fixture
def service() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Models) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("key", "level", "missing"), [(KEY, "ok", False), ("sk-wrong", "problem", True), ("sk-broken", "warning", False)]
)
def test_the_service_is_asked_whether_it_takes_the_key(
    made: Made, monkeypatch: pytest.MonkeyPatch, service: str, key: str, level: str, missing: bool
) -> None:
    settings(made, REST)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", service)
    monkeypatch.setenv("ANTHROPIC_API_KEY", key)

    found = examined(made)["service"]

    assert (found.level, found.missing) == (level, missing)
    assert key not in found.said + found.fix


def test_a_service_that_can_not_be_reached_is_a_warning(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    settings(made, REST)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("ANTHROPIC_BASE_URL", f"http://127.0.0.1:{free.getsockname()[1]}")
        monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)

        assert examined(made)["service"].level == "warning"


def test_without_a_key_no_service_is_asked(made: Made) -> None:
    settings(made, REST)

    assert "service" not in examined(made)


@pytest.mark.real
def test_claude_code_says_itself_whether_it_is_logged_in(
    made: Made, monkeypatch: pytest.MonkeyPatch, service: str
) -> None:
    settings(made, f"[agent]\ncommand = ['{claude()}']\n" + REST)
    monkeypatch.setenv("IS_SANDBOX", "1")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", service)

    without = list(examine(made.root))
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    with_key = list(examine(made.root))

    assert [one for one in without if one.level == "problem"] == [
        problem(
            "log-in", "Claude Code is not logged in",
            "Start `claude` at a terminal and type /login there, or set ANTHROPIC_API_KEY", missing=True,
        )
    ]  # fmt: skip
    assert finding.exit_code(without) == 3
    assert finding.exit_code(with_key) == 0
    assert "by ANTHROPIC_API_KEY" in next(one.said for one in with_key if one.name == "log-in")


@pytest.mark.real
@pytest.mark.parametrize(("words", "level"), [(["env", "BOX=1"], "ok"), (["false"], "problem")])
def test_the_wrapper_is_tried_with_the_agent_in_it(
    made: Made, monkeypatch: pytest.MonkeyPatch, words: list[str], level: str, service: str
) -> None:
    settings(made, f"[agent]\ncommand = ['{claude()}']\nwrapper = {json.dumps(words)}\n" + REST)
    monkeypatch.setenv("IS_SANDBOX", "1")
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", service)

    assert examined(made)["wrapper"].level == level

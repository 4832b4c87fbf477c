"""`doit build` with the real Claude Code: a whole backlog, its accidents, and what runs a second time."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support.model_server import Fault, Request, Server, bad_key, bash, limited, text
from support.projects import IGNORED, Made, make
from support.repos import git

pytestmark = pytest.mark.real

CHECK = "sh check.sh"
# The check fails while a file says "broken"; it stands for the project's test suite.
CHECK_SH = "! grep -l broken src/* 2>/dev/null\n"


def done(id: str, content: str = "right") -> list[object]:
    command = f"mkdir -p src && echo {content} > src/{id} && git add src && git commit -q -m 'session: completed {id}'"
    return [bash(command), text(f"{id} is done")]


def forgets_to_commit(id: str) -> list[object]:
    return [bash(f"mkdir -p src && echo right > src/{id}"), text("done")]


SCRIPT = {
    "Feature: F1": [done("F1")],
    "Feature: F2": [done("F2", "broken"), done("F2"), done("F2", "better")],  # a false claim, repaired; then redone
    "Feature: F3": [forgets_to_commit("F3")],
    "Feature: F4": [done("F4", "broken")],  # fails every time
    "Feature: F5": [done("F5")],
    "Feature: F6": [done("F6")],
}
FEATURES = [
    {"id": "F1", "name": "one", "description": "the first", "passes": False},
    {"id": "F2", "name": "two", "description": "the second", "dependencies": ["F1"], "passes": False},
    {"id": "F3", "name": "three", "description": "the third", "dependencies": ["F1"], "passes": False},
    {"id": "F4", "name": "four", "description": "never right", "dependencies": ["F1"], "passes": False},
    {"id": "F5", "name": "five", "description": "needs four", "dependencies": ["F4"], "passes": False},
    {
        "id": "F6",
        "name": "six",
        "description": "own check",
        "dependencies": ["F2"],
        "verify": "test -e src/F6",
        "passes": False,
    },
]


@pytest.fixture
def project(tmp_path: Path, claude_env: Callable[[Server], Path]) -> Callable[[Server], Made]:
    def use(server: Server) -> Made:
        program = claude_env(server)
        settings = f'[agent]\ncommand = ["{program}"]\nretry_delay = 0\n\n[verify]\ncommand = "{CHECK}"\n'
        return make(tmp_path / "project", FEATURES, settings, files={"check.sh": CHECK_SH, **IGNORED})

    return use


def attempts(project: Made, id: str) -> int:
    return sum(1 for session in project.sessions() if session["feature"] == id)


def test_a_backlog_is_built_and_built_again_for_nothing(project: Callable[[Server], Made], tmp_path: Path) -> None:
    with Server(SCRIPT) as server:  # type: ignore[arg-type]
        made = project(server)
        output = made.run("doit", "build", code=1)
        assert made.states() == {
            "F1": "done", "F2": "done", "F3": "done", "F4": "blocked", "F5": "waiting", "F6": "done",
        }, output  # fmt: skip
        assert made.clean(), made.git("status")
        assert {id: attempts(made, id) for id in made.features()} == {
            "F1": 1,
            "F2": 2,
            "F3": 1,
            "F4": 3,
            "F5": 0,
            "F6": 1,
        }
        subjects = made.git("log", "--format=%s").splitlines()
        assert "session: completed F3 (auto-completed)" in subjects
        assert "session: reopened F2" in subjects
        assert not (made.root / "src" / "F4").exists()
        assert made.git("show", "refs/orchestrator/leftovers/F4:src/F4") == "broken"

        asked = len(server.asked)
        made.run("doit", "build", code=1)
        assert len(server.asked) == asked, "a second build started an agent"

        git(tmp_path, "clone", "-q", str(made.root), "clone")
        clone = Made(tmp_path / "clone")
        clone.git("config", "user.name", "Other")
        clone.git("config", "user.email", "other@example.com")
        clone.run("doit", "build", code=1)
        assert len(server.asked) == asked, "a fresh clone's build started an agent"
        assert clone.clean(), clone.git("status")
        assert clone.states() == made.states()

        made.edit("F2", description="the second, and better")
        plan = made.run("orchestrator", "build", "--dry-run")
        assert [line.split()[:2] for line in plan.splitlines()[:2]] == [["agent", "F2"], ["verification", "F6"]]
        before = len(made.sessions())
        made.run("doit", "build", code=1)
        assert [session["feature"] for session in made.sessions()[before:]] == ["F2"]
        assert made.states()["F6"] == "done"
        assert made.clean(), made.git("status")


def test_a_usage_limit_is_waited_for_and_is_no_attempt(tmp_path: Path, claude_env: Callable[[Server], Path]) -> None:
    def limited_until_soon(request: Request) -> Fault:
        return limited(message=f"Claude AI usage limit reached|{int(time.time()) + 2}", retry_after=3600)

    script = {"Feature: F1": [[limited_until_soon], done("F1")]}
    with Server(script) as server:  # type: ignore[arg-type]
        program = claude_env(server)
        settings = f'[agent]\ncommand = ["{program}"]\nretry_delay = 0\n[verify]\ncommand = "{CHECK}"\n'
        made = make(tmp_path / "project", FEATURES[:1], settings, files={"check.sh": CHECK_SH, **IGNORED})
        output = made.run("doit", "build")
        assert "waiting" in output
        assert [(s["outcome"], s["attempt"], s["success"]) for s in made.sessions()] == [
            ("rate limited", 1, False), ("ok", 1, True)
        ]  # fmt: skip


def test_a_dead_key_stops_the_run_with_exit_code_3(tmp_path: Path, claude_env: Callable[[Server], Path]) -> None:
    with Server([bad_key()]) as server:
        program = claude_env(server)
        settings = f'[agent]\ncommand = ["{program}"]\nretry_delay = 0\n[verify]\ncommand = "true"\n'
        made = make(tmp_path / "project", FEATURES[:3], settings)
        output = made.run("doit", "build", code=3)
        assert output.rstrip().splitlines()[-1].startswith("orchestrator: error: ")
        assert len(made.sessions()) == 1
        assert set(made.states().values()) == {"todo", "waiting"}

"""A planning session may write its target and nothing else."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.repos import git
from support.scripted_plan import PLAN, RESEARCH, Heard, Scripted, agent, context, said, writes

from orchestrator.agents.protocol import Observer, SessionRequest, SessionResult, Silent
from orchestrator.planning.asking.watching import Calls
from orchestrator.planning.running.runner import run_plan

LIST = '{"features": [{"id": "F1", "name": "n", "description": "d", "passes": false}]}\n'


class Telling(Scripted):
    """An agent that tells its tool calls, as Claude Code does."""

    calls: tuple[tuple[str, str], ...] = ()

    def run(self, request: SessionRequest, observer: Observer) -> SessionResult:
        for name, detail in self.calls:
            observer.tool(name, detail)
        return super().run(request, observer)


def meddles(work: Callable[[Path], None], text: str = PLAN) -> Any:
    def answer(request: SessionRequest, root: Path) -> SessionResult:
        work(root)
        return writes(text)(request, root)

    return answer


@pytest.fixture
def listed(root: Path) -> Path:
    (root / "feature_list.json").write_text(LIST)
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "a list")
    return root


def kept(heard: Heard, words: str) -> str:
    """The ref that the note with the words names."""
    found = re.search(r"refs/orchestrator/plans/[\w./-]+", heard.said(words))
    assert found
    return found[0]


def test_what_a_session_changes_besides_its_target_is_undone_kept_and_told(listed: Path) -> None:
    def work(root: Path) -> None:
        (root / "feature_list.json").write_text(LIST.replace("false", "true"))
        (root / "orchestrator.toml").write_text("[agent]\nmodel = 'x'\n")
        (root / "app.py").unlink()
        (root / "new").mkdir()
        (root / "new" / "b.py").write_text("b\n")
        git(root, "add", "-A")

    before = {name: (listed / name).read_bytes() for name in ("app.py", "orchestrator.toml")}
    (listed / "staged.py").write_text("mine\n")
    git(listed, "add", "staged.py")
    heard = Heard()
    logged: list[list[str]] = []
    own = context(
        listed,
        agent(listed, plan=[meddles(work)]),
        observer=heard,
        log=lambda step, result, undone: logged.append(undone),
    )
    run_plan(own)
    assert own.plan.plan.read_text() == PLAN
    assert {name: (listed / name).read_bytes() for name in before} == before
    assert '"passes": true' not in (listed / "feature_list.json").read_text()
    assert not (listed / "new").exists()
    assert git(listed, "diff", "--cached", "--name-only").splitlines() == ["staged.py"]
    ref = kept(heard, "not the session's to change")
    assert git(listed, "show", f"{ref}:new/b.py") == "b"
    assert '"passes": true' in git(listed, "show", f"{ref}:feature_list.json")
    assert [len(undone) for undone in logged if undone] == [3]


def test_commits_of_a_session_are_taken_off_the_branch(listed: Path) -> None:
    def work(root: Path) -> None:
        (root / "app.py").write_text("done\n")
        git(root, "commit", "-qam", "session: completed F1")

    head, heard = git(listed, "rev-parse", "HEAD"), Heard()
    run_plan(context(listed, agent(listed, plan=[meddles(work)]), observer=heard))
    assert git(listed, "rev-parse", "HEAD") == head
    assert (listed / "app.py").read_text() == "print('app')\n"
    assert git(listed, "log", "-1", "--format=%s", kept(heard, "taken off the branch")) == "session: completed F1"


def test_another_branch_is_left_again(listed: Path) -> None:
    branch = git(listed, "symbolic-ref", "HEAD")
    run_plan(context(listed, agent(listed, plan=[meddles(lambda root: git(root, "switch", "-qc", "other"))])))
    assert git(listed, "symbolic-ref", "HEAD") == branch


def test_what_steers_the_build_is_put_back_before_git_runs_again(listed: Path) -> None:
    def work(root: Path) -> None:
        hook = root / ".git" / "hooks" / "reference-transaction"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\necho ran >> hooked\n")
        hook.chmod(0o755)
        (root / "orchestrator.toml").write_text("[agent]\nmodel = 'x'\n")

    heard = Heard()
    before = (listed / "orchestrator.toml").read_bytes()
    run_plan(context(listed, agent(listed, plan=[meddles(work)]), observer=heard))
    assert not (listed / ".git" / "hooks" / "reference-transaction").exists()
    assert not (listed / "hooked").exists()
    assert (listed / "orchestrator.toml").read_bytes() == before
    ref = kept(heard, "what stood there is kept")
    assert "model = 'x'" in git(listed, "show", f"{ref}:orchestrator.toml")
    assert "echo ran" in git(listed, "show", f"{ref}:git-dir/hooks/reference-transaction")


def test_a_json_step_may_write_no_file_at_all(listed: Path) -> None:
    def answer(request: SessionRequest, root: Path) -> SessionResult:
        (root / "notes.md").write_text("x\n")
        return said(structured={"findings": []})

    run_plan(context(listed, agent(listed, consistency=[answer])))
    assert not (listed / "notes.md").exists()


def test_a_person_s_edit_meanwhile_stays_where_the_agent_tells_its_calls(listed: Path) -> None:
    def work(root: Path) -> None:
        (root / "app.py").write_text("typed by a person\n")
        subprocess.run(["git", "commit", "-qam", "a person's"], cwd=root, check=True)
        (root / "app.py").write_text("typed on\n")

    heard = Heard()
    scripted = agent(listed, research=[meddles(work, RESEARCH)])
    telling = Telling(listed, scripted.answers)
    telling.calls = (("Bash", "grep -rn app . | head"), ("Read", "app.txt"), ("Write", "x/research.md"))
    run_plan(context(listed, telling, observer=heard))
    assert (listed / "app.py").read_text() == "typed on\n"
    assert git(listed, "log", "-1", "--format=%s") == "a person's"
    assert heard.said("app.py was changed meanwhile")
    assert heard.said("HEAD was moved meanwhile")


@pytest.mark.parametrize(
    ("tool", "detail", "mine"),
    [
        ("Write", "/p/src/app.py", True),
        ("Edit", "/p/src/other.py", False),
        ("Bash", "cat app.py", True),
        ("Bash", "ls -la && git status", True),
        ("Bash", "grep -rn x src | head -5", False),
        ("Bash", "sed -n 1,20p README.md", False),
        ("Bash", "sed -i s/a/b/ *", True),
        ("Bash", "python gen.py", True),
        ("Bash", "find . -name '*.md'", False),
        ("Bash", "find . -name x -delete", True),
    ],
)
def test_a_call_that_may_have_changed_a_file(tool: str, detail: str, mine: bool) -> None:
    calls = Calls(Heard())
    calls.tool(tool, detail)
    assert calls.may_have_changed("src/app.py") is mine


def test_an_agent_that_tells_nothing_may_have_changed_everything() -> None:
    assert Calls(Heard()).may_have_changed("app.py")
    assert Calls(Heard()).may_have_moved_head()


TEXTS = ["I read it.", "[x] done", '{"phases": []}', '```json\n{"a": 1}\n```']


@pytest.mark.parametrize(("verbose", "shown"), [(False, TEXTS[:2]), (True, TEXTS)])
def test_an_answer_in_json_is_shown_to_a_verbose_observer_only(verbose: bool, shown: list[str]) -> None:
    class Watcher(Silent):
        def __init__(self) -> None:
            self.verbose, self.texts = verbose, list[str]()

        def text(self, text: str) -> None:
            self.texts.append(text)

    beyond = Watcher()
    calls = Calls(beyond)
    for text in TEXTS:
        calls.text(text)
    assert beyond.texts == shown

"""`orchestrator plan` on a real terminal, with an agent that writes nothing."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from support.projects import BIN, Made, make

pexpect = pytest.importorskip("pexpect") if sys.platform != "win32" else pytest.skip("POSIX", allow_module_level=True)
OLD = {
    "id": "00000000-0000-4000-8000-000000000000", "phase": "planning-failed", "timestamp": "2020-01-01T00:00:00Z",
    "state_snapshot": {"phase": "Planning", "context_usage": 0.0, "artifacts": [], "errors": ["it broke"]},
    "git_commit": "",
}  # fmt: skip


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return make(tmp_path / "project", [], '[agent]\nkind = "command"\ncommand = ["true"]\n[plan]\ntracker = "none"\n')


def terminal(made: Made, *args: str) -> pexpect.spawn[str]:
    return pexpect.spawn(
        str(BIN / "orchestrator"), list(args), cwd=str(made.root), encoding="utf-8", timeout=30, env=dict(os.environ)
    )


def test_old_checkpoints_are_offered_for_deletion_and_kept_by_default(made: Made) -> None:
    folder = made.root / ".workflow-checkpoints"
    folder.mkdir()
    path = folder / f"{OLD['id']}.json"
    path.write_text(json.dumps(OLD))
    child = terminal(made, "plan")
    child.expect("There are 1 checkpoints|1 checkpoint")
    child.expect("default")
    child.sendline("")
    child.expect("What should be planned")
    assert path.exists()
    child.sendintr()
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 130
    child = terminal(made, "plan")
    child.expect("default")
    child.sendline("a")
    child.expect("ALL")
    child.sendline("ALL")
    child.expect("1 checkpoints? deleted")
    child.sendintr()
    child.expect(pexpect.EOF)
    assert not path.exists()


def test_without_a_terminal_nothing_is_asked(made: Made) -> None:
    assert "there is nothing to plan" in made.run("orchestrator", "plan", code=2)
    assert "there is no checkpoint" in made.run("orchestrator", "plan", "--resume", code=2)
    assert "no plan yet" in made.run("orchestrator", "plan", "--list")
    assert "there is no plan yet" in made.run("doit", "plan", code=2)


def test_several_plans_live_side_by_side(made: Made) -> None:
    made.run("orchestrator", "plan", "Count words", "-y", code=1)
    made.run("orchestrator", "plan", "Draw graphs", "-y", code=1)
    names = [line.split("-", 3)[-1] for line in made.run("orchestrator", "plan", "--list").splitlines()]
    assert names == ["count-words", "draw-graphs"]
    assert [line[0] for line in made.run("orchestrator", "plan", "--list").splitlines()] == [" ", "*"]
    assert len(list((made.root / ".workflow-checkpoints").glob("*.json"))) == 2


# An agent that writes research with a question, and no other file.
RESEARCHES = """\
import pathlib, re, sys
found = re.search(r"^    (thoughts/.*/research/.*[.]md)$", sys.stdin.read(), re.MULTILINE)
if found:
    path = pathlib.Path(found[1])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("# Words\\n\\nOne.\\n\\n## Open questions\\n\\n- Which language?\\n")
"""


def researching(tmp_path: Path) -> Made:
    program = tmp_path / "researches.py"
    program.write_text(RESEARCHES)
    settings = f'[agent]\nkind = "command"\ncommand = {json.dumps([sys.executable, str(program)])}\n'
    return make(tmp_path / "project", [], settings + '[plan]\ntracker = "none"\n')


def test_ctrl_c_at_the_question_keeps_the_session_and_what_was_typed(tmp_path: Path) -> None:
    made = researching(tmp_path)
    child = terminal(made, "plan", "Count words")
    child.expect("1. Which language")
    child.expect("> ")
    child.sendline("English and Finnish")
    child.expect("> ")
    child.sendintr()
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 130
    assert len(made.sessions()) == 1
    child = terminal(made, "plan", "--resume")
    child.expect("Use this checkpoint")
    child.sendline("")
    child.expect("going on with the plan .*count-words: research-failed")
    child.expect("> English and Finnish")
    child.expect("> ")
    child.sendintr()
    child.expect(pexpect.EOF)
    assert len(made.sessions()) == 1


def test_a_second_plan_for_the_same_wish_is_asked_about(tmp_path: Path) -> None:
    made = researching(tmp_path)
    folder = made.root / "thoughts" / "shared" / "plans" / "2026-01-01-count-words"
    folder.mkdir(parents=True)
    (folder / "prompt.md").write_text("Count words\n")
    output = made.run("orchestrator", "plan", "count words.", code=2)
    assert "there is a plan for this wish: 2026-01-01-count-words" in output
    assert "--new" in output
    assert made.sessions() == []
    child = terminal(made, "plan", "count words")
    child.expect("There is a plan for this wish: 2026-01-01-count-words")
    child.expect("xit: ")
    child.sendline("e")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 130
    assert made.sessions() == []


def test_what_can_be_known_before_is_an_error_before_a_session(tmp_path: Path) -> None:
    made = researching(tmp_path)
    (made.root / "feature_list.json").write_text("{")
    output = made.run("orchestrator", "plan", "Count words", "-y", code=2)
    assert "feature_list.json:1:2" in output
    assert not (made.root / "thoughts").exists()
    (made.root / "feature_list.json").write_text('{"features": []}')
    output = made.run("orchestrator", "plan", "Count words", "--resume-step", "phase_decomposition", "-y", code=None)
    assert made.sessions() == [], output

"""`doit plan`, then `doit build`, with the real Claude Code: one prompt becomes built features; what reruns when."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from support import bd_cli
from support.model_server import Reply, Request, Server, bash, structured, text
from support.projects import IGNORED, Made, make
from support.repos import git

pytestmark = pytest.mark.real


def writes(content: str) -> Callable[[Request], Reply]:
    """Writes the file that the prompt names."""

    def turn(request: Request) -> Reply:
        path = re.search(r"^ {4}(thoughts/\S+\.md)$", request.first, re.MULTILINE)
        assert path, request.first
        return bash(f"mkdir -p $(dirname {path[1]}) && printf '%s\\n' {content!r} > {path[1]}")

    return turn


REQUIREMENTS = {
    "requirements": [
        {
            "description": "Words are counted",
            "children": [
                {"description": "Words are split", "acceptance_criteria": ["'a b' has two words"]},
                {
                    "description": "Counting twice gives the same result",
                    "acceptance_criteria": ["the same result twice"],
                },
            ],
        }
    ]
}


def phase(name: str, depends_on: list[int]) -> dict[str, object]:
    return {
        "name": name, "description": f"Builds {name}.", "depends_on": depends_on,
        "acceptance_criteria": [f"{name} works"], "check": f"try {name}", "requirements": ["REQ_000"],
    }  # fmt: skip


PHASES = {"overview": "Two phases.", "phases": [phase("Splitting", []), phase("Counting", [1])]}


def builds(request: Request) -> Reply:
    found = re.search(r"^session: completed (\S+)$", request.first, re.MULTILINE)
    assert found
    assert "/00-overview.md`: what all phases together bring about" in request.first
    return bash(
        f"echo {found[1]} >> built && git add built && git commit -q --allow-empty -m 'session: completed {found[1]}'"
    )


SCRIPT = {
    "plan-research": [[writes("# Words\n\nA project that counts words."), text("written")]],
    "plan-requirements": [[structured(REQUIREMENTS), text("done")]],
    "plan-plan": [[writes("# Plan\n\nSplit, then count."), text("written")]],
    "plan-phases": [[structured(PHASES), text("done")]],
    "plan-consistency": [[structured({"findings": []}), text("done")]],
    "The feature": [[builds, text("done")]],
}


@pytest.fixture
def planned(tmp_path: Path, claude_env: Callable[[Server], Path]) -> Callable[[Server], Made]:
    def use(server: Server) -> Made:
        program = claude_env(server)
        settings = (
            f'[agent]\ncommand = ["{program}"]\nretry_delay = 0\n[verify]\ncommand = "true"\n[plan]\ntracker = "none"\n'
        )
        made = make(tmp_path / "project", [], settings, files=IGNORED)
        (made.root / "feature_list.json").unlink()
        made.git("commit", "-q", "-am", "no list yet")
        return made

    return use


def steps(made: Made, since: int) -> list[str]:
    return [str(session["feature"]) for session in made.sessions()[since:]]


def test_one_prompt_becomes_built_features_and_nothing_runs_twice(
    planned: Callable[[Server], Made], tmp_path: Path
) -> None:
    with Server(SCRIPT) as server:  # type: ignore[arg-type]
        made = planned(server)
        made.run("orchestrator", "plan", "Count words", "--auto-approve")
        assert steps(made, 0) == [
            "plan-research",
            "plan-requirements",
            "plan-plan",
            "plan-phases",
            "plan-consistency",
        ]
        features = made.features()
        assert [feature["name"] for feature in features.values()] == ["Splitting", "Counting"]
        first, second = features
        assert features[second]["dependencies"] == [first]
        folder = made.root / Path(features[first]["inputs"][0]).parent
        assert {path.name for path in folder.iterdir()} >= {
            "requirements_hierarchy.json", "requirements_diagram.mmd", "property_tests_skeleton.py", "tech_stack.json",
            "file_groups.json", "plan.md", "00-overview.md", "01-splitting.md", "02-counting.md",
        }  # fmt: skip

        made.run("doit", "plan")
        assert len(made.sessions()) == 5, "a second plan started a session"
        made.git("add", "-A")
        made.git("commit", "-q", "-m", "a plan")
        made.run("doit", "build")
        assert set(made.states().values()) == {"done"}
        assert made.clean()

        git(tmp_path, "clone", "-q", str(made.root), "clone")
        clone = Made(tmp_path / "clone")
        clone.run("doit", "plan")
        clone.run("doit", "build")
        assert clone.sessions() == []
        assert clone.clean()

        with (made.root / features[second]["inputs"][0]).open("a") as file:
            file.write("\nIt also counts lines.\n")
        assert made.states() == {first: "done", second: "changed"}

        count = len(made.sessions())
        (made.root / folder / "plan.md").write_text("# Plan\n\nBetter.\n")
        made.run("doit", "plan")
        assert steps(made, count) == ["plan-phases", "plan-consistency"]


def test_a_step_whose_agent_wrote_nothing_fails_and_is_resumed(planned: Callable[[Server], Made]) -> None:
    script = {**SCRIPT, "plan-plan": [[text("I wrote it.")], SCRIPT["plan-plan"][0]]}
    with Server(script) as server:  # type: ignore[arg-type]
        made = planned(server)
        output = made.run("orchestrator", "plan", "Count words", "-y", code=1)
        assert output.rstrip().splitlines()[-1].startswith("orchestrator: error: plan: ")
        assert len(list((made.root / ".workflow-checkpoints").iterdir())) == 1
        assert not (made.root / "feature_list.json").exists()
        made.run("orchestrator", "plan", "--resume", "-y")
        assert steps(made, 3) == ["plan-plan", "plan-phases", "plan-consistency"]
        assert list((made.root / ".workflow-checkpoints").iterdir()) == []
        assert len(made.features()) == 2


def test_the_real_bd_gets_an_issue_a_phase_and_has_it_closed(
    planned: Callable[[Server], Made], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Server(SCRIPT) as server:  # type: ignore[arg-type]
        made = planned(server)
        program = bd_cli.real(made.root)
        monkeypatch.setenv("PATH", os.pathsep.join([str(Path(program).parent), os.environ["PATH"]]))
        settings = (made.root / "orchestrator.toml").read_text().replace('tracker = "none"', 'tracker = "beads"')
        (made.root / "orchestrator.toml").write_text(settings)
        made.run("orchestrator", "plan", "Count words", "-y")
        made.git("add", "-A")
        made.git("commit", "-q", "-m", "a plan")
        made.run("doit", "build")
        assert set(made.states().values()) == {"done"}
        listed = subprocess.run(
            [program, "list", "--all", "--limit", "0", "--json"], cwd=made.root, capture_output=True, check=True
        )
        issues = json.loads(listed.stdout)
        assert [issue["status"] for issue in issues if issue["issue_type"] == "task"] == ["closed", "closed"]
        count = len(issues)
        made.run("doit", "plan")
        made.run("doit", "build")
        again = subprocess.run(
            [program, "list", "--all", "--limit", "0", "--json"], cwd=made.root, capture_output=True, check=True
        )
        assert len(json.loads(again.stdout)) == count

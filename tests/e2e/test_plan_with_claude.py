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


def writes_text(content: str) -> Callable[[Request], Reply]:
    """Writes the file that the prompt names, line by line as given."""

    def turn(request: Request) -> Reply:
        path = re.search(r"^ {4}(thoughts/\S+\.md)$", request.first, re.MULTILINE)
        assert path, request.first
        return bash(f"mkdir -p $(dirname {path[1]}) && cat > {path[1]} <<'END'\n{content}END")

    return turn


def strays(request: Request) -> Reply:
    return bash("echo '[]' > feature_list.json; echo x > stray.txt; git add -A; git commit -qm stray")


def broken_down(*phases: dict[str, object]) -> list[Reply]:
    return [structured({"overview": "What all bring about.", "phases": list(phases)}), text("done")]


def checked(name: str, depends_on: list[object], **more: object) -> dict[str, object]:
    return {**phase(name, []), "depends_on": depends_on, "check": "test -s built", **more}


LIFE = {
    **SCRIPT,
    "plan-research": [
        [writes_text("# Words\n\nIt counts.\n\n## Open questions\n\n- Which language?\n"), strays, text("w")]
    ],
    "plan-phases": [
        broken_down(checked("Splitting", []), checked("Counting", [1])),
        # A phase put first, one more word in the next, the last one as it was.
        broken_down(
            checked("Reading", []),
            checked("Splitting", [], description="Builds Splitting anew."),
            checked("Counting", [2]),
        ),
        broken_down(checked("Splitting", [], description="Builds Splitting anew."), checked("Counting", [1])),
        broken_down(checked("Drawing", ["count-words-02"])),
    ],
}


def test_a_plan_lives_with_its_people(planned: Callable[[Server], Made], tmp_path: Path) -> None:
    with Server(LIFE) as server:  # type: ignore[arg-type]
        made = planned(server)
        head = made.git("rev-parse", "HEAD")
        output = made.run("orchestrator", "plan", "Count words", "-y", "--ticket", "T-1")
        assert "\n  note:   Which language?\n" in output
        assert "feature_list.json, stray.txt: not the session's to change; undone, and kept: git show" in output
        assert (made.git("rev-parse", "HEAD"), (made.root / "stray.txt").exists()) == (head, False)
        assert "5 sessions, " in output
        made.git("add", "-A")
        made.git("commit", "-q", "-m", "a plan")
        made.run("doit", "build")
        assert set(made.states().values()) == {"done"}
        assert "Ticket: T-1" in made.git("log", "-1", "--format=%B")
        paid = len(made.sessions())

        # Edits by hand, of all that is there, cost nothing and stay.
        plans = made.root / "thoughts/shared/plans"
        [folder] = [path for path in plans.iterdir() if path.is_dir()]
        (folder / "requirements_diagram.mmd").unlink()
        (folder / "00-overview.md").unlink()
        (folder / "property_tests_skeleton.py").write_text("# mine\n")
        made.git("mv", str(folder / "02-counting.md"), str(folder / "02-count.md"))
        assert set(made.states().values()) == {"done"}
        made.edit("count-words-02", tests=["Counting works", "by hand"])
        made.run("orchestrator", "accept", "count-words-02", "-m", "a test more")
        made.run("doit", "plan")
        assert len(made.sessions()) == paid
        assert (folder / "property_tests_skeleton.py").read_text() == "# mine\n"
        assert (folder / "00-overview.md").exists()
        assert made.features()["count-words-02"]["tests"] == ["Counting works", "by hand"]
        assert made.states()["count-words-02"] == "done"

        # The first replan: what is built and only reworded may be accepted; no hand's word is gone.
        (folder / "plan.md").write_text("# Plan\n\nRead, then split.\n")
        output = made.run("doit", "plan")
        assert steps(made, paid) == ["plan-phases", "plan-consistency"]
        assert made.features()["count-words-02"]["tests"] == ["Counting works", "by hand"]
        assert [path.name for path in sorted(folder.glob("0[1-9]*"))] == [
            "01-reading.md", "02-splitting.md", "03-counting.md",
        ]  # fmt: skip
        assert made.states()["count-words-01"] == "changed"
        command = re.search(r'orchestrator accept count-words-01 -m "([^"]+)"', output)
        assert command
        made.run("orchestrator", "accept", "count-words-01", "-m", command[1])
        assert made.states()["count-words-01"] == "done"

        # The second one leaves a phase out that is not built yet.
        (folder / "plan.md").write_text("# Plan\n\nSplit, then count.\n")
        made.run("orchestrator", "plan", "-y")
        assert made.states()["count-words-01-2"] == "dropped"
        assert made.states()["count-words-01"] == "done"

        # A second plan builds on the first.
        made.run("orchestrator", "plan", "Draw graphs", "-y")
        assert made.features()["draw-graphs-01"]["dependencies"] == ["count-words-02"]
        made.git("add", "-A")
        made.git("commit", "-q", "-m", "two plans")

        git(tmp_path, "clone", "-q", str(made.root), "clone")
        clone = Made(tmp_path / "clone")
        clone.git("config", "user.name", "Second")
        clone.git("config", "user.email", "second@example.com")
        assert clone.states() == made.states()
        clone.run("doit", "plan")
        clone.run("orchestrator", "plan", "Count words", "-y")
        assert clone.sessions() == []
        assert [line.split()[-1] for line in clone.run("orchestrator", "plan", "--list").splitlines()] == [
            folder.name, folder.name.replace("count-words", "draw-graphs"),
        ]  # fmt: skip
        assert clone.clean()

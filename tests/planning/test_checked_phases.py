"""What an agent merely claims is not done where its plan has checks, though the project has none."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from support.projects import DODO, Made
from support.repos import git
from support.scripted_plan import PHASES, agent, context, tells

from orchestrator.planning.running.runner import run_plan

# An agent that only claims: it reads the completion line off its prompt and commits it, empty.
CLAIMS = """\
import re, subprocess, sys
line = re.search(r"^session: completed \\\\S+$", sys.stdin.read(), re.MULTILINE)
subprocess.run(["git", "commit", "-q", "--allow-empty", "-m", line[0]], check=True)
"""


def test_phases_are_not_done_by_an_agent_that_only_commits(repo: Path) -> None:
    (repo / "claims.py").write_text(CLAIMS.replace("\\\\S", "\\S"))
    command = json.dumps([sys.executable, str(repo / "claims.py")])
    (repo / "orchestrator.toml").write_text(
        f'[plan]\ntracker = "none"\n[agent]\nkind = "command"\ncommand = {command}\nmax_attempts = 1\nretry_delay = 0\n'
    )
    (repo / "dodo.py").write_text(DODO)
    git(repo, "add", ".")
    git(repo, "commit", "-q", "-m", "start")
    data = json.loads(json.dumps(PHASES))
    for phase in data["phases"]:
        phase["check"] = "test -f built"
    own = context(repo, agent(repo, phases=[tells(data)]))
    run_plan(own)
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "-m", "a plan")
    made = Made(repo)
    made.run("doit", "build", code=1)
    assert made.states() == {"add-login-01": "blocked", "add-login-02": "waiting"}
    assert "test -f built" in made.features()["add-login-01"]["blocked_reason"]

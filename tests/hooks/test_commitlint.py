"""Beside the real commitlint, which the real husky runs: docs/commitlint.md, end to end."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from support.projects import Made
from support.repos import git, require

pytestmark = pytest.mark.real
# npm install --prefix .cache/commitlint @commitlint/cli @commitlint/config-conventional husky
NODE_MODULES = Path(__file__).parents[2] / ".cache" / "commitlint" / "node_modules"
LIST = {"features": [{"id": f"F{n}", "name": f"feature {n}", "description": "d", "passes": False} for n in (1, 2, 3)]}


@pytest.fixture
def repo(tmp_path: Path) -> Made:
    node = shutil.which("node")
    require("commitlint", node and (NODE_MODULES / "@commitlint" / "cli").is_dir())
    made = Made(tmp_path / "project")
    git(tmp_path, "init", "-q", "project")
    files = {
        ".gitignore": "node_modules\n",
        "package.json": '{"name": "x", "private": true}\n',
        "commitlint.config.mjs": "export default { extends: ['@commitlint/config-conventional'] };\n",
        "feature_list.json": json.dumps(LIST, indent=2) + "\n",
    }
    for name, content in files.items():
        (made.root / name).write_text(content)
    (made.root / "node_modules").symlink_to(NODE_MODULES)
    subprocess.run([str(node), "node_modules/husky/bin.js", "init"], cwd=made.root, check=True, capture_output=True)
    (made.root / ".husky" / "pre-commit").unlink()
    (made.root / ".husky" / "commit-msg").write_text('node_modules/.bin/commitlint --edit "$1"\n')
    made.git("add", "-A")
    made.git("commit", "-q", "-m", "chore: begin")
    return made


def said(made: Made, *message: str) -> str:
    """What a commit is refused with; "" when it is made."""
    words = [word for one in message for word in ("-m", one)]
    done = subprocess.run(
        ["git", "commit", "-q", "--allow-empty", *words], cwd=made.root, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr if done.returncode else ""


def test_the_words_that_init_sets_complete_features_beside_commitlint(repo: Made) -> None:
    assert "type must be one of" in said(repo, "session: completed F1")
    assert 'for commitlint.config.mjs a completion is "chore(session): completed ID"' in repo.run(
        "orchestrator", "init"
    )
    repo.git("add", "-A")
    assert said(repo, "chore: orchestrate") == ""
    assert said(repo, "chore(session): completed F1") == ""
    assert "Feature-Digest: F1 " in repo.git("log", "-1", "--format=%B")
    assert '"passes": true' in repo.git("show", "HEAD:feature_list.json")
    assert "type must be one of" in said(repo, "session: completed F2")
    assert "Did you mean 'F1'" in said(repo, "chore(session): completed F11")
    assert said(repo, "feat: two at once", "chore(session): completed F2, F3") == ""
    repo.git("revert", "--no-edit", "HEAD~1")
    assert repo.states() == {"F1": "todo", "F2": "done", "F3": "done"}
    repo.run("orchestrator", "reopen", "F3", "-m", "it fails")
    assert repo.states() == {"F1": "todo", "F2": "done", "F3": "todo"}
    assert repo.clean()


def test_an_agent_s_claim_passes_commitlint(repo: Made) -> None:
    repo.run("orchestrator", "init")
    agent = repo.root.parent / "agent.sh"  # does as it is told: the line is in the prompt
    agent.write_text('grep -m1 -o "chore(session): completed F[0-9]" | git commit -q --allow-empty -F -\n')
    settings = repo.root / "orchestrator.toml"
    text = settings.read_text().replace('kind = "claude"', f'kind = "command"\ncommand = ["sh", "{agent}"]')
    settings.write_text(text.replace('command = "auto"', 'command = "true"'))
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", "chore: orchestrate")
    said = repo.run("doit", "build", code=None)
    assert repo.states() == {"F1": "done", "F2": "done", "F3": "done"}, said
    subjects = repo.git("log", "-3", "--format=%s").splitlines()
    assert subjects == [f"chore(session): completed F{n}" for n in (3, 2, 1)]
    assert len(repo.sessions()) == 3


def test_a_trailer_completes_below_any_subject(repo: Made) -> None:
    (repo.root / "orchestrator.toml").write_text('[history]\ncompleted = "Completes:"\nreopened = "Reopens:"\n')
    repo.run("orchestrator", "hooks", "install")
    repo.git("add", "-A")
    assert said(repo, "feat(login): remember who is logged in", "Completes: F1") == ""
    assert repo.states() == {"F1": "done", "F2": "todo", "F3": "todo"}
    assert repo.git("log", "-1", "--format=%(trailers:key=Completes,valueonly)") == "F1"
    assert said(repo, "fix(login): it forgets", "Reopens: F1") == ""
    assert repo.states()["F1"] == "todo"

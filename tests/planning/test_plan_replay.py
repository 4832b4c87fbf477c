"""A plan replayed from recordings that a person could have written."""

from __future__ import annotations

import json
from pathlib import Path

from support.scripted_plan import NAME, PHASES, PLAN, REQUIREMENTS, RESEARCH, context

from orchestrator.agents import factory
from orchestrator.config import settings
from orchestrator.planning.running.runner import run_plan


def record(folder: Path, session: dict[str, object], file: str = "", text: str = "") -> None:
    folder.mkdir(parents=True)
    (folder / "session.json").write_text(json.dumps(session))
    if file:
        (folder / "files" / file).parent.mkdir(parents=True)
        (folder / "files" / file).write_text(text, newline="\n")


def test_recorded_sessions_make_the_same_plan_again(repo: Path) -> None:
    recordings = repo / ".agent" / "recordings"
    record(recordings / "plan-research/1", {"output": "ok"}, f"thoughts/shared/research/{NAME}.md", RESEARCH)
    record(recordings / "plan-requirements/1", {"structured": REQUIREMENTS})
    record(recordings / "plan-plan/1", {"output": "ok"}, f"thoughts/shared/plans/{NAME}/plan.md", PLAN)
    record(recordings / "plan-phases/1", {"output": json.dumps(PHASES)})
    record(recordings / "plan-consistency/1", {"structured": {"findings": []}})
    (repo / "orchestrator.toml").write_text('[verify]\ncommand = "true"\n')
    own = context(repo)
    own.agent = factory.create(settings.AgentSettings(kind="replay"), repo)
    run_plan(own)
    features = json.loads(own.plan.features.read_text())["features"]
    assert [feature["id"] for feature in features] == ["add-login-01", "add-login-02"]

"""The prompts of planning: everything is inserted as it is, and a project's own come first."""

from __future__ import annotations

from pathlib import Path

from orchestrator.agents.prompts.rendering import render
from orchestrator.planning.requirements.rules import Limits

HOSTILE = "{{ 7 * 7 }} {% for %} ```` $(rm -rf /) `x`"
COMMON = {"prompt": HOSTILE, "schema": '{"type": "object"}', "errors": [HOSTILE], "previous": HOSTILE}
AROUND = {
    "list_name": "feature_list.json",
    "backlog": [{"id": "F1", "name": HOSTILE, "state": "done"}],
    "unlisted": 3,
    "others": [{"name": "n", "wish": HOSTILE, "file": "o.md"}],
}
CONTEXTS: dict[str, dict[str, object]] = {
    "plan-research": {**AROUND, "prompt": HOSTILE, "path": "r.md", "exists": True, "edited": HOSTILE},
    "plan-requirements": {
        **COMMON,
        **AROUND,
        "research": "r.md",
        "limits": Limits(),
        "known": HOSTILE,
        "edited": True,
    },
    "plan-consistency": {"prompt": HOSTILE, "files": ["p.md"], "most": 20, "schema": {"type": "object"}},
    "plan-plan": {
        **AROUND,
        "edited": HOSTILE,
        "questions": [HOSTILE],
        "prompt": HOSTILE,
        "path": "p.md",
        "research": "r.md",
        "sources": ["a.json"],
        "feedback": [HOSTILE],
        "exists": True,
    },
    "plan-phases": {
        **COMMON,
        **AROUND,
        "plan": "p.md",
        "requirements": "q.json",
        "known": [{"id": "", "name": HOSTILE, "file": "01-a.md", "built": True, "edited": True, "text": HOSTILE}],
        "removed": [HOSTILE],
        "findings": [HOSTILE],
        "check_command": "",
    },
}


def test_hostile_text_is_inserted_as_it_is(tmp_path: Path) -> None:
    for name, context in CONTEXTS.items():
        text = render(name, tmp_path, **context)
        assert text.startswith(f"Step: {name}\n")
        assert text.count(HOSTILE) >= 1
        assert "49" not in text.replace(HOSTILE, "")


def test_a_project_s_own_template_comes_first(tmp_path: Path) -> None:
    own = tmp_path / ".agent" / "prompts" / "plan-research.md"
    own.parent.mkdir(parents=True)
    own.write_text("Look into {{ prompt }}, write {{ path }}.")
    assert render("plan-research", tmp_path, prompt="x", path="y.md") == "Look into x, write y.md."

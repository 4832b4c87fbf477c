"""What the builder of a phase is given of its plan."""

from __future__ import annotations

import json
from pathlib import Path

from support.scripted_plan import NAME, context

from orchestrator import project
from orchestrator.features import model
from orchestrator.planning.reading import reading
from orchestrator.planning.running.runner import run_plan

FOLDER = f"thoughts/shared/plans/{NAME}"


def test_the_builder_is_told_overview_decisions_requirements_and_skeletons(root: Path) -> None:
    own = context(root)
    own.plan.ticket_file.write_text("T-7\n")
    run_plan(own)
    features = model.parse(own.plan.features.read_bytes())
    assert reading(project.load(root), features.get("add-login-02")) == {
        "reading": [
            f"`{FOLDER}/00-overview.md`: what all phases together bring about",
            f"`{FOLDER}/plan.md`: the plan; its decisions hold",
            f"`{FOLDER}/requirements_hierarchy.json`: the requirements, of which it meets REQ_000.2 (Check passwords)",
        ],
        "skeletons": [f"`{FOLDER}/property_tests_skeleton.py`: `TestReq000_2`"],
        "ticket": "T-7",
    }


def test_a_feature_of_no_plan_is_told_nothing(root: Path) -> None:
    run_plan(context(root))
    feature = model.feature({"id": "F1", "inputs": ["spec.md"]})
    assert reading(project.load(root), feature) == {}


def test_a_project_without_python_is_given_no_python_tests(root: Path) -> None:
    own = context(root)
    run_plan(own)
    own.plan.tech_stack.write_text(json.dumps({"languages": ["Go"]}))
    feature = model.parse(own.plan.features.read_bytes()).get("add-login-01")
    assert reading(project.load(root), feature)["skeletons"] == []

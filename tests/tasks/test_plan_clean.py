"""`doit clean plan` removes what planning made, never what it was given or what a person wrote."""

from __future__ import annotations

from pathlib import Path

from support.projects import DODO, Made
from support.repos import git
from support.scripted_plan import PLAN, RESEARCH, TODAY, context

from orchestrator.planning.running.adopting import adopt_plan, adopt_research
from orchestrator.planning.running.context import plans_of
from orchestrator.planning.running.runner import run_plan


def project(repo: Path) -> Made:
    (repo / "orchestrator.toml").write_text('[plan]\ntracker = "none"\n[verify]\ncommand = "true"\n')
    (repo / "dodo.py").write_text(DODO)
    git(repo, "add", ".")
    git(repo, "commit", "-q", "-m", "start")
    return Made(repo)


def test_a_given_research_file_is_not_cleaned_away(repo: Path) -> None:
    made = project(repo)
    plans = plans_of(context(repo).project)
    mine = plans.base / "research" / "2026-03-01-mine.md"
    mine.parent.mkdir(parents=True)
    mine.write_text(RESEARCH)
    plan = adopt_research(plans, mine, TODAY)
    run_plan(context(repo, plan=plan))
    output = made.run("doit", "clean", "plan")
    assert mine.read_text() == RESEARCH
    assert f"{plan.relative(mine)} stays: it was given, or edited by hand" in output
    assert not plan.plan.exists()
    assert not plan.phase_files()
    assert plan.features.exists()


def test_a_given_plan_is_not_cleaned_away(repo: Path) -> None:
    made = project(repo)
    plans = plans_of(context(repo).project)
    mine = plans.base / "plans" / "2026-03-01-mine" / "plan.md"
    mine.parent.mkdir(parents=True)
    mine.write_text(PLAN)
    run_plan(context(repo, plan=adopt_plan(plans, mine, TODAY)))
    made.run("doit", "clean", "plan")
    assert mine.read_text() == PLAN


def test_what_a_person_edited_stays_and_a_dry_run_removes_nothing(repo: Path) -> None:
    made = project(repo)
    own = context(repo)
    run_plan(own)
    own.plan.plan.write_text(PLAN + "Mine.\n")
    before = sorted(path for path in own.plan.folder.iterdir())
    made.run("doit", "clean", "-n", "plan")
    assert sorted(path for path in own.plan.folder.iterdir()) == before
    made.run("doit", "clean", "plan")
    assert own.plan.plan.read_text() == PLAN + "Mine.\n"
    assert own.plan.prompt.exists()
    assert not own.plan.research.exists()
    assert not own.plan.diagram.exists()


def test_artifacts_that_were_found_there_are_nobody_s_to_clean(repo: Path) -> None:
    made = project(repo)
    own = context(repo)
    run_plan(own)
    own.plan.stamps.unlink()
    run_plan(own)
    made.run("doit", "clean", "plan")
    assert own.plan.research.exists()
    assert own.plan.plan.exists()

"""No session is paid that a person would not have paid: questions, errors known before, what the agent answers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.repos import git
from support.scripted_plan import (
    NAME,
    NOW,
    PHASES,
    PLAN,
    REQUIREMENTS,
    RESEARCH,
    TODAY,
    Heard,
    agent,
    context,
    ends,
    said,
    tells,
    writes,
)

from orchestrator import project
from orchestrator.agents.protocol import Outcome
from orchestrator.errors import NoRepository, OrchestratorError
from orchestrator.planning.running import checkpoints, outcome, preflight, stamps
from orchestrator.planning.running.choosing import Asked, choose
from orchestrator.planning.running.context import PlanContext, plans_of
from orchestrator.planning.running.dialogue import Choice, Typed, Unattended
from orchestrator.planning.running.failures import StepFailed, StepInterrupted, StepStopped
from orchestrator.planning.running.listing import listed
from orchestrator.planning.running.runner import run_plan
from orchestrator.planning.steps.phases import PHASES as PHASES_STEP
from orchestrator.planning.steps.plan import PLAN as PLAN_STEP
from orchestrator.planning.steps.research import RESEARCH as RESEARCH_STEP

QUESTIONS = RESEARCH + "\n## Open questions\n\n- Which users?\n"


class Leaves(Unattended):
    """Presses Ctrl+C at one of the questions, having typed something."""

    def __init__(self, at: str, typed: str = "") -> None:
        self.at, self.typed = at, typed
        self.seen: list[str] = []

    def after_research(self, path: str, questions: Sequence[str], typed: str = "") -> Choice:
        self.seen.append(typed)
        if self.at == "research":
            raise Typed(self.typed)
        return Choice("continue")

    def after_plan(self, path: str, typed: str = "") -> str | None:
        self.seen.append(typed)
        if self.at == "plan":
            raise Typed(self.typed)
        return None


@pytest.mark.parametrize("at", ["research", "plan"])
def test_ctrl_c_at_a_question_costs_no_second_session_and_no_word(at: str, root: Path) -> None:
    scripted = agent(root, research=[writes(QUESTIONS)])
    person = Leaves(at, "Those of")
    with pytest.raises(StepInterrupted):
        run_plan(context(root, scripted, dialogue=person))
    again = Leaves("nowhere")
    run_plan(context(root, scripted, dialogue=again))
    assert "Those of" in again.seen
    assert scripted.steps() == ["research", "requirements", "plan", "phases", "consistency"]


def test_an_edit_while_the_question_was_open_counts_as_an_edit(root: Path) -> None:
    scripted = agent(root)
    with pytest.raises(StepInterrupted):
        run_plan(context(root, scripted, dialogue=Leaves("research")))
    own = context(root, scripted)
    own.plan.research.write_text(RESEARCH + "\nMine.\n")
    run_plan(own)
    assert stamps.edited(RESEARCH_STEP, own.plan) == [own.plan.research]
    assert scripted.steps().count("research") == 1


def test_what_is_said_about_a_plan_is_kept_when_its_session_fails_and_costs_no_research(root: Path) -> None:
    class Wants(Unattended):
        def after_plan(self, path: str, typed: str = "") -> str | None:
            return "Smaller, please"

    failed = ends(Outcome.FAILED, error="crashed")
    scripted = agent(root, plan=[writes(PLAN), failed, writes(PLAN + "Smaller.\n")])
    with pytest.raises(StepFailed):
        run_plan(context(root, scripted, dialogue=Wants()))
    scripted.asked()
    scripted.answers["plan-plan"] = [writes(PLAN + "Smaller.\n")]
    run_plan(context(root, scripted))
    assert "Smaller, please" in scripted.requests[0].prompt
    assert scripted.steps() == ["plan", "phases", "consistency"]


def test_a_plan_that_was_not_approved_is_asked_about_again(root: Path) -> None:
    class No(Unattended):
        def after_plan(self, path: str, typed: str = "") -> str | None:
            return ""

    scripted = agent(root)
    with pytest.raises(StepStopped):
        run_plan(context(root, scripted, dialogue=No()))
    run_plan(context(root, scripted))
    assert scripted.steps().count("plan") == 1


def test_open_questions_are_named_and_given_to_the_planner_where_nobody_answers(root: Path) -> None:
    heard = Heard()
    scripted = agent(root, research=[writes(QUESTIONS)])
    run_plan(context(root, scripted, observer=heard))
    assert (
        heard.notes[heard.notes.index("these questions of the research have no answer; the plan decides them:") + 1]
        == "  Which users?"
    )
    [request] = [item for item in scripted.requests if item.feature_id == "plan-plan"]
    assert "- Which users?" in request.prompt


# What can be known before


def checked(own: PlanContext, start: Any = None) -> str:
    def before() -> None:
        preflight.of_project(own.project)
        preflight.of_plan(own, start)

    with pytest.raises(OrchestratorError) as error:
        before()
    return str(error.value)


def test_a_broken_list_a_broken_phase_and_broken_requirements_are_errors_before_a_session(root: Path) -> None:
    own = context(root)
    run_plan(own)
    own.plan.features.write_text("{")
    assert "feature_list.json:1" in checked(own)
    own.plan.features.write_text('{"features": []}')
    own.plan.hierarchy.write_text("{")
    assert "not valid JSON" in checked(own)
    own.plan.hierarchy.unlink()
    own.plan.phase_files()[0].write_text("---\nid: x\n")
    assert "the front matter is not closed" in checked(own)


def test_no_repository_is_an_error_before_a_session(tmp_path: Path) -> None:
    with pytest.raises(NoRepository):
        preflight.of_project(project.load(tmp_path))


def test_a_step_without_its_artifact_is_an_error_that_changes_nothing(root: Path) -> None:
    scripted = agent(root)
    own = context(root, scripted)
    for step, name in ((PLAN_STEP, own.plan.research), (PHASES_STEP, own.plan.plan)):
        assert f"{own.plan.relative(name)} is missing" in checked(own, step)
        with pytest.raises(StepFailed):
            run_plan(own, step)
    assert scripted.requests == []
    run_plan(own)
    assert scripted.steps() == ["research", "requirements", "plan", "phases", "consistency"]


def test_a_step_that_was_passed_over_is_done_where_a_later_one_can_t_do_without_it(root: Path) -> None:
    scripted = agent(root)
    own = context(root, scripted)
    run_plan(own)
    scripted.asked()
    own.plan.research.write_text("# Edited\n")
    run_plan(own, PHASES_STEP)
    own.plan.plan.unlink()
    own.plan.hierarchy.write_text(own.plan.hierarchy.read_text() + "\n\n")
    preflight.of_plan(own)
    for path in own.plan.phase_files():
        path.unlink()
    run_plan(own)
    assert own.plan.plan.exists()


def test_a_cost_limit_that_can_t_be_kept_is_an_error_before_a_session(root: Path) -> None:
    (root / "orchestrator.toml").write_text('[verify]\ncommand = "true"\n[build]\nmax_cost_usd = 1\n')
    scripted = agent(root)
    scripted.tells_cost = False
    assert "the agent does not say what its sessions cost" in checked(context(root, scripted))


# Budgets and costs


def test_planning_counts_in_the_budgets_and_goes_on_later(root: Path) -> None:
    (root / "orchestrator.toml").write_text(
        '[plan]\ntracker = "none"\n[verify]\ncommand = "true"\n[build]\nmax_sessions = 2\n'
    )
    scripted = agent(root)
    with pytest.raises(StepFailed, match="plan: stopped after 2 sessions"):
        run_plan(context(root, scripted))
    assert scripted.asked() == ["research", "requirements"]
    heard = Heard()
    run_plan(context(root, scripted, observer=heard))
    assert scripted.asked() == ["plan", "phases"]
    assert heard.said("the plan was not looked over: stopped after 2 sessions")


def test_the_cost_limit_is_handed_to_each_session_and_ends_the_run(root: Path) -> None:
    (root / "orchestrator.toml").write_text(
        '[plan]\ntracker = "none"\n[verify]\ncommand = "true"\n[build]\nmax_cost_usd = 0.5\n'
    )

    def costs(request: Any, root: Path) -> Any:
        result = writes(RESEARCH)(request, root)
        return said(result.output, cost_usd=0.3)

    scripted = agent(root, research=[costs], requirements=[tells(REQUIREMENTS)])
    own = context(root, scripted)
    run_plan(own)
    assert [round(request.max_cost_usd, 2) for request in scripted.requests] == [0.5, 0.2, 0.2, 0.2, 0.2]
    assert list(outcome.costs(own)) == [
        "5 sessions, 0.30 USD:", "  research  0.30 USD", "  requirements", "  plan", "  phases", "  consistency",
    ]  # fmt: skip
    assert stamps.spent(own.plan) == (5, 0.3)


def test_a_list_of_plans_says_how_far_each_is_and_what_it_has_cost(root: Path) -> None:
    own = context(root)
    run_plan(own)
    own.plan.ticket_file.write_text("T-7\n")
    other = plans_of(own.project).start("Add logout", TODAY)
    looking = context(root)
    first, second = (listed(looking, plan, other).line() for plan in (own.plan, other))
    assert first.split() == ["unfinished", "(next:", "features)", "0/2", "phases", "5", "sessions", "T-7", NAME]
    assert second.split()[:3] == ["*", "unfinished", "(next:"]
    run_plan(context(root, plan=own.plan))
    assert "to be built" in listed(looking, own.plan, other).line()


# Answers


@pytest.mark.parametrize("answer", [ends(Outcome.FAILED, error="it gave no structured output", returncode=0), said()])
def test_a_missing_answer_is_asked_for_again_whatever_the_agent(answer: Any, root: Path) -> None:
    first = answer if callable(answer) else lambda request, root: answer
    scripted = agent(root, requirements=[first, tells(REQUIREMENTS)])
    run_plan(context(root, scripted))
    assert scripted.steps().count("requirements") == 2


def test_without_a_check_command_the_agent_is_told_to_begin_with_one(root: Path) -> None:
    (root / "orchestrator.toml").write_text('[plan]\ntracker = "none"\n')
    better = json.loads(json.dumps(PHASES))
    better["phases"][0]["changes"] = ["Makefile: `make test` runs the tests"]
    scripted = agent(root, phases=[tells(PHASES), tells(better)])
    run_plan(context(root, scripted))
    first, second = [item.prompt for item in scripted.requests if item.feature_id == "plan-phases"]
    assert "## This project has no check command" in first
    assert "- The project has no check command, so nothing can tell whether a phase is done" in second


def test_phases_with_commands_of_their_own_need_no_check_of_the_project(root: Path) -> None:
    (root / "orchestrator.toml").write_text('[plan]\ntracker = "none"\n')
    own_checks = json.loads(json.dumps(PHASES))
    for phase in own_checks["phases"]:
        phase["check"] = "test -f built"
    scripted = agent(root, phases=[tells(own_checks)])
    own = context(root, scripted)
    run_plan(own)
    assert scripted.steps().count("phases") == 1
    assert [item["verify"] for item in json.loads(own.plan.features.read_text())["features"]] == ["test -f built"] * 2


def test_looking_over_the_plan_tells_what_is_missing_and_can_mend_it(root: Path) -> None:
    class Mends(Unattended):
        asked = 0

        def after_consistency(self, findings: Sequence[str]) -> bool:
            self.asked += 1
            return self.asked == 1

    finding = {"kind": "missing", "what": "No phase sends the mail.", "where": "REQ_000"}
    heard = Heard()
    scripted = agent(root, consistency=[tells({"findings": [finding]}), tells({"findings": []})])
    own = context(root, scripted, observer=heard, dialogue=Mends())
    run_plan(own)
    assert heard.said("No phase sends the mail.") == "  missing: No phase sends the mail. (REQ_000)"
    assert scripted.steps()[-4:] == ["phases", "consistency", "phases", "consistency"]
    assert "- missing: No phase sends the mail. (REQ_000)" in scripted.requests[-2].prompt
    assert not own.plan.consistency.exists()


def test_a_look_over_the_plan_that_says_nothing_fails_nothing(root: Path) -> None:
    heard = Heard()
    own = context(root, agent(root, consistency=[tells([])]), observer=heard)
    run_plan(own)
    assert heard.said("the plan was not looked over: the session gave no answer")


def test_planners_know_the_backlog_and_other_plans_and_may_build_on_them(root: Path) -> None:
    (root / "feature_list.json").write_text(
        '{"features": [{"id": "F1", "name": "Users", "description": "d", "passes": true}]}'
    )
    plans_of(context(root).project).start("Draw graphs", TODAY)
    builds = json.loads(json.dumps(PHASES))
    builds["phases"][0]["depends_on"] = ["F1"]
    scripted = agent(root, phases=[tells(builds)])
    own = context(root, scripted)
    run_plan(own)
    for request in scripted.requests[:4]:
        assert "- `F1` (done) Users" in request.prompt
        assert "- Draw graphs" in request.prompt
    assert json.loads(own.plan.features.read_text())["features"][1]["dependencies"] == ["F1"]


# Which plan


def chosen(root: Path, *, days: int = 0, terminal: Any = None, **asked: Any) -> Any:
    plans = plans_of(project.load(root))
    return choose(plans, Asked(**asked), TODAY + timedelta(days=days), lambda timestamp: 40, terminal)


def test_a_second_plan_for_the_same_wish_is_an_error_that_names_the_first(root: Path) -> None:
    first = chosen(root, prompt="Add login").plan
    assert chosen(root, prompt="add login").plan == first
    with pytest.raises(OrchestratorError) as error:
        chosen(root, prompt="Add login.", days=1)
    assert str(error.value) == (
        f"there is a plan for this wish: {NAME} (thoughts/shared/plans/{NAME}). "
        "Go on with it by `orchestrator plan` alone; for a second one give --new"
    )
    assert chosen(root, prompt="Add login", days=1, new=True).plan.name == "2026-03-10-add-login"


def test_on_a_terminal_a_second_plan_is_asked_about(root: Path) -> None:
    class Says:
        def __init__(self, answer: str) -> None:
            self.answer = answer

        def second_plan(self, first: str) -> str:
            assert first == NAME
            return self.answer

    first = chosen(root, prompt="Add login").plan
    assert chosen(root, prompt="Add login", days=1, terminal=Says("y")).plan == first
    with pytest.raises(KeyboardInterrupt):
        chosen(root, prompt="Add login", days=1, terminal=Says("e"))
    assert chosen(root, prompt="Add login", days=1, terminal=Says("n")).plan.name == "2026-03-10-add-login"


def left(root: Path, plan: str, days: int) -> None:
    checkpoints.write(
        root, "planning-failed", plan=plan, artifacts=(), errors=["e"], git_commit="", now=NOW - timedelta(days=days)
    )


def test_resuming_prefers_the_current_plan_and_names_what_it_goes_on_with(root: Path) -> None:
    other = chosen(root, prompt="Draw graphs").plan
    current = chosen(root, prompt="Add login").plan
    left(root, other.name, 0)
    found = chosen(root, resume=True)
    assert (found.plan, found.note) == (other, f"going on with the plan {other.name}: planning-failed, 40 days ago")
    plans_of(project.load(root)).choose(current.name)
    left(root, current.name, 9)
    assert chosen(root, resume=True).plan == current


def test_a_ticket_goes_into_features_and_the_overview(root: Path) -> None:
    own = context(root)
    own.plan.ticket_file.write_text("T-7\n")
    run_plan(own)
    assert [item["ticket"] for item in json.loads(own.plan.features.read_text())["features"]] == ["T-7", "T-7"]
    assert "Ticket: T-7" in own.plan.overview.read_text()
    git(root, "add", "-A")

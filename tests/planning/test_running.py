"""The whole pipeline on a real disk and a real repository, with an agent that follows a script."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import support.bd_cli as bd_cli
from support.repos import git
from support.scripted_plan import (
    NAME,
    PHASES,
    PLAN,
    REQUIREMENTS,
    RESEARCH,
    TODAY,
    agent,
    context,
    ends,
    said,
    tells,
    writes,
)

from orchestrator.agents.protocol import Outcome
from orchestrator.errors import OrchestratorError
from orchestrator.planning.running import checkpoints
from orchestrator.planning.running.adopting import adopt_plan, adopt_research, of_checkpoint
from orchestrator.planning.running.context import PlanContext, plans_of
from orchestrator.planning.running.dialogue import Choice, Unattended
from orchestrator.planning.running.failures import StepFailed, StepInterrupted, StepStopped
from orchestrator.planning.running.pipeline import RESUME_STEPS, STEPS
from orchestrator.planning.running.runner import freshness, run_plan, run_step
from orchestrator.planning.steps.phases import PHASES as PHASES_STEP
from orchestrator.planning.steps.plan import PLAN as PLAN_STEP
from orchestrator.planning.steps.research import RESEARCH as RESEARCH_STEP
from orchestrator.planning.tracking.bd import Bd


def ran(context: PlanContext) -> list[str]:
    return [report.step for report in run_plan(context) if report.ran]


def listed(context: PlanContext) -> list[dict[str, Any]]:
    return list(json.loads(context.plan.features.read_text("utf-8"))["features"])


def left(root: Path) -> list[tuple[str, list[str]]]:
    return [(item.phase, list(item.errors)) for item in checkpoints.load_all(root)]


def test_a_prompt_becomes_a_feature_list(root: Path) -> None:
    own = context(root)
    assert ran(own) == ["research", "memory", "requirements", "context", "plan", "phases", "features"]
    folder = f"thoughts/shared/plans/{NAME}"
    made = sorted(path.relative_to(root).as_posix() for path in (root / "thoughts").rglob("*") if path.is_file())
    assert made == [
        *(
            f"{folder}/{name}"
            for name in (
                ".stamps.json",
                "00-overview.md",
                "01-store-users.md",
                "02-check-passwords.md",
                "file_groups.json",
                "plan.md",
                "prompt.md",
                "property_tests_skeleton.py",
                "requirements_diagram.mmd",
                "requirements_hierarchy.json",
                "tech_stack.json",
            )
        ),
        f"thoughts/shared/research/{NAME}.md",
    ]
    assert listed(own) == [
        {
            "id": "add-login-01",
            "name": "Store users",
            "description": "Users are kept.",
            "priority": 1,
            "dependencies": [],
            "tests": ["A saved user is loaded unchanged", "Run it."],
            "inputs": [f"{folder}/01-store-users.md"],
            "passes": False,
        },
        {
            "id": "add-login-02",
            "name": "Check passwords",
            "description": "Passwords are compared.",
            "priority": 2,
            "dependencies": ["add-login-01"],
            "tests": ["A wrong password is refused", "Run it."],
            "inputs": [f"{folder}/02-check-passwords.md"],
            "passes": False,
        },
    ]
    hierarchy = json.loads(own.plan.hierarchy.read_text())
    assert [node["id"] for node in hierarchy["requirements"][0]["children"]] == ["REQ_000.1", "REQ_000.2"]
    assert (root / f".agent/memory/entities/{NAME}.md").read_text() == (
        f"# {NAME}\n\nThere is no login yet. Users are rows. ## Constraints\n\n"
        f"Research: thoughts/shared/research/{NAME}.md\n"
    )
    assert json.loads(own.plan.tech_stack.read_text())["languages"] == ["Python"]
    assert left(root) == []


def test_every_prompt_names_its_target_and_what_to_read(root: Path) -> None:
    scripted = agent(root)
    run_plan(context(root, scripted))
    prompts = {request.feature_id: request.prompt for request in scripted.requests}
    folder = f"thoughts/shared/plans/{NAME}"
    assert f"\n    thoughts/shared/research/{NAME}.md\n" in prompts["plan-research"]
    assert f"\n    {folder}/plan.md\n" in prompts["plan-plan"]
    for name in ("requirements_hierarchy.json", "tech_stack.json", "file_groups.json"):
        assert f"`{folder}/{name}`" in prompts["plan-plan"]
    assert f"`thoughts/shared/research/{NAME}.md`" in prompts["plan-requirements"]
    assert f"`{folder}/plan.md`" in prompts["plan-phases"]
    assert all("Add login" in prompt for prompt in prompts.values())
    assert [request.schema is not None for request in scripted.requests] == [False, True, False, True, True]


def test_the_second_run_does_nothing(root: Path) -> None:
    scripted = agent(root)
    run_plan(context(root, scripted))
    scripted.asked()
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    assert ran(context(root, scripted)) == []
    assert scripted.asked() == []
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before


def test_a_clone_of_a_planned_project_replans_nothing(root: Path, tmp_path: Path) -> None:
    run_plan(context(root))
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "plan")
    clone = tmp_path / "clone"
    git(root, "clone", "-q", ".", str(clone))
    scripted = agent(clone)
    assert ran(context(clone, scripted)) == []
    assert scripted.requests == []


def test_edited_research_reruns_what_depends_on_it_and_nothing_else(root: Path) -> None:
    scripted = agent(root)
    own = context(root, scripted)
    run_plan(own)
    scripted.asked()
    own.plan.research.write_text(RESEARCH + "\nBy hand.\n", newline="\n")
    # The agent comes to the same requirements and the same plan, so nothing after them has to change.
    assert ran(own) == ["memory", "requirements", "context", "plan"]
    assert scripted.asked() == ["requirements", "plan"]
    assert "By hand." in own.plan.research.read_text()


def test_an_edited_plan_reruns_the_phases_and_keeps_their_ids(root: Path) -> None:
    changed = json.loads(json.dumps(PHASES))
    changed["phases"][0] |= {"name": "Store people", "id": "add-login-01"}
    changed["phases"].insert(1, {**changed["phases"][1], "name": "Log out", "depends_on": []})
    scripted = agent(root, phases=[tells(PHASES), tells(changed)])
    own = context(root, scripted)
    run_plan(own)
    own.plan.plan.write_text(PLAN + "\nBy hand.\n", newline="\n")
    assert ran(own) == ["phases", "features"]
    names = [path.name for path in own.plan.phase_files()]
    assert names == ["01-store-people.md", "02-log-out.md", "03-check-passwords.md"]
    assert [(item["id"], item["name"], item["dependencies"]) for item in listed(own)] == [
        ("add-login-01", "Store people", []),
        ("add-login-02", "Check passwords", ["add-login-01"]),
        ("add-login-02-2", "Log out", []),
    ]
    assert listed(own)[1]["inputs"] == [f"thoughts/shared/plans/{NAME}/03-check-passwords.md"]


def test_an_edited_phase_changes_its_own_feature_only(root: Path) -> None:
    scripted = agent(root)
    own = context(root, scripted)
    run_plan(own)
    scripted.asked()
    before = listed(own)
    path = own.plan.phase_files()[1]
    path.write_text(path.read_text().replace("is refused", "is refused and counted"), newline="\n")
    assert ran(own) == ["features"]
    assert scripted.asked() == []
    assert listed(own) == [before[0], {**before[1], "tests": ["A wrong password is refused and counted", "Run it."]}]


def test_a_renamed_phase_file_keeps_its_feature(root: Path) -> None:
    own = context(root)
    run_plan(own)
    new = own.plan.folder / "02-compare.md"
    own.plan.phase_files()[1].rename(new)
    assert ran(own) == ["phases", "features"]  # the overview's table
    assert [(item["id"], item["inputs"]) for item in listed(own)][1] == ("add-login-02", [own.plan.relative(new)])


def test_a_phase_written_by_hand_becomes_a_feature_with_an_id_that_stays(root: Path) -> None:
    own = context(root)
    run_plan(own)
    path = own.plan.folder / "03-log-out.md"
    path.write_text("# Log out\n\nThe session ends.\n", newline="\n")
    assert ran(own) == ["phases", "features"]  # the overview's table
    assert path.read_text() == "---\nid: add-login-03\n---\n\n# Log out\n\nThe session ends.\n"
    assert [item["id"] for item in listed(own)] == ["add-login-01", "add-login-02", "add-login-03"]
    assert ran(own) == []


@pytest.mark.parametrize(
    ("target", "steps"),
    [
        ("research", ["research"]),
        ("memory", ["memory"]),
        ("diagram", ["requirements"]),
        ("tech_stack", ["context"]),
        ("plan", ["plan"]),
        ("overview", ["phases"]),
        ("features", ["features"]),
    ],
)
def test_a_deleted_target_reruns_its_step_alone_when_it_comes_out_the_same(
    target: str, steps: list[str], root: Path
) -> None:
    own = context(root)
    run_plan(own)
    getattr(own.plan, target).unlink()
    assert ran(own) == steps
    assert ran(own) == []


def test_a_deleted_target_that_comes_out_otherwise_reruns_what_reads_it(root: Path) -> None:
    own = context(root, agent(root, plan=[writes(PLAN), writes(PLAN + "Other.\n")]))
    run_plan(own)
    own.plan.plan.unlink()
    assert ran(own) == ["plan", "phases"]


def test_two_plans_lie_side_by_side(root: Path) -> None:
    run_plan(context(root))
    other = plans_of(context(root).project).start("Add logout, and add login", TODAY)
    second = context(root, plan=other)
    run_plan(second)
    assert [item["id"] for item in listed(second)] == [
        "add-login-01",
        "add-login-02",
        "add-logout-and-add-login-01",
        "add-logout-and-add-login-02",
    ]
    assert ran(context(root)) == []


def test_plans_of_one_name_on_two_days_have_ids_of_their_own(root: Path) -> None:
    first = context(root)
    run_plan(first)
    first.plan.features.unlink()
    other = plans_of(first.project).start("Add login", date(2026, 4, 1))
    assert other.slug == first.plan.slug
    second = context(root, plan=other)
    run_plan(second)
    assert [item["id"] for item in listed(second)] == ["add-login-01-2", "add-login-02-2"]


@pytest.mark.parametrize("place", ["../plans", "/tmp/plans", "."])
def test_plans_outside_of_the_project_are_refused(place: str, root: Path) -> None:
    (root / "orchestrator.toml").write_text(f'[plan]\nroot = "{place}"\n')
    with pytest.raises(OrchestratorError, match=r"\[plan\] root must be a folder inside the project"):
        context(root)


def test_plans_lie_where_the_settings_say(root: Path) -> None:
    (root / "orchestrator.toml").write_text('[plan]\nroot = "docs"\ntracker = "none"\n[verify]\ncommand = "true"\n')
    path = "docs/plans/mine.md"
    own = context(root, agent(root, plan=[writes(PLAN, to=path, output=f"It is in {path}")]))
    run_plan(own)
    assert own.plan.plan == root / "docs" / "plans" / NAME / "plan.md"
    assert ran(own) == []


# Agents that fail


def fails(own: PlanContext) -> StepFailed:
    with pytest.raises(StepFailed) as error:
        run_plan(own)
    return error.value


def nothing(output: str = "") -> Any:
    return lambda request, root: said(output)


@pytest.mark.parametrize(
    ("step", "answer", "what", "phase"),
    [
        ("research", nothing("Done!"), "research: the agent wrote nothing to {research}", "research-failed"),
        (
            "research",
            nothing("I wrote thoughts/shared/research/other.md"),
            "research: the agent wrote nothing to {research}; it names thoughts/shared/research/other.md, "
            "which it did not write either",
            "research-failed",
        ),
        ("plan", writes("  \n"), "plan: the agent left {plan} empty", "planning-failed"),
        (
            "requirements",
            tells({"requirements": []}),
            "requirements: no sound answer in 3 sessions: `requirements` must be a list of at least one requirement.",
            "requirement-decomposition-failed",
        ),
        (
            "phases",
            nothing("I could not."),
            "phases: no sound answer in 3 sessions: The answer held no JSON object.",
            "phase-decomposition-failed",
        ),
        (
            "plan",
            ends(Outcome.TIMEOUT, error="no end in 3600 s\nmore"),
            "plan: the agent's session ended as timeout: no end in 3600 s",
            "planning-failed",
        ),
    ],
)
def test_an_agent_that_fails_leaves_one_checkpoint_and_invents_nothing(
    step: str, answer: Any, what: str, phase: str, root: Path
) -> None:
    scripted = agent(root, **{step: [answer]})
    own = context(root, scripted)
    target = {"research": own.plan.research, "plan": own.plan.plan}.get(step, own.plan.hierarchy)
    wanted = what.format(research=own.plan.relative(own.plan.research), plan=own.plan.relative(own.plan.plan))
    for _ in range(2):
        error = fails(own)
        assert (error.what, error.exit_code) == (wanted, 1)
        assert left(root) == [(phase, [str(error)])]
    assert not own.plan.features.exists()
    if step in ("research", "requirements"):
        assert not target.exists()
    scripted.answers = agent(root).answers
    run_plan(own)
    assert left(root) == []


def test_a_checkpoint_names_what_is_made_and_the_commit(root: Path) -> None:
    own = context(root, agent(root, plan=[nothing()]))
    fails(own)
    [found] = checkpoints.load_all(root)
    assert found.git_commit == git(root, "rev-parse", "HEAD")
    assert found.artifacts[:2] == (str(own.plan.research), str(own.plan.memory))
    assert of_checkpoint(own.plans, found) == own.plan


def test_a_run_goes_on_where_the_last_one_failed(root: Path) -> None:
    scripted = agent(root, plan=[nothing(), writes(PLAN)])
    own = context(root, scripted)
    fails(own)
    assert scripted.steps() == ["research", "requirements", "plan"]
    assert ran(own) == ["plan", "phases", "features"]


def test_ctrl_c_leaves_a_checkpoint_and_exits_130(root: Path) -> None:
    def presses(request: object, root: Path) -> Any:
        raise KeyboardInterrupt

    for answer in (presses, ends(Outcome.INTERRUPTED)):
        own = context(root, agent(root, research=[answer]))
        with pytest.raises(StepInterrupted) as error:
            run_plan(own)
        assert error.value.exit_code == 130
        assert [phase for phase, _ in left(root)] == ["research-failed"]


@pytest.mark.parametrize("outcome", [Outcome.NOT_INSTALLED, Outcome.NOT_LOGGED_IN])
def test_a_missing_agent_exits_3(outcome: Outcome, root: Path) -> None:
    error = fails(context(root, agent(root, research=[ends(outcome, error="no claude")])))
    assert error.exit_code == 3


def test_limits_are_waited_for_and_count_as_no_attempt(root: Path) -> None:
    waited: list[float] = []
    busy = ends(Outcome.OVERLOADED)
    scripted = agent(root, research=[busy, busy, ends(Outcome.RATE_LIMITED, reset_at=0.0), writes(RESEARCH)])
    run_plan(context(root, scripted, sleep=waited.append))
    assert waited == [5.0, 10.0, 1.0]


def test_a_failed_rerun_gives_back_the_artifact_that_was_there(root: Path) -> None:
    def spoils(request: Any, root: Path) -> Any:
        writes("half")(request, root)
        return ends(Outcome.FAILED, error="crashed")(request, root)

    scripted = agent(root, plan=[writes(PLAN), spoils])
    own = context(root, scripted)
    run_plan(own)
    own.plan.research.write_text("# Other\n")
    assert fails(own).what == "plan: the agent's session ended as failed: crashed"
    assert own.plan.plan.read_text() == PLAN
    assert not freshness(PLAN_STEP, own).up_to_date


def test_half_an_artifact_does_not_pass_for_a_whole_one(root: Path) -> None:
    def dies_half_way(request: Any, root: Path) -> Any:
        writes("half")(request, root)
        return ends(Outcome.FAILED, error="crashed")(request, root)

    scripted = agent(root, plan=[writes(PLAN), dies_half_way, writes(PLAN)])
    own = context(root, scripted)
    run_plan(own)
    own.plan.plan.unlink()
    fails(own)
    assert own.plan.plan.read_text() == "half"
    assert ran(own) == ["plan"]
    assert own.plan.plan.read_text() == PLAN


def test_an_artifact_that_the_agent_deletes_comes_back(root: Path) -> None:
    own = context(root)

    def deletes(request: Any, root: Path) -> Any:
        own.plan.plan.unlink()
        return said("gone")

    own.agent = agent(root, plan=[writes(PLAN), deletes])
    run_plan(own)
    own.plan.research.write_text("# Other\n")
    assert "wrote nothing" in fails(own).what
    assert own.plan.plan.read_text() == PLAN


def test_an_unchanged_artifact_does_not_pass_for_a_written_one(root: Path) -> None:
    own = context(root, agent(root, plan=[writes(PLAN), nothing("wrote it")]))
    run_plan(own)
    own.plan.research.write_text("# Other\n")
    assert "wrote nothing" in fails(own).what


def test_a_file_written_elsewhere_is_moved_to_its_place(root: Path) -> None:
    path = "thoughts/shared/research/2026-03-09-mine.md"
    own = context(root, agent(root, research=[writes(RESEARCH, to=path, output=f"I wrote `{path}`.")]))
    run_plan(own)
    assert own.plan.research.read_text() == RESEARCH
    assert not (root / path).exists()


def test_an_older_file_that_is_merely_named_is_left_alone(root: Path) -> None:
    old = root / "thoughts/shared/research/2020-01-01-old.md"
    old.parent.mkdir(parents=True)
    old.write_text("# Old\n")
    own = context(root, agent(root, research=[nothing("See thoughts/shared/research/2020-01-01-old.md")]))
    assert "wrote nothing" in fails(own).what
    assert old.read_text() == "# Old\n"


def test_problems_are_fed_back_until_the_answer_is_sound(root: Path) -> None:
    bad = {"requirements": [{"description": "R", "children": ["only one"]}]}
    scripted = agent(root, requirements=[tells(bad), nothing("{cut"), tells(REQUIREMENTS)])
    run_plan(context(root, scripted))
    first, second, third = [item.prompt for item in scripted.requests if item.feature_id == "plan-requirements"]
    assert "was not sound" not in first
    assert "- REQ_000 has 1 sub-processes; 2 to 5 are wanted." in second
    assert '"only one"' in second
    assert "- The answer held no JSON object." in third
    assert "{cut" in third


def test_a_broken_phase_file_is_named_and_not_overwritten(root: Path) -> None:
    own = context(root)
    run_plan(own)
    path = own.plan.phase_files()[0]
    path.write_text("---\nid: add-login-01\n# no end\n")
    error = fails(own)
    assert error.what == "phases: the front matter is not closed"
    assert error.where == f"{own.plan.relative(path)}:1"
    assert path.read_text() == "---\nid: add-login-01\n# no end\n"


# People


class Person(Unattended):
    def __init__(self, *choices: Choice, plans: tuple[str | None, ...] = (None,), retry: bool = True) -> None:
        self.choices = [*choices, Choice("continue")]
        self.plans = list(plans)
        self.retry = retry
        self.questions: list[str] = []

    def after_research(self, path: str, questions: Any, typed: str = "") -> Choice:
        self.questions += questions
        return self.choices.pop(0)

    def after_plan(self, path: str, typed: str = "") -> str | None:
        return self.plans.pop(0)

    def retry_decomposition(self, error: str) -> bool | None:
        self.questions.append(error)
        return self.retry


def test_answers_to_open_questions_go_into_the_next_research(root: Path) -> None:
    scripted = agent(root, research=[writes(RESEARCH + "\n## Open questions\n\n- Which one?\n"), writes(RESEARCH)])
    person = Person(Choice("revise", "The first."), Choice("revise", "And quickly."))
    own = context(root, scripted, dialogue=person)
    run_plan(own)
    assert person.questions == ["Which one?"]
    assert scripted.steps()[:4] == ["research", "research", "research", "requirements"]
    assert "The first." in scripted.requests[1].prompt
    assert own.plan.prompt.read_text() == "Add login\n\n## More context\n\nThe first.\n\nAnd quickly.\n"
    assert ran(own) == []


def test_starting_over_takes_a_new_prompt(root: Path) -> None:
    scripted = agent(root)
    run_plan(context(root, scripted, dialogue=Person(Choice("restart", "Add logout"), Choice("restart", ""))))
    texts = ["Add logout" in request.prompt for request in scripted.requests[:3]]
    assert texts == [False, True, True]


def test_leaving_after_the_research_keeps_it(root: Path) -> None:
    scripted = agent(root)
    own = context(root, scripted, dialogue=Person(Choice("exit")))
    with pytest.raises(StepStopped) as error:
        run_plan(own)
    assert error.value.exit_code == 1
    assert [phase for phase, _ in left(root)] == ["research-stopped"]
    assert ran(own)[:2] == ["memory", "requirements"]
    assert left(root) == []


def test_a_plan_is_made_again_with_the_users_wishes(root: Path) -> None:
    scripted = agent(root, plan=[writes(PLAN), writes(PLAN + "Smaller.\n")])
    own = context(root, scripted, dialogue=Person(plans=("Smaller, please", None)))
    run_plan(own)
    prompts = [request.prompt for request in scripted.requests if request.feature_id == "plan-plan"]
    assert ["Smaller, please" in prompt for prompt in prompts] == [False, True]
    assert ["the plan as it is" in prompt for prompt in prompts] == [False, True]
    assert own.plan.plan.read_text() == PLAN + "Smaller.\n"


def test_a_plan_that_is_not_approved_goes_no_further(root: Path) -> None:
    own = context(root, dialogue=Person(plans=("",)))
    error = fails(own)
    assert (error.what, error.exit_code) == ("plan: the plan was not approved", 1)
    assert own.plan.phase_files() == []


def test_the_user_may_go_on_without_requirements(root: Path) -> None:
    scripted = agent(root, requirements=[nothing("no")])
    own = context(root, scripted, dialogue=Person(retry=False))
    assert ran(own) == ["research", "memory", "requirements", "context", "plan", "phases", "features"]
    assert not own.plan.hierarchy.exists()
    own.dialogue = Unattended()
    assert ran(own) == []


def test_a_retry_asks_the_agent_again(root: Path) -> None:
    scripted = agent(root, requirements=[nothing(), nothing(), nothing(), tells(REQUIREMENTS)])
    run_plan(context(root, scripted, dialogue=Person()))
    assert scripted.steps().count("requirements") == 4


# Resuming


def test_a_research_file_from_elsewhere_starts_a_plan(root: Path) -> None:
    (root / "notes.md").write_text(RESEARCH)
    plan = adopt_research(plans_of(context(root).project), root / "notes.md", TODAY)
    assert plan.name == "2026-03-09-notes"
    scripted = agent(root)
    own = context(root, scripted, plan=plan)
    assert ran(own)[:2] == ["memory", "requirements"]
    assert "research" not in scripted.steps()
    assert plans_of(own.project).current() == plan


def test_a_plan_file_from_elsewhere_is_broken_into_phases(root: Path) -> None:
    (root / "ideas.md").write_text(PLAN)
    plan = adopt_plan(plans_of(context(root).project), root / "ideas.md", TODAY)
    scripted = agent(root)
    own = context(root, scripted, plan=plan)
    assert ran(own) == ["phases", "features"]
    assert ran(own) == []


def test_resuming_at_a_step_redoes_it_and_takes_the_rest_as_it_is(root: Path) -> None:
    scripted = agent(root)
    own = context(root, scripted)
    run_plan(own)
    scripted.asked()
    own.plan.research.write_text("# Edited\n")
    reports = run_plan(own, RESUME_STEPS["phase_decomposition"])
    assert [report.step for report in reports if report.ran] == ["phases", "features"][:1]
    assert scripted.asked() == ["phases", "consistency"]
    assert run_step(RESEARCH_STEP, own).ran is False


def test_resuming_at_planning_needs_the_research_only(root: Path) -> None:
    plans = plans_of(context(root).project)
    research = plans.base / "research" / "2026-03-01-other.md"
    research.parent.mkdir(parents=True)
    research.write_text(RESEARCH)
    plan = adopt_research(plans, research, TODAY)
    assert plan.name == "2026-03-01-other"
    own = context(root, plan=plan)
    assert [report.step for report in run_plan(own, PLAN_STEP) if report.ran] == ["plan", "phases", "features"]
    assert ran(own) == []


def test_resuming_without_what_the_step_needs_says_so(root: Path) -> None:
    own = context(root)
    with pytest.raises(StepFailed) as error:
        run_plan(own, PHASES_STEP)
    assert error.value.what == f"phases: thoughts/shared/plans/{NAME}/plan.md is missing"


# Issues


def test_the_plan_is_tracked_where_bd_is_set_up(root: Path) -> None:
    (root / "orchestrator.toml").write_text('[verify]\ncommand = "true"\n')
    bd = Bd(root, bd_cli.real(root))
    own = context(root, bd=bd)
    own.plan.ticket_file.write_text("T-1\n")
    run_plan(own)
    assert sorted(item["title"] for item in bd.issues()) == [
        "Phase 1: Store users (add-login-01)",
        "Phase 2: Check passwords (add-login-02)",
        "Plan: T-1",
    ]
    assert "Issue: `" in own.plan.phase_files()[0].read_text()
    # Our own note in the phase files is no edit of them.
    assert ran(own) == []


def test_bd_failing_is_a_note_and_the_next_run_goes_on(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "orchestrator.toml").write_text('[verify]\ncommand = "true"\n')
    own = context(root, bd=Bd(root, bd_cli.fake(root, monkeypatch, "1.0.5")))
    monkeypatch.setenv("FAKE_BD_FAIL", "4")
    report = run_plan(own)[-1]
    assert report.note == "bd dep failed: the disk is full; what is made is kept, the next run goes on"
    monkeypatch.delenv("FAKE_BD_FAIL")
    assert run_plan(own)[-1].note == "1 issues made"
    assert len(bd_cli.state(root)["issues"]) == 3
    assert ran(own) == []


def test_without_bd_the_step_is_skipped_with_a_note(root: Path) -> None:
    own = context(root)
    assert run_plan(own)[-1].note == 'skipped: the tracker is off ([plan] tracker = "none")'
    (root / "orchestrator.toml").write_text('[verify]\ncommand = "true"\n')
    absent = context(root, bd=Bd(root, "/nowhere/bd"))
    assert run_plan(absent)[-1].note == "skipped: bd (beads) is not installed"
    assert not own.plan.beads.exists()


def test_steps_have_dependencies_and_targets_for_doit(root: Path) -> None:
    own = context(root)
    run_plan(own)
    targets = [path for step in STEPS for path in step.targets(own.plan)]
    assert len(set(targets)) == len(targets)
    for step in STEPS:
        assert all(path.is_file() for path in step.file_dep(own.plan))
    shutil.rmtree(own.plan.folder)
    assert PLAN_STEP.file_dep(own.plan) == [own.plan.research]

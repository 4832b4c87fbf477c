"""What people wrote stays, whatever is planned anew; and what is built stays built."""

from __future__ import annotations

import copy
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from support.repos import git
from support.scripted_plan import (
    NAME,
    PHASES,
    PLAN,
    REQUIREMENTS,
    RESEARCH,
    TODAY,
    Heard,
    agent,
    built,
    context,
    tells,
    writes,
)

from orchestrator import project
from orchestrator.planning.running.context import PlanContext, plans_of
from orchestrator.planning.running.runner import run_plan
from orchestrator.staleness import facts
from orchestrator.staleness.state import states


def phases(*changes: dict[str, Any], first: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    """PHASES with changes of each phase, and new phases before them."""
    data = copy.deepcopy(PHASES)
    for phase, change in zip(data["phases"], changes, strict=False):
        phase |= change
    data["phases"] = [*first, *data["phases"]]
    return data


def listed(own: PlanContext) -> dict[str, dict[str, Any]]:
    return {item["id"]: item for item in json.loads(own.plan.features.read_text("utf-8"))["features"]}


def edit(own: PlanContext, id: str, **fields: object) -> None:
    data = json.loads(own.plan.features.read_text("utf-8"))
    for item in data["features"]:
        if item["id"] == id:
            item.update(fields)
    own.plan.features.write_text(json.dumps(data, indent=2))


def remove(own: PlanContext, id: str) -> None:
    data = json.loads(own.plan.features.read_text("utf-8"))
    data["features"] = [item for item in data["features"] if item["id"] != id]
    own.plan.features.write_text(json.dumps(data, indent=2))


def state(root: Path) -> dict[str, str]:
    return {id: item.state.value for id, item in states(facts.load(project.load(root))).items()}


def replanned(own: PlanContext) -> list[str]:
    """Runs after an edit of plan.md; the steps that did something."""
    with own.plan.plan.open("a") as file:
        file.write("\nMore.\n")
    return [report.step for report in run_plan(own) if report.ran]


# Features


def test_one_edited_word_leaves_the_hand_edits_of_all_features(root: Path) -> None:
    own = context(root)
    run_plan(own)
    built(root, "add-login-01")
    edit(own, "add-login-01", tests=["A saved user is loaded unchanged", "Run it.", "By hand"], owner="me")
    edit(own, "add-login-02", name="By hand")
    path = own.plan.phase_files()[1]
    path.write_text(path.read_text().replace("Passwords are compared.", "Passwords are hashed and compared."))
    before = listed(own)
    run_plan(own)
    after = listed(own)
    assert after["add-login-01"] == before["add-login-01"]
    assert after["add-login-02"] == {**before["add-login-02"], "description": "Passwords are hashed and compared."}


def test_a_feature_that_a_hand_deleted_stays_deleted_and_its_changed_phase_is_told(root: Path) -> None:
    heard = Heard()
    own = context(root, observer=heard)
    run_plan(own)
    remove(own, "add-login-02")
    first, second = own.plan.phase_files()
    first.write_text(first.read_text().replace("Users are kept.", "Users are kept for ever."))
    run_plan(own)
    assert list(listed(own)) == ["add-login-01"]
    second.write_text(second.read_text().replace("Passwords", "All passwords"))
    run_plan(own)
    assert list(listed(own)) == ["add-login-01"]
    assert "taken out of feature_list.json by hand; it stays out" in heard.said("add-login-02: its phase has changed")


def test_what_phase_and_hand_both_changed_is_told_once_and_left(root: Path) -> None:
    heard = Heard()
    own = context(root, observer=heard)
    run_plan(own)
    edit(own, "add-login-01", description="The hand's.")
    path = own.plan.phase_files()[0]
    path.write_text(path.read_text().replace("Users are kept.", "The phase's."))
    run_plan(own)
    assert listed(own)["add-login-01"]["description"] == "The hand's."
    conflict = "add-login-01: description: changed in the phase and by hand; left as the list has it"
    assert heard.said("changed in the phase and by hand") == conflict
    heard.notes.clear()
    path.write_text(path.read_text() + "\n## Notes\n\nmine\n")
    run_plan(own)
    assert conflict not in heard.notes


def test_a_second_person_s_clone_merges_as_the_first_would(root: Path, tmp_path: Path) -> None:
    run_plan(context(root))
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "a plan")
    clone = tmp_path / "clone"
    git(root, "clone", "-q", ".", str(clone))
    git(clone, "config", "user.name", "Second")
    git(clone, "config", "user.email", "second@example.com")
    scripted = agent(clone)
    own = context(clone, scripted)
    edit(own, "add-login-01", name="By hand")
    path = own.plan.phase_files()[0]
    path.write_text(path.read_text().replace("Users are kept.", "Users are kept safe."))
    run_plan(own)
    assert scripted.requests == []
    found = listed(own)["add-login-01"]
    assert (found["name"], found["description"]) == ("By hand", "Users are kept safe.")


# Artifacts


def test_a_rerun_shows_the_agent_what_a_hand_wrote_and_keeps_it(root: Path) -> None:
    heard = Heard()
    scripted = agent(root, plan=[writes(PLAN), writes(PLAN + "\nMine, kept.\n")])
    own = context(root, scripted, observer=heard)
    run_plan(own)
    own.plan.plan.write_text(PLAN + "\nWritten by hand.\n")
    hierarchy = json.loads(own.plan.hierarchy.read_text())
    hierarchy["requirements"][0]["description"] = "People sign in"
    own.plan.hierarchy.write_text(json.dumps(hierarchy))
    own.plan.research.write_text(RESEARCH + "\nBy hand.\n")
    scripted.asked()
    run_plan(own)
    prompts = {request.feature_id: request.prompt for request in scripted.requests}
    assert "Written by hand." in prompts["plan-plan"]
    assert "A person has edited it" in prompts["plan-plan"]
    assert "People sign in" in prompts["plan-requirements"]
    assert "A person has edited them" in prompts["plan-requirements"]
    for name, words in ((own.plan.plan, "Written by hand."), (own.plan.hierarchy, "People sign in")):
        said = heard.said(f"{own.plan.relative(name)} was edited by hand")
        command = re.search(r"git (show refs/orchestrator/plans/\S+)", said)
        assert command
        assert words in git(root, *command[1].split())


def test_an_artifact_that_nobody_edited_is_not_called_edited(root: Path) -> None:
    heard = Heard()
    scripted = agent(root)
    own = context(root, scripted, observer=heard)
    run_plan(own)
    own.plan.prompt.write_text("Add login, quickly\n")
    scripted.asked()
    run_plan(own)
    assert not [note for note in heard.notes if "edited by hand" in note]
    assert "person has edited" not in scripted.requests[0].prompt


def test_hand_edits_of_a_phase_file_survive_an_agent_that_passes_them_over(root: Path) -> None:
    own = context(root, agent(root, phases=[tells(PHASES), tells(phases({}, {"description": "Hashes are compared."}))]))
    run_plan(own)
    first = own.plan.phase_files()[0]
    text = first.read_text().replace("Users are kept.", "Users are kept by hand.")
    first.write_text(text.replace("- A saved", "- By hand\n- A saved") + "\n## Notes\n\nAsk Ada.\n")
    replanned(own)
    text = own.plan.phase_files()[0].read_text()
    assert "Users are kept by hand." in text
    assert "- By hand\n" in text
    assert text.endswith("## Notes\n\nAsk Ada.\n")
    assert "Hashes are compared." in own.plan.phase_files()[1].read_text()


def test_a_hash_in_a_code_block_of_a_description_stays(root: Path) -> None:
    description = "Clear it:\n\n```sh\n# rm x\nrm x\n```\n\n## A heading\n\nEnd."
    own = context(root, agent(root, phases=[tells(phases({"description": description}))]))
    run_plan(own)
    assert listed(own)["add-login-01"]["description"] == description.replace("## A heading", "A heading")


# What is built


def test_a_phase_put_first_and_a_moved_file_change_nothing_that_is_built(root: Path) -> None:
    new = {
        "name": "Log out", "description": "Sessions end.", "depends_on": [], "acceptance_criteria": ["a session ends"],
        "check": "Run it.", "requirements": ["REQ_000"],
    }  # fmt: skip
    moved = phases({}, {"depends_on": [2]}, first=(new,))
    own = context(root, agent(root, phases=[tells(PHASES), tells(moved)]))
    run_plan(own)
    built(root, "add-login-01", "add-login-02")
    replanned(own)
    assert [path.name for path in own.plan.phase_files()] == [
        "01-log-out.md", "02-store-users.md", "03-check-passwords.md",
    ]  # fmt: skip
    assert state(root) == {"add-login-01": "done", "add-login-02": "done", "add-login-01-2": "todo"}
    git(root, "add", "-A")
    git(root, "mv", own.plan.relative(own.plan.phase_files()[2]), own.plan.relative(own.plan.folder / "09-x.md"))
    assert state(root)["add-login-02"] == "done"
    run_plan(own)
    assert listed(own)["add-login-02"]["inputs"] == [f"thoughts/shared/plans/{NAME}/09-x.md"]
    assert state(root)["add-login-02"] == "done"


def test_phases_that_an_agent_calls_unchanged_stay_byte_for_byte(root: Path) -> None:
    going_on = {"overview": "o", "phases": [
        {"id": "add-login-01", "name": "Store users", "unchanged": True},
        {"id": "add-login-02", "name": "Check passwords", "unchanged": True},
    ]}  # fmt: skip
    scripted = agent(root, phases=[tells(PHASES), tells(going_on)])
    own = context(root, scripted)
    run_plan(own)
    built(root, "add-login-01", "add-login-02")
    before = [path.read_bytes() for path in own.plan.phase_files()]
    scripted.asked()
    replanned(own)
    assert scripted.asked() == ["phases", "consistency"]
    assert [path.read_bytes() for path in own.plan.phase_files()] == before
    assert set(state(root).values()) == {"done"}


def test_a_phase_that_fell_out_is_dropped_a_built_one_kept(root: Path) -> None:
    heard = Heard()
    one = {**copy.deepcopy(PHASES), "phases": [{**PHASES["phases"][0], "requirements": ["REQ_000"]}]}  # type: ignore[index, dict-item]
    scripted = agent(root, phases=[tells(PHASES), tells(one), tells(PHASES)])
    own = context(root, scripted, observer=heard)
    run_plan(own)
    replanned(own)
    assert [path.name for path in own.plan.phase_files()] == ["01-store-users.md"]
    assert state(root)["add-login-02"] == "dropped"
    assert "its phase is no longer in the plan; dropped" in heard.said("add-login-02: ")
    command = re.search(r"git (show refs/\S+)\)", heard.said("no longer in the plan: add-login-02"))
    assert command
    assert "Passwords are compared." in git(root, *command[1].split())
    replanned(own)  # the third answer has it again
    assert state(root) == {"add-login-01": "todo", "add-login-02": "waiting"}
    assert len(listed(own)) == 2


def test_a_built_phase_that_fell_out_stays_with_its_file(root: Path) -> None:
    heard = Heard()
    one = {**copy.deepcopy(PHASES), "phases": [{**PHASES["phases"][0], "requirements": ["REQ_000"]}]}  # type: ignore[index, dict-item]
    own = context(root, agent(root, phases=[tells(PHASES), tells(one)]), observer=heard)
    run_plan(own)
    built(root, "add-login-01", "add-login-02")
    replanned(own)
    assert state(root)["add-login-02"] == "done"
    assert len(own.plan.phase_files()) == 2
    assert heard.said("no longer in the plan, but built")


def test_a_deleted_phase_file_takes_its_feature_with_it_and_is_not_brought_back(root: Path) -> None:
    heard = Heard()
    scripted = agent(root)
    own = context(root, scripted, observer=heard)
    run_plan(own)
    scripted.asked()
    own.plan.phase_files()[1].unlink()
    run_plan(own)
    assert scripted.asked() == []
    assert state(root)["add-login-02"] == "dropped"
    replanned(own)  # the agent names it again
    assert [path.name for path in own.plan.phase_files()] == ["01-store-users.md"]
    assert list(listed(own)) == ["add-login-01", "add-login-02"]
    assert heard.said("left out again, as its file was taken out by hand: Check passwords")
    assert "Don't bring them back: Check passwords." in scripted.requests[0].prompt


def test_a_phase_written_by_hand_outlives_a_new_breakdown(root: Path) -> None:
    own = context(root)
    run_plan(own)
    mine = own.plan.folder / "03-log-out.md"
    mine.write_text("# Log out\n\nThe session ends.\n")
    run_plan(own)
    replanned(own)
    assert "The session ends." in mine.read_text()
    assert state(root)["add-login-03"] == "todo"


def test_stamps_that_are_gone_cost_no_session_and_overwrite_nothing(root: Path) -> None:
    scripted = agent(root)
    own = context(root, scripted)
    run_plan(own)
    edit(own, "add-login-01", name="By hand")
    before = listed(own)
    own.plan.stamps.unlink()
    scripted.asked()
    run_plan(own)
    assert (scripted.asked(), listed(own)) == ([], before)


def test_deleted_renderings_are_made_again_without_a_session(root: Path) -> None:
    scripted = agent(root)
    own = context(root, scripted)
    run_plan(own)
    files = (own.plan.diagram, own.plan.property_tests, own.plan.overview)
    before = [path.read_text() for path in files]
    scripted.asked()
    for path in files:
        path.unlink()
    run_plan(own)
    assert (scripted.asked(), [path.read_text() for path in files]) == ([], before)


def test_a_rendering_follows_its_source_unless_a_hand_wrote_in_it(root: Path) -> None:
    own = context(root)
    run_plan(own)
    own.plan.property_tests.write_text("mine\n")
    hierarchy = json.loads(own.plan.hierarchy.read_text())
    hierarchy["requirements"][0]["description"] = "People sign in"
    own.plan.hierarchy.write_text(json.dumps(hierarchy))
    run_plan(own)
    assert "People sign in" in own.plan.diagram.read_text()
    assert own.plan.property_tests.read_text() == "mine\n"


def test_a_half_committed_plan_asks_for_no_session_in_a_clone(root: Path, tmp_path: Path) -> None:
    own = context(root)
    run_plan(own)
    git(root, "add", "-A")
    git(root, "rm", "-q", "--cached", own.plan.relative(own.plan.prompt), own.plan.relative(own.plan.diagram))
    git(root, "commit", "-q", "-m", "half a plan")
    clone = tmp_path / "clone"
    git(root, "clone", "-q", ".", str(clone))
    scripted = agent(clone)
    plan = plans_of(project.load(clone)).current()
    assert plan
    assert not plan.prompt.exists()
    run_plan(context(clone, scripted, plan=plan))
    assert scripted.requests == []


def test_the_same_wish_on_another_day_is_the_same_plan(root: Path) -> None:
    own = context(root)
    run_plan(own)
    assert own.plans.asking("  add LOGIN. ") == own.plan
    assert own.plans.asking("Add logout") is None
    assert own.plans.start("Add login", TODAY, new=True).name == f"{NAME}-2"
    assert own.plans.start("Add login", TODAY + timedelta(days=1), new=True).name == "2026-03-10-add-login"


def test_requirements_that_nobody_edited_are_shown_with_their_ids(root: Path) -> None:
    scripted = agent(root)
    own = context(root, scripted)
    run_plan(own)
    own.plan.research.write_text(RESEARCH + "\nBy hand.\n")
    scripted.asked()
    run_plan(own)
    [request] = [item for item in scripted.requests if item.feature_id == "plan-requirements"]
    assert '"id": "REQ_000.1"' in request.prompt
    assert REQUIREMENTS["requirements"][0]["description"] in request.prompt  # type: ignore[operator]

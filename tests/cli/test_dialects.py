"""Lists of other harnesses through the commands that a user types, the hooks and the build."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from support.projects import Made, make
from support.scripted_builds import COMMITS, WORKS, project

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
READ = sorted(
    path.name.removesuffix(".expect.json")
    for path in SAMPLES.glob("*.expect.json")
    if "states" in json.loads(path.read_text(encoding="utf-8"))
)
LIST = "feature_list.json"


def with_list(made: Made, content: bytes | str) -> Made:
    """The project with another list, committed."""
    (made.root / LIST).write_bytes(content.encode() if isinstance(content, str) else content)
    made.git("add", "-A")
    made.git("commit", "-q", "-m", "the list")
    return made


def changed(made: Made, since: str = "HEAD~1") -> list[str]:
    """The lines of the list that a diff shows as gone and as new, without blanks and commas."""
    lines = made.git("diff", since, "--", LIST).splitlines()
    return [
        f"{line[0]} {line[1:].strip().rstrip(',')}"
        for line in lines
        if line[:1] in "+-" and line[:3] not in ("+++", "---")
    ]


STATUS_LIST = """{
 "rules": {"valid_status": ["pending", "in_progress", "done", "blocked"]},
 "features": [
  {"id": 1, "title": "Base", "description": "d",
   "status": "done"},
  {"id": 2, "title": "More", "description": "d", "depends_on": ["1"],
   "acceptance": ["it does"],
   "status": "pending"},
  {"id": 3, "title": "Last", "description": "d", "depends_on": 2,
   "status": "deferred"}
 ]
}
"""


@pytest.fixture
def listed(tmp_path: Path) -> Made:
    return with_list(project(tmp_path, [], COMMITS), STATUS_LIST)


@pytest.mark.parametrize("name", READ)
def test_a_second_build_of_each_sample_starts_no_agent(tmp_path: Path, name: str) -> None:
    made = project(tmp_path, [], COMMITS)
    (made.root / "init.sh").write_text("#!/bin/sh\n")
    (made.root / "init.sh").chmod(0o755)
    (made.root / "answer.json").write_text("[]")
    with_list(made, (SAMPLES / f"{name}.json").read_bytes())
    expected = json.loads((SAMPLES / f"{name}.expect.json").read_text(encoding="utf-8"))
    assert made.states() == expected["states"]
    made.run("orchestrator", "build", code=None)
    built = [session["feature"] for session in made.sessions()]
    assert built == expected.get("order", built)
    left = {id for id, state in made.states().items() if state in ("todo", "changed", "stale")}
    assert left == set()
    made.run("orchestrator", "build", code=None)
    assert len(made.sessions()) == len(built)
    assert made.clean()


def test_status_counts_what_is_dropped_apart_and_it_does_not_keep_a_build_from_being_done(listed: Made) -> None:
    status = listed.json("status")
    assert {key: status[key] for key in ("total", "completed", "remaining", "blocked")} == {
        "total": 2, "completed": 1, "remaining": 1, "blocked": 0,
    }  # fmt: skip
    assert [(f["id"], f["name"], f["state"], f["dependencies"]) for f in status["features"]] == [
        (1, "Base", "done", []),
        (2, "More", "todo", [1]),
        (3, "Last", "dropped", [2]),
    ]
    assert '3: dropped (the list says "deferred")' in listed.run("orchestrator", "why", "3")
    output = listed.run("orchestrator", "build")
    assert "3 features: all up to date, 1 dropped" in output
    assert changed(listed) == ['- "status": "pending"}', '+ "status": "done"', '+ "passes_from": "history"}']


def test_commands_of_a_person_write_the_words_of_the_list(listed: Made) -> None:
    (listed.root / "work.txt").write_text("work")
    listed.run("orchestrator", "complete", "2", "-a", "-m", "by hand")
    assert listed.features()["2"]["status"] == "done"
    listed.run("orchestrator", "reopen", "2", "-m", "no")
    before = (listed.root / LIST).read_bytes()
    assert listed.features()["2"] == {
        "id": 2, "title": "More", "description": "d", "depends_on": ["1"], "acceptance": ["it does"],
        "status": "pending",
    }  # fmt: skip
    listed.run("orchestrator", "block", "2", "-m", "why not")
    assert listed.features()["2"]["status"] == "blocked"
    assert listed.states()["2"] == "blocked"
    listed.run("orchestrator", "unblock", "2")
    assert (listed.root / LIST).read_bytes() == before
    listed.run("orchestrator", "accept", "1", "-m", "as it is")
    assert listed.states()["1"] == "done"


def test_the_hook_flips_the_status_of_what_a_commit_completes_and_its_revert_flips_it_back(listed: Made) -> None:
    listed.run("orchestrator", "hooks", "install")
    (listed.root / "work.txt").write_text("work")
    listed.git("add", "work.txt")
    listed.git("commit", "-q", "-m", "session: completed 2")
    assert json.loads(listed.git("show", f"HEAD:{LIST}"))["features"][1]["status"] == "done"
    listed.git("revert", "--no-edit", "HEAD")
    assert json.loads(listed.git("show", f"HEAD:{LIST}"))["features"][1]["status"] == "pending"
    assert listed.clean()


UNKNOWN = STATUS_LIST.replace('"pending"}', '"offen"}')


def test_a_word_that_nobody_knows_stops_a_build_and_no_commit(tmp_path: Path) -> None:
    made = project(tmp_path, [], WORKS)
    made.run("orchestrator", "hooks", "install")
    (made.root / LIST).write_text(UNKNOWN)
    made.git("add", "-A")
    made.git("commit", "-q", "-m", "the list")
    output = made.run("orchestrator", "build", code=2)
    for text in ('"offen"', "line 8", "[features]", "feature_list.json:8:4"):
        assert text in output
    assert made.sessions() == []
    (made.root / "work.txt").write_text("work")
    made.git("add", "work.txt")
    made.git("commit", "-q", "-m", "session: completed 2")
    assert made.features()["2"]["status"] == "offen"
    with (made.root / "orchestrator.toml").open("a") as settings:
        settings.write('[features]\nnot_done = ["Offen"]\n')
    assert made.states() == {"1": "done", "2": "done", "3": "dropped"}
    assert (
        made.run("orchestrator", "sync") == "2: passes true (completed by " + made.git("rev-parse", "HEAD")[:10] + ")\n"
    )
    assert made.features()["2"]["status"] == "done"


def test_the_commit_hook_warns_of_a_word_that_nobody_knows(listed: Made) -> None:
    listed.run("orchestrator", "hooks", "install")
    (listed.root / LIST).write_text(UNKNOWN)
    listed.git("add", "-A")
    said = stderr_of_commit(listed, "the list")
    assert 'orchestrator: warning: nobody knows what the status "offen" (line 8) means' in said


def stderr_of_commit(made: Made, message: str) -> str:
    done = subprocess.run(["git", "commit", "-m", message], cwd=made.root, capture_output=True, text=True, check=True)
    return done.stderr


@pytest.mark.parametrize(
    ("check", "why"),
    [
        ("no-such-program --at all", "no program is called 'no-such-program'"),
        ("echo 'open", "it is no shell command"),
    ],
)
def test_a_check_that_can_not_start_is_refused_before_anything_is_paid(tmp_path: Path, check: str, why: str) -> None:
    features = [
        {"id": "F1", "name": "n", "description": "d", "verify": check},
        {"id": "F2", "name": "n", "description": "d", "verify": check, "passes": True},
    ]
    made = project(tmp_path, features, WORKS)
    output = made.run("orchestrator", "build", code=2)
    assert f'F1: "verify" can\'t be run: {why}' in output
    assert f"({LIST}:7:7)" in output
    assert made.sessions() == []
    output = made.run("orchestrator", "validate", code=2)
    assert f'{LIST}:7:7: error: F1: "verify" can\'t be run: {why}' in output
    assert f'{LIST}:13:7: warning: F2: "verify" can\'t be run: {why}' in output


def test_a_check_that_reads_as_a_sentence_is_shown_and_not_run(tmp_path: Path) -> None:
    sentence = "true + look at it by hand > fine"
    made = project(tmp_path, [{"id": "F1", "name": "n", "description": "d", "verify": sentence}], WORKS)
    made.run("orchestrator", "build")
    prompt = (made.root / ".agent" / "current-prompt.md").read_text()
    assert sentence in prompt
    assert "`verify` is an acceptance check in words" in prompt
    assert not (made.root / "fine").exists()
    assert made.sessions()[0]["verify"]["command"] == "sh check.sh"


def test_the_prompt_speaks_of_the_feature_as_its_list_does(listed: Made) -> None:
    listed.run("orchestrator", "build")
    prompt = (listed.root / ".agent" / "current-prompt.md").read_text()
    assert '"title": "More"' in prompt
    assert "Each entry of `acceptance` is an acceptance check" in prompt
    assert 'a new `id`, `"status": "pending"`' in prompt
    assert "this feature's `status`" in prompt


def test_an_agent_keeps_its_own_books_about_its_own_feature_only(tmp_path: Path) -> None:
    """It fills evidence and a status of its own feature, which is no change of what was asked for."""
    script = WORKS + (
        'sed -i.bak -e \'s/"pending"}/"in_progress", "evidence": "seen"}/\' -e \'s/"deferred"/"done"/\' '
        "feature_list.json && rm feature_list.json.bak\n"
    )
    made = with_list(project(tmp_path, [], script), STATUS_LIST)
    made.run("orchestrator", "build")
    features = made.features()
    assert (features["2"]["status"], features["2"]["evidence"]) == ("done", "seen")
    assert features["3"]["status"] == "deferred"
    assert made.sessions()[0]["guard"][0].startswith("3: status was changed; restored")
    assert made.states() == {"1": "done", "2": "done", "3": "dropped"}


def test_a_completed_list_that_a_script_reformats_stays_done(tmp_path: Path) -> None:
    folder = SAMPLES / "reformatted-after-done"
    made = with_list(
        project(tmp_path, [], COMMITS), (folder / "before.json").read_bytes().replace(b'"done"', b'"todo"')
    )
    made.run("orchestrator", "build")
    assert set(made.states().values()) == {"done"}
    with_list(made, (folder / "after.json").read_bytes())
    assert made.states() == {"1": "done", "2": "done", "3": "done"}
    made.run("orchestrator", "build")
    assert len(made.sessions()) == 3


@pytest.mark.parametrize(
    ("name", "words"),
    [("by-category", "orchestrator import"), ("no-ids", "orchestrator init"), ("no-backlog", "no feature list"),
     ("utf-16", "UTF-16"), ("numbered-object", "orchestrator import")],
)  # fmt: skip
def test_what_is_no_list_is_one_line_that_says_what_to_type(tmp_path: Path, name: str, words: str) -> None:
    made = with_list(make(tmp_path / "project", []), (SAMPLES / f"{name}.json").read_bytes())
    for command in ("status", "build", "next", "validate"):
        output = made.run("orchestrator", command, code=2)
        assert words in output
        assert len(output.splitlines()) == 1


SAYS_DONE = (
    "mkdir -p src; echo broken > src/x; "
    'sed -i.bak -e \'s/"passes": false/"passes": true/; s/"pending"/"done"/\' feature_list.json; rm *.bak\n'
)


@pytest.mark.parametrize("field", [{"passes": False}, {"status": "pending"}])
def test_an_agent_that_calls_its_feature_done_in_the_list_is_not_believed(
    tmp_path: Path, field: dict[str, object]
) -> None:
    """What its check refused would else count as a person's word: after `unblock`, or in the next build."""
    made = project(tmp_path, [{"id": "F1", "name": "n", "description": "d", **field}], SAYS_DONE)
    made.run("orchestrator", "build", code=1)
    assert made.states() == {"F1": "blocked"}
    made.run("orchestrator", "unblock", "F1")
    assert made.states() == {"F1": "todo"}
    key, value = next(iter(field.items()))
    assert made.features()["F1"][key] == value

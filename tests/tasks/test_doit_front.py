"""doit's side: light tasks, the journal, the stamp, and doit's own commands on build tasks."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from doit.task import Task
from support.projects import Made, make

from orchestrator.tasks.database import JournalDB
from orchestrator.tasks.light import LightTask

FEATURES = [
    {"id": "F1", "name": "one", "description": "d", "inputs": ["spec.md"]},
    {"id": "F2", "name": "two", "description": "d", "dependencies": ["F1"]},
]
SETTINGS = """
[agent]
kind = "command"
command = ["sh", "-c", "date +%N >> log"]
retry_delay = 0
[verify]
command = "true"
"""


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return make(tmp_path / "project", FEATURES, SETTINGS, files={"spec.md": "what\n"})


def test_a_light_task_has_every_attribute_that_doit_gives_a_task() -> None:
    light = LightTask("build:x", bool, must=False, task_dep=[], reason="", doc="x")
    missing = [name for name in vars(Task("x", None)) if not hasattr(light, name)]
    assert missing == []


def test_the_journal_survives_a_torn_line_and_forgets_nothing(tmp_path: Path) -> None:
    path = tmp_path / "doit.jsonl"
    database = JournalDB(str(path), None)
    for task in ("a", "b"):
        database.set(task, "result:", task.upper())
        database.set(task, "deps:", ())
    with path.open("ab") as file:
        file.write(b'["c", {"resu')
    again = JournalDB(str(path), None)
    assert (again.get("a", "result:"), again.get("b", "result:"), again.in_("c")) == ("A", "B", False)
    again.set("d", "deps:", ("x",))
    again.remove("a")
    last = JournalDB(str(path), None)
    assert (last.in_("a"), last.get("b", "result:"), last.get("d", "deps:")) == (False, "B", ["x"])


def test_a_task_is_kept_only_once_doit_has_said_all_of_it(tmp_path: Path) -> None:
    database = JournalDB(str(tmp_path / "db"), None)
    database.set("a", "result:", 1)
    assert not JournalDB(str(tmp_path / "db"), None).in_("a")
    database.set("a", "deps:", ())
    assert JournalDB(str(tmp_path / "db"), None).in_("a")


def test_a_long_journal_is_made_short_and_says_the_same(tmp_path: Path) -> None:
    path = tmp_path / "db"
    database = JournalDB(str(path), None)
    for number in range(300):
        database.set("a", "result:", number)
        database.set("a", "deps:", ())
    database.dump()
    assert len(path.read_bytes().splitlines()) == 2
    assert JournalDB(str(path), None).get("a", "result:") == 299


def test_doit_lists_every_feature_by_name_and_state(made: Made) -> None:
    listed = made.run("doit", "list", "--all", "--status", "--quiet")
    assert [line.split() for line in listed.splitlines()] == [
        ["R", "build"], ["R", "build:F1"], ["R", "build:F2"], ["R", "plan"]
    ]  # fmt: skip
    made.run("doit", "build")
    lines = made.run("doit", "list", "--all", "--status").splitlines()
    assert [line.split() for line in lines[1:3]] == [["U", "build:F1", "one"], ["U", "build:F2", "two"]]


def test_doit_info_gives_the_reasons_of_why(made: Made) -> None:
    assert "not completed yet" in made.run("doit", "info", "build:F1", code=1)
    made.run("doit", "build")
    assert "up-to-date" in made.run("doit", "info", "build:F1")
    made.edit("F1", description="other")
    reason = made.json("why", "F1")["reason"]
    assert reason in made.run("doit", "info", "build:F1", code=1)


def test_a_named_feature_is_built_with_what_it_needs(made: Made) -> None:
    made.run("doit", "build:F2")
    assert [session["feature"] for session in made.sessions()] == ["F1", "F2"]
    made.run("doit", "build:F2")
    made.run("orchestrator", "build", "F1")
    assert len(made.sessions()) == 2


def test_a_named_feature_that_is_blocked_fails(made: Made) -> None:
    made.run("orchestrator", "block", "F1", "-m", "no")
    assert "F1 is blocked" in made.run("doit", "build:F1", code=1)
    made.run("doit", "build:F2", code=None)
    assert made.sessions() == []


def test_deleting_doits_database_costs_no_session(made: Made) -> None:
    made.run("doit", "build")
    for path in (made.root / ".git" / "orchestrator").iterdir():
        if path.is_file():
            path.unlink()
    made.run("doit", "build")
    made.run("doit", "forget", "--all")
    made.run("doit", "build")
    assert len(made.sessions()) == 2


def test_a_bad_list_is_one_line_and_exit_code_2_in_doit_too(made: Made) -> None:
    (made.root / "feature_list.json").write_text('{"features": [{"id" "F1"}]}')
    output = made.run("doit", "build", code=2)
    assert output.startswith("orchestrator: error: ")
    assert "feature_list.json:1:21" in output
    assert len(output.splitlines()) == 1


def test_a_users_own_tasks_run_as_doit_runs_them(made: Made) -> None:
    with (made.root / "dodo.py").open("a") as dodo:
        dodo.write("\ndef task_hello():\n    return {'actions': ['echo hello'], 'verbosity': 2}\n")
    assert made.run("doit", "hello") == ".  hello\nhello\n"


OWN_TASK = """

def task_pack():
    return {"actions": ["echo packed"], "task_dep": ["build:F2"], "verbosity": 2}
"""


def test_a_users_task_waits_for_the_feature_that_it_depends_on(made: Made) -> None:
    with (made.root / "dodo.py").open("a") as dodo:
        dodo.write(OWN_TASK)
    assert "packed" in made.run("doit", "pack")
    assert [session["feature"] for session in made.sessions()] == ["F1", "F2"]
    assert "packed" in made.run("doit", "pack")  # all is done, and the tasks of what is done are there all the same
    assert "packed" in made.run("doit", "build", "pack")
    assert len(made.sessions()) == 2


@pytest.mark.parametrize("words", [["pack"], ["build", "pack"], ["pack", "build"], ["--continue", "build", "pack"]])
@pytest.mark.parametrize("blocked", ["F1", "F2"])
def test_a_users_task_does_not_run_where_the_feature_is_not_done(made: Made, words: list[str], blocked: str) -> None:
    with (made.root / "dodo.py").open("a") as dodo:
        dodo.write(OWN_TASK)
    made.run("orchestrator", "block", blocked, "-m", "no")
    code = 2 if "--continue" in words else 1  # doit's own codes: a dependency is not met, a task failed
    assert "packed" not in made.run("doit", *words, code=code)
    assert "packed" not in made.run("doit", *words, code=code)  # also where nothing is left to build


def test_a_feature_that_fails_stops_no_other_though_a_users_task_depends_on_it(made: Made) -> None:
    made.edit("F2", dependencies=[])
    with (made.root / "dodo.py").open("a") as dodo:
        dodo.write(OWN_TASK)
    made.run("orchestrator", "block", "F2", "-m", "no")
    made.run("doit", "build", code=1)
    assert made.states() == {"F1": "done", "F2": "blocked"}


def test_a_feature_that_fails_stops_no_other_whatever_options_doit_has(made: Made) -> None:
    made.edit("F2", dependencies=[])
    failing = SETTINGS.replace("date +%N >> log", "test {id} = F2 && date +%N >> log") + "\n"
    (made.root / "orchestrator.toml").write_text(failing.replace("[verify]", "max_attempts = 1\n[verify]"))
    made.run("doit", "-v", "2", code=1)
    assert made.states() == {"F1": "blocked", "F2": "done"}


def test_a_parallel_doit_knows_the_features_that_a_users_task_depends_on(made: Made) -> None:
    with (made.root / "dodo.py").open("a") as dodo:
        dodo.write(OWN_TASK)
    output = made.run("doit", "-n", "2", "pack", code=1)
    assert "F2 is waiting: F1 is todo; leave -n out to build it" in output
    assert "packed" not in output
    made.run("doit", "-n", "2", "build")
    assert "packed" in made.run("doit", "-n", "2", "pack")
    assert len(made.sessions()) == 2


def test_a_build_leaves_nothing_where_it_was_started_and_reads_nothing_there(made: Made, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "orchestrator.toml").write_text("[agent\n")
    there = replace(made, root=elsewhere)
    for command in (["plan", "--list"], ["build", "--dry-run"], ["build"], ["build", "F1"], ["status"]):
        there.run("orchestrator", "-p", str(made.root), *command)
    assert [path.name for path in elsewhere.iterdir()] == ["orchestrator.toml"]
    assert len(made.sessions()) == 2


def test_recordings_are_written_where_the_user_says_seen_from_where_they_are(made: Made, tmp_path: Path) -> None:
    replace(made, root=tmp_path).run("orchestrator", "-p", str(made.root), "build", "--record", "recorded")
    assert (tmp_path / "recorded" / "F1").is_dir()


def test_importing_the_tasks_does_nothing(tmp_path: Path) -> None:
    (tmp_path / "orchestrator.toml").write_text("[agent\n")
    code = (
        "import gc, signal, orchestrator.tasks\n"
        "from orchestrator.tasks import backlog, command, database, front, light, planning, reporter, request, work\n"
        "assert gc.isenabled() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    assert [path.name for path in tmp_path.iterdir()] == ["orchestrator.toml"]


def test_the_list_of_a_finished_project_is_json(made: Made) -> None:
    made.run("doit", "build")
    assert json.loads((made.root / "feature_list.json").read_text())["features"][0]["passes"] is True


def test_a_parallel_doit_builds_one_feature_after_the_other(made: Made) -> None:
    made.run("doit", "-n", "4", "build")
    assert set(made.states().values()) == {"done"}
    assert "one at a time" in made.run("doit", "-n", "4", "build:F1", code=2)


def test_building_without_a_list_says_how_to_get_one(made: Made) -> None:
    (made.root / "feature_list.json").unlink()
    for command in (("doit", "build"), ("orchestrator", "build")):
        assert "there is no feature list" in made.run(*command, code=2)
    made.run("doit", "list")


COMMANDS = [
    "tabcompletion", "tabcompletion --shell zsh", "list", "list -p", "list --all --deps", "list --all --status",
    "list build:F1", "info build:F2", "info pack", "forget", "forget pack", "ignore", "ignore pack", "reset-dep",
    "reset-dep build:F1", "clean", "clean -a -n", "clean -n build", "clean plan", "dumpdb", "help", "help build",
    "help pack", "help dumpdb",
]  # fmt: skip


def test_every_command_of_doit_works_or_says_in_one_line_why_not(made: Made) -> None:
    with (made.root / "dodo.py").open("a") as dodo:
        dodo.write(OWN_TASK.replace('"build:F2"', ""))
    for command in COMMANDS:
        output = made.run("doit", *command.split(), code=None)
        assert "Traceback" not in output, command
        assert "orchestrator: error" not in output, command
    for command in ("ignore build:F1", "ignore build", "ignore plan", "strace build:F1", "strace plan"):
        output = made.run("doit", *command.split(), code=2)
        assert (output.count("\n"), output.startswith("orchestrator: error: doit ")) == (1, True)
    assert made.sessions() == []


def test_forgetting_nothing_in_particular_has_nothing_built_again(made: Made) -> None:
    made.run("doit", "build")
    made.run("doit", "forget")
    assert set(made.states().values()) == {"done"}
    made.run("doit", "forget", "build:F2")
    assert made.states() == {"F1": "done", "F2": "todo"}


def test_doits_database_is_shown_as_doit_shows_its_own(made: Made, tmp_path: Path) -> None:
    assert "no task of dodo.py's own has run" in made.run("doit", "dumpdb")
    with (made.root / "dodo.py").open("a") as dodo:
        dodo.write(OWN_TASK.replace('"build:F2"', ""))
    made.run("doit", "pack")
    assert "\npack -> {" in made.run("doit", "dumpdb")
    other = replace(made, root=tmp_path / "other")
    other.root.mkdir()
    (other.root / "dodo.py").write_text(
        "DOIT_CONFIG = {'backend': 'dbm', 'dep_file': 'kept'}\ndef task_a():\n    return {'actions': ['true']}\n"
    )
    other.run("doit")
    assert "'_values_:'" in other.run("doit", "dumpdb", "--db-file", "kept")

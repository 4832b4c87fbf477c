"""The command line: exit codes, JSON documents, one-line errors, help with examples."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.projects import BIN, Made, make

from orchestrator.cli.app import COMMANDS

FEATURES: list[dict[str, Any]] = [
    {"id": "F1", "name": "one", "description": "the first of all", "priority": 2, "passes": False},
    {"id": 2, "name": "two", "description": "the second", "dependencies": ["F1"], "complexity": "HIGH"},
    {"id": "F3", "name": "three", "description": "the third", "blocked": True, "blocked_reason": "no time"},
]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return make(tmp_path / "project", FEATURES, '[verify]\ncommand = "true"\n')


def entry(id: str | int, name: str, state: str, reason: str, **more: Any) -> dict[str, Any]:
    base = {
        "passes": False,
        "blocked": False,
        "priority": 99,
        "complexity": "low",
        "dependencies": [],
        "commit": None,
    }
    return {"id": id, "name": name, "state": state, "reason": reason, **base, **more}


def test_status_is_the_document_of_the_contract(made: Made) -> None:
    assert made.json("status") == {
        "project": "project", "head": made.git("rev-parse", "HEAD"),
        "total": 3, "completed": 0, "remaining": 3, "blocked": 1,
        "features": [
            entry("F1", "one", "todo", "not completed yet", priority=2),
            entry(2, "two", "waiting", "F1 is todo", dependencies=["F1"], complexity="high"),
            entry("F3", "three", "blocked", "no time", blocked=True),
        ],
    }  # fmt: skip


def test_next_is_the_features_own_object_or_null_and_exit_code_1(made: Made) -> None:
    assert made.json("next") == FEATURES[0]
    made.run("orchestrator", "block", "F1", "-m", "later")
    assert made.run("orchestrator", "next", "--json", code=1) == "null\n"


def test_sync_checks_then_flips_then_has_nothing_to_do(made: Made) -> None:
    made.git("commit", "--allow-empty", "-m", "session: completed F1, 2")
    before = (made.root / "feature_list.json").read_bytes()
    found = json.loads(made.run("orchestrator", "sync", "--check", "--json", code=1))
    assert found["head"] == made.git("rev-parse", "HEAD")
    assert [(change["id"], change["passes"]) for change in found["changed"]] == [("F1", True), ("2", True)]
    assert (made.root / "feature_list.json").read_bytes() == before
    made.run("orchestrator", "sync")
    assert made.features()["2"]["passes_from"] == "history"
    assert made.json("sync")["changed"] == []
    made.run("orchestrator", "sync", "--check")
    assert made.git("status", "--porcelain") == " M feature_list.json"


def test_complexity_maps_ids_to_words(made: Made) -> None:
    assert made.json("complexity") == {"F1": "low", "2": "high", "F3": "low"}
    assert made.json("complexity", "2") == {"2": "high"}


def test_validate_tells_all_with_their_place_and_exits_2(made: Made) -> None:
    made.run("orchestrator", "validate")
    made.edit("F1", dependencies=["F9", "F3"])
    made.edit("F3", dependencies=["F1"])
    output = made.run("orchestrator", "validate", code=2)
    assert "F1 -> F3 -> F1" in output or "F3 -> F1 -> F3" in output
    assert "'F9'" in output or "F9" in output
    assert all(line.startswith("feature_list.json:") for line in output.splitlines())
    found = json.loads(made.run("orchestrator", "validate", "--json", code=2))
    assert found["valid"] is False
    assert len(found["errors"]) == 1
    assert len(found["warnings"]) == 1


def test_a_completion_by_hand_carries_its_flip_and_its_digest(made: Made) -> None:
    (made.root / "work").write_text("done\n")
    assert "nothing is staged" in made.run("orchestrator", "complete", "F1", "-m", "by hand", code=2)
    made.git("add", "work")
    made.run("orchestrator", "complete", "F1", "-m", "by hand")
    assert made.clean()
    assert made.git("log", "-1", "--format=%s%n%b").splitlines()[:3] == ["session: completed F1", "by hand", ""]
    assert made.states()["F1"] == "done"
    made.run("orchestrator", "reopen", "F1", "-m", "wrong")
    assert made.clean()
    assert made.states()["F1"] == "todo"
    assert "passes_from" not in made.features()["F1"]


def test_a_reworded_definition_is_accepted_by_a_commit(made: Made) -> None:
    made.git("commit", "--allow-empty", "-m", "session: completed F1")
    made.run("orchestrator", "sync")
    made.edit("F1", description="the first of all, in better words")
    assert made.states()["F1"] == "changed"
    output = made.run("orchestrator", "why", "F1")
    assert 'description: "the first of all" -> "the first of all, in better words"' in output
    made.run("orchestrator", "accept", "F1", "-m", "only reworded")
    assert made.states()["F1"] == "done"
    assert made.clean()


def test_block_and_unblock_edit_the_file_only(made: Made) -> None:
    head = made.git("rev-parse", "HEAD")
    made.run("orchestrator", "block", "F1", "-m", "why not")
    assert made.features()["F1"]["blocked_reason"] == "why not"
    made.run("orchestrator", "unblock", "F1")
    assert made.features()["F1"] == FEATURES[0]
    assert made.git("rev-parse", "HEAD") == head


def test_impact_tells_what_is_invalidated_and_what_becomes_ready(made: Made) -> None:
    assert made.json("impact", "F1") == {"id": "F1", "invalidates": [], "unblocks": ["2"]}
    made.git("commit", "--allow-empty", "-m", "session: completed F1, 2")
    assert made.json("impact", "F1") == {"id": "F1", "invalidates": ["2"], "unblocks": []}


@pytest.mark.parametrize(
    ("command", "code", "words"),
    [
        (("why", "F11"), 2, "F1"),
        (("buidl",), 2, "Did you mean 'build'?"),
        (("build", "--jobz"), 2, "jobz"),
        (("-p", "/nowhere/at/all", "status"), 2, "no such folder"),
        (("reopen", "F1", "-m", "x"), 2, "not completed"),
    ],
)
def test_an_error_is_one_line_that_says_how_to_mend_it(
    made: Made, command: tuple[str, ...], code: int, words: str
) -> None:
    output = made.run("orchestrator", *command, code=code)
    assert output.startswith("orchestrator: error: ")
    assert words in output
    assert len(output.splitlines()) == 1


def test_a_broken_list_is_named_with_line_and_column_and_not_touched(made: Made) -> None:
    broken = '{"features": [\n  {"id": "F1", "passes": "perhaps"}\n]}'
    (made.root / "feature_list.json").write_text(broken)
    for command in (["status"], ["sync"], ["block", "F1", "-m", "x"], ["build"], ["next"]):
        assert "feature_list.json:2:" in made.run("orchestrator", *command, code=2)
    assert (made.root / "feature_list.json").read_text() == broken


def test_an_unknown_setting_names_its_line_and_the_nearest(made: Made) -> None:
    (made.root / "orchestrator.toml").write_text("[agent]\nkind = 'claude'\nmodell = 'x'\n")
    output = made.run("orchestrator", "status", code=2)
    assert "orchestrator.toml:3" in output
    assert "'model'" in output


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_each_commands_help_shows_examples(made: Made, name: str) -> None:
    output = made.run("orchestrator", name, "--help")
    assert "Examples:" in output
    assert f"orchestrator {name}" in output


def test_help_names_the_commands_that_there_are(made: Made) -> None:
    output = made.run("orchestrator", "--help")
    assert all(name in output for name in COMMANDS)
    assert "Examples:" in output


def test_the_project_is_found_from_a_folder_inside(made: Made) -> None:
    (made.root / "deep" / "er").mkdir(parents=True)
    inside = Made(made.root / "deep" / "er")
    assert inside.json("status")["project"] == "project"


def test_without_git_the_lists_own_word_stands(tmp_path: Path) -> None:
    (tmp_path / "feature_list.json").write_text(json.dumps({"features": [{"id": "F1", "passes": True}]}))
    made = Made(tmp_path)
    assert made.states() == {"F1": "done"}
    assert "not in a git repository" in made.run("orchestrator", "sync", code=2)


def test_a_history_that_cannot_be_read_is_an_error_and_no_empty_one(made: Made) -> None:
    made.git("commit", "--allow-empty", "-m", "session: completed F1")
    made.run("orchestrator", "sync")
    (made.root / ".git" / "refs" / "heads" / "main").write_text("")
    before = (made.root / "feature_list.json").read_bytes()
    for command in (["status"], ["sync"], ["build"]):
        assert "git can't read HEAD" in made.run("orchestrator", *command, code=2)
    assert (made.root / "feature_list.json").read_bytes() == before


def test_the_global_options_stand_behind_a_command_as_well_as_before_it(made: Made, tmp_path: Path) -> None:
    elsewhere = replace(made, root=tmp_path)
    before = made.run("orchestrator", "status")
    for words in (
        ["status", "-p", str(made.root)],
        ["status", "--project", str(made.root), "-q", "-v", "--debug", "--no-color"],
        ["-p", "/nowhere", "status", f"-qvp{made.root}"],
        ["-q", "status", "-p", str(made.root)],
    ):
        assert elsewhere.run("orchestrator", *words) == before
    assert "commit-msg" in elsewhere.run("orchestrator", "hooks", "status", "-p", str(made.root), code=1)
    assert "no such folder" in elsewhere.run("orchestrator", "next", "-p", "/nowhere", code=2)
    assert elsewhere.run("orchestrator", "next", "-p", "/nowhere", "--debug", code=2).startswith("Traceback")


@pytest.mark.parametrize("where", ["before", "behind"])
def test_quiet_leaves_out_what_sessions_print(made: Made, where: str) -> None:
    settings = '[agent]\nkind = "command"\ncommand = ["echo", "said"]\nmax_attempts = 1\n[verify]\ncommand = "true"\n'
    (made.root / "orchestrator.toml").write_text(settings)
    assert "| said" in made.run("orchestrator", "build", code=1)
    made.run("orchestrator", "unblock", "F1")
    words = ["-q", "build"] if where == "before" else ["build", "-q"]
    assert "| said" not in made.run("orchestrator", *words, code=1)


def test_the_help_of_a_command_does_not_repeat_the_global_options(made: Made) -> None:
    assert "--no-color" not in made.run("orchestrator", "status", "--help")
    assert "--no-color" in made.run("orchestrator", "--help")


def test_what_waits_for_what_is_said_where_nothing_can_be_built(made: Made) -> None:
    made.run("orchestrator", "block", "F1", "-m", "later")
    for command in (["build"], ["build", "--dry-run"]):
        assert "2 waits for F1, which is blocked" in made.run("orchestrator", *command, code=None)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX terminal")
@pytest.mark.parametrize("command", ["status", "next", "why F1", "hooks status", "plan --list"])
def test_no_line_is_wider_than_an_80_column_terminal(made: Made, command: str) -> None:
    import pexpect

    long = {"name": "a name that takes its time " * 4, "verify": "true " * 60}
    made.git("commit", "-q", "--allow-empty", "-m", "session: completed 2")
    made.edit("F1", **long)
    child = pexpect.spawn(
        str(BIN / "orchestrator"), command.split(), cwd=str(made.root), encoding="utf-8", timeout=60,
        dimensions=(24, 80), env={**os.environ, "TERM": "xterm"},
    )  # fmt: skip
    shown = child.read()
    assert shown.splitlines()
    assert [line for line in shown.splitlines() if len(line) > 80] == []
    if command == "next":
        assert long["name"][:60] in made.run("orchestrator", "next")


@pytest.mark.skipif(os.name == "nt", reason="a current folder can't be taken away")
@pytest.mark.parametrize("command", ["status", "sync", "hooks status"])
def test_a_current_folder_that_is_gone_is_one_line_that_says_what_to_do(tmp_path: Path, command: str) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    script = f'cd "{gone}" && rmdir "{gone}" && "{BIN / "orchestrator"}" {command}'
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False)
    said = "orchestrator: error: the current folder is gone. Change to a folder that is there\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said)

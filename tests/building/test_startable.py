"""What is refused before the first session is paid for."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest
from support.projects import Made
from support.scripted_builds import COMMITS, feature, project


def refused(made: Made, code: int, *words: str, options: tuple[str, ...] = ()) -> None:
    output = made.run("orchestrator", "build", *options, code=code)
    assert [word for word in words if word not in output] == [], output
    assert made.sessions() == []


def test_a_check_that_can_not_start_is_refused(tmp_path: Path) -> None:
    made = project(tmp_path, [feature("F1")], COMMITS, "[verify]\ncommand = 'FOO=1 no-such-checker --all'\n")
    refused(made, 2, "'no-such-checker'", "([verify] command)", "install the program")


def test_a_script_that_is_not_there_is_named_with_what_to_do(tmp_path: Path) -> None:
    made = project(tmp_path, [feature("F1")], COMMITS, "[verify]\ncommand = './no-such.sh'\n")
    refused(made, 2, "./no-such.sh is no executable file", "make an executable script of that name")


def test_a_feature_s_own_check_that_can_not_start_names_the_feature(tmp_path: Path) -> None:
    made = project(tmp_path, [feature("F1"), feature("F2", verify="no-such-checker")], COMMITS)
    refused(made, 2, "'no-such-checker'", "F2:")


def test_a_check_that_is_read_off_the_files_needs_its_tool(tmp_path: Path) -> None:
    tools = {"cargo": "Cargo.toml", "go": "go.mod"}
    absent = [tool for tool in tools if not shutil.which(tool)]
    if not absent:
        pytest.skip(f"all of {', '.join(tools)} are here")
    made = project(tmp_path, [feature("F1")], COMMITS, "[verify]\ncommand = 'auto'\n")
    (made.root / tools[absent[0]]).write_text("")
    refused(made, 3, f"no program is called '{absent[0]}'", "Install it, or set [verify] command")


def test_a_done_feature_s_check_is_not_asked_for(tmp_path: Path) -> None:
    made = project(tmp_path, [feature("F1"), feature("F2", passes=True, verify="no-such-checker")], COMMITS)
    made.run("orchestrator", "build")
    assert made.states()["F1"] == "done"


def test_a_limit_of_cost_with_an_agent_that_tells_none_is_refused(tmp_path: Path) -> None:
    made = project(tmp_path, [feature("F1")], COMMITS)
    refused(made, 2, "does not say what its sessions cost", options=("--max-cost-usd", "3"))


def test_an_interactive_build_with_an_agent_that_takes_no_prompt_is_refused(tmp_path: Path) -> None:
    made = project(tmp_path, [feature("F1")], COMMITS)
    text = (made.root / "orchestrator.toml").read_text().replace(', "{prompt_file}"', "")
    (made.root / "orchestrator.toml").write_text(text)
    refused(made, 2, "an interactive session needs {prompt} or {prompt_file}", options=("--interactive",))


def test_an_unknown_preset_is_refused_with_those_that_there_are(tmp_path: Path) -> None:
    made = project(tmp_path, [feature("F1")], COMMITS, "preset = 'codx'\n")
    refused(made, 2, "there is no preset 'codx'", "codex, gemini, opencode, aider")


def test_old_raw_output_is_removed_when_a_build_begins(tmp_path: Path) -> None:
    made = project(tmp_path, [feature("F1")], COMMITS)
    folder = made.root / ".agent" / "sessions"
    folder.mkdir(parents=True)
    for name, days in (("session-000.stdout", 31), ("session-000.stderr", 29)):
        (folder / name).write_text("old")
        os.utime(folder / name, (time.time() - days * 86400,) * 2)
    made.run("orchestrator", "build")
    assert not (folder / "session-000.stdout").exists()
    assert (folder / "session-000.stderr").exists()

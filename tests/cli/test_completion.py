"""`orchestrator completion`: what the shells complete."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from support.projects import BIN, Made, make
from support.repos import require
from support.scripted_builds import feature

HOSTILE = ["$(touch pwned)", "a b", "; ls", "-x", "`id`", "*"]
ANSWER = "COMP_WORDS=(orchestrator {words}); COMP_CWORD={last}; _orchestrator_completion orchestrator"


@pytest.fixture
def made(tmp_path: Path) -> Made:
    ids = ["F1", "F2", "größe", 7, *HOSTILE]
    return make(tmp_path / "project", [feature(id) for id in ids])


def bash(made: Made, *words: str, cwd: Path | None = None) -> list[str]:
    """What a real bash offers for the last word."""
    program = shutil.which("bash")
    require("bash", program)
    line = ANSWER.format(words=" ".join(f"'{word}'" for word in words), last=len(words))
    script = f'eval "$(orchestrator completion bash)"; {line}; printf "%s\\n" "${{COMPREPLY[@]}}"'
    done = subprocess.run(
        [str(program), "--norc", "-c", script], cwd=cwd or made.root, capture_output=True, text=True, check=True,
        encoding="utf-8", env={**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"},
    )  # fmt: skip
    assert done.stderr == ""
    return [line for line in done.stdout.splitlines() if line]


def test_bash_completes_commands_and_options(made: Made) -> None:
    assert bash(made, "compl") == ["complexity", "complete", "completion"]
    assert bash(made, "verify", "--s") == ["--since"]
    assert bash(made, "completion", "") == ["bash", "zsh", "fish"]


@pytest.mark.parametrize(
    "command", ["why", "impact", "accept", "reopen", "block", "unblock", "build", "verify", "log", "complexity"]
)
def test_ids_are_completed_and_none_that_a_shell_would_run(made: Made, command: str) -> None:
    assert bash(made, command, "") == ["F1", "F2", "größe", "7"]
    assert bash(made, command, "F") == ["F1", "F2"]


def test_an_id_is_offered_once(made: Made) -> None:
    assert bash(made, "verify", "F1", "F") == ["F2"]


def test_the_project_named_on_the_line_is_asked(made: Made, tmp_path: Path) -> None:
    assert bash(made, "-p", str(made.root), "why", "F", cwd=tmp_path) == ["F1", "F2"]
    assert bash(made, "why", "-p", str(made.root), "F", cwd=tmp_path) == ["F1", "F2"]


def test_a_list_that_can_not_be_read_and_an_unknown_command_complete_nothing(made: Made, tmp_path: Path) -> None:
    assert bash(made, "why", "", cwd=tmp_path) == []
    assert bash(made, "nosuch", "") == bash(made, "")
    (made.root / "feature_list.json").write_text("{")
    assert bash(made, "why", "") == []


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_zsh_and_fish_get_a_script_of_theirs(made: Made, shell: str) -> None:
    script = made.run("orchestrator", "completion", shell)
    assert f"_ORCHESTRATOR_COMPLETE={shell}_complete" in script
    variables = {"COMP_WORDS": "orchestrator why F", "COMP_CWORD": "F" if shell == "fish" else "2"}
    offered = made.run("orchestrator", env={"_ORCHESTRATOR_COMPLETE": f"{shell}_complete", **variables})
    assert "F1" in offered
    assert "touch" not in offered


def test_other_shells_are_named_as_unknown(made: Made) -> None:
    assert "'zsh'" in made.run("orchestrator", "completion", "tcsh", code=2)

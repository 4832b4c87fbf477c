"""How the program comes to start: by module, through doit, on a dumb terminal; and what it suggests."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import doit
import pytest
from support.projects import BIN, make

import orchestrator
from orchestrator.cli.app import COMMANDS, READING, nearest
from orchestrator.setup.init import DODO

SOURCES = Path(orchestrator.__file__).parents[1]
FEATURES = [{"id": "F1", "name": "one", "description": "d", "passes": True}]


def test_python_m_orchestrator_is_the_command(tmp_path: Path) -> None:
    made = make(tmp_path / "p", FEATURES)
    assert "all up to date" in made.run(sys.executable, "-m", "orchestrator", "build")
    assert made.run(sys.executable, "-m", "orchestrator", "--version") == made.run("orchestrator", "--version")


def test_the_dodo_of_init_is_three_lines_and_runs(tmp_path: Path) -> None:
    made = make(tmp_path / "p", FEATURES)
    (made.root / "dodo.py").write_text(DODO)

    assert len(DODO.splitlines()) == 3
    assert "build:F1" in made.run("doit", "list", "--all")
    assert "all up to date" in made.run("doit", "build")


def test_a_doit_from_elsewhere_says_in_one_line_what_to_type(tmp_path: Path) -> None:
    """That doit lives where there is no package of ours: a bare environment that sees doit alone."""
    made = make(tmp_path / "p", FEATURES)
    (made.root / "dodo.py").write_text(DODO)
    venv.create(tmp_path / "bare", symlinks=os.name != "nt")
    python = tmp_path / "bare" / ("Scripts" if os.name == "nt" else "bin") / "python"
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "doit").symlink_to(Path(str(doit.__file__)).parent)
    done = subprocess.run(
        [python, "-m", "doit", "build"], cwd=made.root, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(alone)},
    )  # fmt: skip

    assert done.returncode != 0
    assert done.stderr.splitlines() == [
        "dodo.py: No module named 'orchestrator' beside this doit. Type `orchestrator build`, "
        "or run the doit that is installed with silmari-orchestrator"
    ]


def test_both_commands_are_the_packages_own() -> None:
    """pipx and uv put only these on the PATH."""
    assert [name for name in ("orchestrator", "doit") if (BIN / name).exists()] == ["orchestrator", "doit"]
    pyproject = (SOURCES / "pyproject.toml").read_text(encoding="utf-8")
    assert 'doit = "doit.__main__:main"' in pyproject


@pytest.mark.skipif(os.name == "nt", reason="a pseudo-terminal")
@pytest.mark.parametrize(("term", "coloured"), [("dumb", False), ("xterm", True)])
def test_a_dumb_terminal_gets_no_colours(tmp_path: Path, term: str, coloured: bool) -> None:
    import pexpect

    made = make(tmp_path / "p", FEATURES)
    env = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    status = pexpect.run(f"{BIN / 'orchestrator'} status", cwd=str(made.root), env={**env, "TERM": term}, timeout=60)
    assert b"1/1" in status
    assert (b"\x1b[" in status) is coloured


@pytest.mark.parametrize(
    ("word", "suggested"),
    [
        ("buidl", "build"),
        ("unlock", "unblock"),
        ("stat", "status"),
        ("validat", "validate"),
        ("report", None),
        ("list", None),
        ("repo", None),
        ("read", None),
    ],
)
def test_a_command_that_writes_is_suggested_for_its_own_misspelling_only(word: str, suggested: str | None) -> None:
    known = [name for name in COMMANDS if name != word]
    expected = f"Did you mean {suggested!r}?" if suggested else "See `orchestrator --help`"
    assert nearest(word, known) == expected


def test_what_reads_is_among_the_commands() -> None:
    assert set(COMMANDS) > READING

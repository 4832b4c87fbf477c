"""The schema of orchestrator.toml against the loader: what the one refuses, the other does."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest

from orchestrator.config import loading
from orchestrator.config.schema import schema
from orchestrator.config.settings import CHOICES, LEAST, Config
from orchestrator.config.source import parse_toml
from orchestrator.errors import OrchestratorError

CHECKED = jsonschema.Draft7Validator(schema())
REFERENCE = Path(__file__).resolve().parents[1] / "orchestrator.toml"


def both(root: Path, text: str) -> tuple[bool, bool]:
    """Whether the loader takes the settings, and the schema."""
    (root / "orchestrator.toml").write_text(text)
    try:
        loading.load(root)
        loaded = True
    except OrchestratorError:
        loaded = False
    return loaded, CHECKED.is_valid(parse_toml(text, ""))


def test_the_schema_is_one_and_takes_our_own_settings() -> None:
    jsonschema.Draft7Validator.check_schema(schema())
    CHECKED.validate(parse_toml(REFERENCE.read_text(encoding="utf-8"), ""))


@pytest.mark.parametrize(
    "text",
    [
        "",
        '[agent]\nkind = "command"\ncommand = ["a", "b"]\ntimeout = 5\n[agent.models]\nhigh = "opus"\n',
        '[agent]\nenv = { A = "b" }\nretry_delay = 0.5\n',
        '[history]\ncompleted = "session(a b): completed"\nwrite = "worktree"\n',
        '[features]\ndone = ["erledigt"]\n',
    ],
)
def test_both_take_good_settings(tmp_path: Path, text: str) -> None:
    assert both(tmp_path, text) == (True, True)


BAD = [
    "[agents]\n", "agent = 1\n", "[agent]\nmodle = 1\n", '[agent]\nkind = "x"\n', "[agent]\nmax_attempts = 0\n",
    "[agent]\nmax_attempts = 1.5\n", "[agent]\nmax_attempts = true\n", "[agent]\nargs = [1]\n", '[agent]\nargs = "a"\n',
    "[agent.env]\nA = 1\n", "[agent.models]\nbest = 'x'\n", "[plan]\nauto_approve = 1\n", '[history]\ncompleted = ""\n',
    '[history]\ncompleted = " x"\n',
]  # fmt: skip


@pytest.mark.parametrize("text", BAD)
def test_both_refuse_bad_settings(tmp_path: Path, text: str) -> None:
    assert both(tmp_path, text) == (False, False)


@pytest.mark.parametrize("name", sorted({*CHOICES, *LEAST}))
def test_both_know_the_limits(tmp_path: Path, name: str) -> None:
    *sections, key = name.split(".")
    value = '"no such word"' if name in CHOICES else str(LEAST[name] - 1)
    assert both(tmp_path, f"[{'.'.join(sections)}]\n{key} = {value}\n") == (False, False)


def test_every_setting_is_in_it_with_its_default() -> None:
    found = schema()
    for section, settings in Config()._asdict().items():
        for key, default in settings._asdict().items():
            known = found["properties"][section]["properties"][key]
            if not hasattr(default, "_fields"):
                assert known["default"] == (list(default) if isinstance(default, tuple) else default)

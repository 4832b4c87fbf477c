"""A completion leaves nothing for the real formatters to change in a list that they keep sorted."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from support.hooks import found_beside
from support.projects import Made, make
from support.repos import require

pytestmark = pytest.mark.real
# npm install --prefix .cache/prettier prettier prettier-plugin-sort-json
NODE_MODULES = Path(__file__).parents[2] / ".cache" / "prettier" / "node_modules"
WAYS = {
    "a flag": {"passes": False},
    "a flag that is absent": {},
    "a word": {"status": "pending"},
    "a flag and a word": {"passes": False, "status": "todo"},
}


def features(how: dict[str, Any]) -> list[dict[str, Any]]:
    """Keys come before and after those that a completion writes."""
    common = {"description": "d", "priority": 1, "steps": ["é", "two"], "name": "n"}
    return [{"id": f"F{n}", **common, **how, "dependencies": []} for n in (1, 2, 3)]


@pytest.fixture(params=["pretty-format-json", "prettier"])
def formatter(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """The command that rewrites the file whose name follows."""
    if request.param == "prettier":
        node = shutil.which("node")
        require("prettier", node and (NODE_MODULES / "prettier-plugin-sort-json").is_dir())
        plugin = NODE_MODULES / "prettier-plugin-sort-json" / "dist" / "index.js"
        options = (f"--plugin={plugin}", "--json-recursive-sort=true", "--log-level=warn", "--write")
        return (str(node), str(NODE_MODULES / "prettier" / "bin" / "prettier.cjs"), *options)
    found = found_beside("pretty-format-json") or shutil.which("pretty-format-json")
    require("pretty-format-json", found)
    return (str(found), "--autofix")


def formatted(made: Made, formatter: tuple[str, ...]) -> bytes:
    done = subprocess.run([*formatter, "feature_list.json"], cwd=made.root, capture_output=True, check=False)
    assert (done.returncode in (0, 1), done.stderr) == (True, b"")
    return (made.root / "feature_list.json").read_bytes()


@pytest.mark.parametrize("how", WAYS)
def test_a_completion_leaves_nothing_to_format(how: str, formatter: tuple[str, ...], tmp_path: Path) -> None:
    made = make(tmp_path / "project", features(WAYS[how]))
    before = formatted(made, formatter)
    made.git("add", "-A")
    made.git("commit", "-q", "--allow-empty", "-m", "formatted")
    made.run("orchestrator", "hooks", "install")
    made.git("commit", "-q", "--allow-empty", "-m", "session: completed F1, F3")
    done = (made.root / "feature_list.json").read_bytes()
    assert json.loads(done)["features"][2]["passes_from"] == "history"
    assert formatted(made, formatter) == done
    made.git("commit", "-q", "--allow-empty", "-m", "session: reopened F1, F3")
    if "absent" not in how:  # a flag that was absent is there now, and false
        assert (made.root / "feature_list.json").read_bytes() == before
    reopened = (made.root / "feature_list.json").read_bytes()
    assert formatted(made, formatter) == reopened
    assert made.clean()

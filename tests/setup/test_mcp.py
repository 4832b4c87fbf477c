"""`mcp list` and `mcp setup` with the real Claude Code: what it has, what a preset adds, and what is asked before."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.claude_cli import claude
from support.projects import Made, make

from orchestrator import project as projects
from orchestrator.setup import mcp

FEATURES = [{"id": "F1", "name": "one", "description": "d"}]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return make(tmp_path / "project", FEATURES, f"[agent]\ncommand = ['{claude()}']\n")


def servers(made: Made) -> dict[str, object]:
    path = made.root / ".mcp.json"
    return json.loads(path.read_bytes())["mcpServers"] if path.exists() else {}


@pytest.mark.real
def test_a_preset_is_added_once_and_the_key_stays_a_variable(made: Made) -> None:
    said = made.run("orchestrator", "mcp", "setup", "--preset", "python", "--yes")

    assert "preset python adds to .mcp.json: ref, context7" in said
    assert "REF_API_KEY" in said
    assert servers(made)["ref"] == {
        "type": "http", "url": "https://api.ref.tools/mcp", "headers": {"x-ref-api-key": "${REF_API_KEY}"},
    }  # fmt: skip
    before = (made.root / ".mcp.json").read_bytes()

    again = made.run("orchestrator", "mcp", "setup", "--preset", "python", "--yes")

    assert "preset python: all is there" in again
    assert (made.root / ".mcp.json").read_bytes() == before
    listed = made.run("orchestrator", "mcp", "list")
    assert {"ref", "context7"} <= mcp.names(tuple(listed.splitlines()))


@pytest.mark.real
def test_a_server_of_the_users_own_is_kept_and_only_the_other_added(made: Made) -> None:
    own = {"mcpServers": {"ref": {"type": "http", "url": "https://example.com/mcp"}}}
    (made.root / ".mcp.json").write_text(json.dumps(own))

    said = made.run("orchestrator", "mcp", "setup", "--preset", "docs", "--yes")

    assert "preset docs adds to .mcp.json: context7" in said
    assert servers(made)["ref"] == own["mcpServers"]["ref"]


@pytest.mark.real
def test_without_a_yes_nothing_is_added(made: Made) -> None:
    said = made.run("orchestrator", "mcp", "setup", code=2)

    assert "preset minimal adds to .mcp.json: context7" in said
    assert "Type --yes to add them" in said
    assert servers(made) == {}


@pytest.mark.real
def test_an_unknown_preset_is_refused_with_the_known_ones(made: Made) -> None:
    assert "One of: rust, python, node" in made.run("orchestrator", "mcp", "setup", "--preset", "php", code=2)


def test_without_claude_code_it_says_how_to_install_it(tmp_path: Path) -> None:
    made = make(tmp_path / "project", FEATURES, "[agent]\ncommand = ['no-such-claude']\n")

    assert "no-such-claude was not found. Install it with" in made.run("orchestrator", "mcp", "list", code=3)


@pytest.mark.parametrize(
    ("name", "preset"),
    [("Cargo.toml", "rust"), ("requirements.txt", "python"), ("package.json", "node"), ("x", "minimal")],
)
def test_the_files_of_a_project_choose_the_preset(tmp_path: Path, name: str, preset: str) -> None:
    (tmp_path / name).write_text("")

    assert mcp.preset_for(projects.Project(tmp_path, projects.load(tmp_path).config, None)) == preset


def test_names_are_read_off_the_lines_of_claude_code() -> None:
    lines = (
        "Checking MCP server health…",
        "ref: https://api.ref.tools/mcp (HTTP) - ✔ Connected",
        "my.own-server: npx -y x - ✘ Failed to connect — no such file",
        "other: sh -c 'a - b' - ⏸ Pending approval (run `claude` to approve)",
        "No MCP servers configured. Use `claude mcp add` to add a server.",
    )

    assert mcp.names(lines) == {"ref", "my.own-server", "other"}


def test_the_presets_are_those_of_the_contract() -> None:
    both = {name for name, servers in mcp.PRESETS.items() if set(servers) == {"ref", "context7"}}
    assert both == {"rust", "python", "node", "docs"}
    assert {name for name in mcp.PRESETS if set(mcp.PRESETS[name]) == {"context7"}} == {
        "web", "fullstack", "data", "devops", "minimal",
    }  # fmt: skip

"""`mcp serve` through the SDK's own client over standard input and output, and through Claude Code."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from support.claude_cli import claude
from support.model_server import Server, text, tool
from support.projects import BIN, Made, make

from orchestrator.serving.edits import next_id

mcp = pytest.importorskip("mcp")

FEATURES: list[dict[str, Any]] = [
    {"id": "F1", "name": "one", "description": "the first", "passes": True},
    {"id": "F2", "name": "two", "description": "the second", "dependencies": ["F1"], "priority": 5},
    {"id": "F3", "name": "three", "description": "the third", "dependencies": ["F2"]},
    {"id": "F4", "name": "four", "description": "the fourth", "blocked": True, "blocked_reason": "no time"},
]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return make(tmp_path / "project", FEATURES, '[verify]\ncommand = "true"\n')


def talk(made: Made, what: Callable[[Any], Coroutine[Any, Any, Any]]) -> Any:
    """What comes of a conversation with a server of the project."""

    async def conversation() -> Any:
        server = mcp.StdioServerParameters(
            command=str(BIN / "orchestrator"), args=["mcp", "serve"], cwd=str(made.root), env=dict(os.environ)
        )
        async with mcp.Client(mcp.stdio_client(server)) as client:
            return await what(client)

    return asyncio.run(conversation())


def call(made: Made, tool: str, **arguments: object) -> Any:
    """The structured answer of one tool; its text where it failed or is text."""

    async def ask(client: Any) -> Any:
        answer = await client.call_tool(tool, arguments)
        return answer.content[0].text if answer.is_error else answer.structured_content

    return talk(made, ask)


def test_the_tools_are_those_of_the_contract_and_none_marks_a_feature_as_done(made: Made) -> None:
    async def ask(client: Any) -> Any:
        return await client.list_tools(), await client.list_resources(), client.instructions

    tools, resources, instructions = talk(made, ask)

    reading = {one.name for one in tools.tools if one.annotations.read_only_hint}
    assert reading == {"list_features", "next_feature", "get_feature", "impact"}
    assert {one.name for one in tools.tools} - reading == {
        "add_feature", "block_feature", "unblock_feature", "verify_feature",
    }  # fmt: skip
    assert all(one.description and "  " not in one.description for one in tools.tools)
    assert all(
        field.get("description") for one in tools.tools for field in one.input_schema.get("properties", {}).values()
    )
    assert [str(one.uri) for one in resources.resources] == ["orchestrator://status"]
    assert "session: completed ID" in instructions


def test_features_are_listed_by_state_and_in_parts(made: Made) -> None:
    async def ask(client: Any) -> Any:
        answers = [
            await client.call_tool("list_features", arguments)
            for arguments in ({}, {"state": "blocked"}, {"offset": 1, "limit": 1})
        ]
        return [answer.structured_content for answer in answers]

    whole, blocked, part = talk(made, ask)

    assert [(f["id"], f["state"]) for f in whole["features"]] == [
        ("F1", "done"), ("F2", "todo"), ("F3", "waiting"), ("F4", "blocked"),
    ]  # fmt: skip
    assert (whole["total"], whole["completed"], whole["remaining"], whole["matching"]) == (4, 1, 3, 4)
    assert [f["id"] for f in blocked["features"]] == ["F4"]
    assert ([f["id"] for f in part["features"]], part["matching"]) == (["F2"], 4)


def test_the_next_feature_is_that_of_next_and_of_status_the_resource(made: Made) -> None:
    async def ask(client: Any) -> Any:
        resource = await client.read_resource("orchestrator://status")
        return (await client.call_tool("next_feature", {})).structured_content, resource.contents[0].text

    following, status = talk(made, ask)

    assert following["feature"] == made.json("next")
    assert json.loads(status) == made.json("status")


def test_without_a_ready_feature_it_says_what_waits(made: Made) -> None:
    made.edit("F2", blocked=True)

    assert call(made, "next_feature") == {"feature": None, "waiting": ["F3 waits for F2, which is blocked"]}


def test_a_feature_comes_with_its_reason_its_neighbours_and_its_failures(made: Made) -> None:
    log = made.root / ".agent" / "sessions" / "session-001.json"
    log.parent.mkdir(parents=True)
    check = {"command": "pytest", "exit_code": 1, "output": "x" * 3000 + "E assert 1 == 2"}
    record = {
        "session": 1, "timestamp": "2026-01-02T03:04:05+00:00", "feature": "F2", "success": False,
        "elapsed_seconds": 1.0, "error": "the check failed", "outcome": "ok", "verify": check,
    }  # fmt: skip
    log.write_text(json.dumps(record))

    found = call(made, "get_feature", id="F2")

    assert (found["state"], found["feature"]["description"], found["needed_by"]) == ("todo", "the second", ["F3"])
    assert [one["state"] for one in found["dependencies"]] == ["done"]
    (attempt,) = found["attempts"]
    assert attempt["error"] == "the check failed"
    assert attempt["check"]["output"].endswith("E assert 1 == 2")
    assert len(attempt["check"]["output"]) == 2000


def test_impact_says_what_the_command_says(made: Made) -> None:
    assert call(made, "impact", id="F2") == made.json("impact", "F2") == {
        "id": "F2", "invalidates": [], "unblocks": ["F3"]
    }  # fmt: skip


def test_a_check_is_run_and_nothing_becomes_done_by_it(made: Made) -> None:
    made.edit("F2", verify="test -f made")
    before = (made.root / "feature_list.json").read_bytes()

    failed = call(made, "verify_feature", id="F2")
    (made.root / "made").write_text("")
    passed = call(made, "verify_feature", id="F2")

    assert (failed["command"], failed["passed"], failed["exit_code"]) == ("test -f made", False, 1)
    assert (passed["passed"], made.states()["F2"]) == (True, "todo")
    assert (made.root / "feature_list.json").read_bytes() == before


def test_a_feature_without_a_check_is_neither_passed_nor_failed(tmp_path: Path) -> None:
    made = make(tmp_path / "project", FEATURES, '[verify]\ncommand = ""\n')

    assert call(made, "verify_feature", id="F2")["passed"] is None


def test_an_unknown_id_is_answered_with_the_nearest(made: Made) -> None:
    assert "no feature has the id 'F22'. Did you mean F2?" in call(made, "get_feature", id="F22")


def test_a_feature_is_added_in_the_style_of_the_list_and_nothing_else_changes(made: Made) -> None:
    path = made.root / "feature_list.json"
    before = path.read_bytes()

    added = call(made, "add_feature", name="five", description="the fifth", tests=["it works"], dependencies=["F2"])

    assert added == {
        "id": "F5", "name": "five", "description": "the fifth", "dependencies": ["F2"], "tests": ["it works"],
        "passes": False,
    }  # fmt: skip
    after = path.read_bytes()
    kept = before.rstrip().removesuffix(b"]\n}").rstrip()
    assert after.startswith(kept)
    assert made.states()["F5"] == "waiting"


def test_a_list_with_a_status_gets_a_status_and_no_passes(tmp_path: Path) -> None:
    listed = [{"id": n, "title": f"t{n}", "description": "d", "status": "Todo"} for n in (1, 2)]
    made = make(tmp_path / "project", listed)

    added = call(made, "add_feature", name="x", description="y", dependencies=[2])

    assert (added["id"], added["status"], added["dependencies"], "passes" in added) == (3, "Todo", [2], False)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"name": " ", "description": "d"}, "a feature needs a name and a description"),
        ({"name": "n", "description": "d", "id": "f1"}, "the id 'f1' is taken"),
        ({"name": "n", "description": "d", "id": "a\nb"}, "holds a control character"),
        ({"name": "n", "description": "d", "dependencies": ["F9"]}, "no feature has the id 'F9'"),
    ],
)
def test_what_can_not_be_added_is_refused_and_the_list_stays(
    made: Made, arguments: dict[str, object], said: str
) -> None:
    before = (made.root / "feature_list.json").read_bytes()

    assert said in call(made, "add_feature", **arguments)
    assert (made.root / "feature_list.json").read_bytes() == before


def test_blocking_and_unblocking_leave_the_list_as_it_was(made: Made) -> None:
    before = (made.root / "feature_list.json").read_bytes()

    async def ask(client: Any) -> Any:
        await client.call_tool("block_feature", {"id": "F2", "reason": "waits for the API"})
        blocked = made.features()["F2"]
        await client.call_tool("unblock_feature", {"id": "F2"})
        return blocked

    blocked = talk(made, ask)

    assert (blocked["blocked"], blocked["blocked_reason"]) == (True, "waits for the API")
    assert (made.root / "feature_list.json").read_bytes() == before


def test_calls_at_the_same_time_lose_no_feature(made: Made) -> None:
    async def ask(client: Any) -> None:
        await asyncio.gather(
            *(client.call_tool("add_feature", {"name": f"n{n}", "description": "d"}) for n in range(8))
        )

    talk(made, ask)

    assert sorted(f["name"] for f in made.features().values() if f["name"].startswith("n")) == [
        f"n{n}" for n in range(8)
    ]


def test_a_broken_list_is_told_and_the_server_goes_on(made: Made) -> None:
    path = made.root / "feature_list.json"
    whole = path.read_bytes()

    async def ask(client: Any) -> Any:
        path.write_bytes(b'{"features": [}')
        broken = await client.call_tool("list_features", {})
        path.write_bytes(whole)
        return broken, await client.call_tool("list_features", {})

    broken, again = talk(made, ask)

    assert (broken.is_error, "feature_list.json:1:" in broken.content[0].text) == (True, True)
    assert again.structured_content["total"] == 4


@pytest.mark.parametrize(
    ("known", "following"),
    [
        ([], "F001"),
        ([1, 7], 8),
        (["F1", "F2"], "F3"),
        (["F2", "F1"], "F3"),
        (["auth-09", "auth-10"], "auth-11"),
        (["login"], "F001"),
        (["f001", "login"], "F002"),
        ([1, "F009"], "F010"),
        (["qa-99"], "qa-100"),
    ],
)
def test_the_next_id_goes_on_as_the_list_does(known: list[str | int], following: str | int) -> None:
    assert next_id(known) == following


def test_without_the_extra_one_line_says_how_to_get_it(made: Made, tmp_path: Path) -> None:
    script = (
        "import sys; sys.modules['mcp'] = None; sys.argv[1:] = ['mcp', 'serve']; import orchestrator.cli as c; c.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=made.root,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )

    assert (done.returncode, done.stdout) == (3, "")
    (line,) = done.stderr.splitlines()
    assert "pip install 'mcp>=2,<3'" in line


@pytest.mark.real
def test_claude_code_works_on_the_backlog_through_it(made: Made, tmp_path: Path) -> None:
    config = {"mcpServers": {"backlog": {"command": str(BIN / "orchestrator"), "args": ["mcp", "serve"]}}}
    (made.root / ".mcp.json").write_text(json.dumps(config))
    found = tool("ToolSearch", query="select:mcp__backlog__block_feature")  # newer ones have to look for it
    blocking = tool("mcp__backlog__block_feature", id="F2", reason="asked for")
    turns = [tool("WaitForMcpServers"), found, blocking, text("done")]
    with Server(turns) as server:
        done = subprocess.run(
            [str(claude()), "--print", "--permission-mode", "bypassPermissions"], cwd=made.root, input="block F2",
            text=True, capture_output=True, env={**os.environ, **server.env(tmp_path)}, check=False, timeout=120,
        )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    assert made.features()["F2"]["blocked_reason"] == "asked for"

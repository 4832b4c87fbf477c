"""`mcp`: MCP servers for the agent, and the backlog as one."""

from __future__ import annotations

import sys

import click

from orchestrator.cli.app import Context
from orchestrator.errors import Missing, OrchestratorError

_EXAMPLES = """\b
Examples:
  orchestrator mcp list
  orchestrator mcp setup --preset python
  claude mcp add -s project backlog -- orchestrator mcp serve
"""


@click.group(epilog=_EXAMPLES)
def mcp_command() -> None:
    """MCP servers: those that the agent has, and the backlog as one."""


@mcp_command.command(name="list", epilog="\b\nExamples:\n  orchestrator mcp list")
@click.pass_obj
def list_servers(context: Context) -> None:
    """Show the servers that Claude Code has in this project, as it says itself."""
    from orchestrator.setup import mcp

    for line in mcp.configured(context.project()).lines:
        click.echo(line)


@mcp_command.command(epilog="\b\nExamples:\n  orchestrator mcp setup --preset web --yes")
@click.option("--preset", metavar="NAME", help="rust, python, node, docs, web, fullstack, data, devops or minimal.")
@click.option("-y", "--yes", is_flag=True, help="Add them without asking.")
@click.pass_obj
def setup(context: Context, preset: str | None, yes: bool) -> None:
    """Add a preset's servers to the project's .mcp.json; without --preset the one that the project's files call for."""
    from orchestrator.setup import mcp

    project = context.project()
    chosen = preset or mcp.preset_for(project)
    if chosen not in mcp.PRESETS:
        raise OrchestratorError(f"there is no preset {chosen!r}", fix=f"One of: {', '.join(mcp.PRESETS)}")
    there = mcp.configured(project)
    for line in there.lines:
        click.echo(line)
    missing = {name: server for name, server in mcp.PRESETS[chosen].items() if name not in there.names}
    if not missing:
        click.echo(f"preset {chosen}: all is there")
        return
    click.echo(f"preset {chosen} adds to .mcp.json: {', '.join(missing)}")
    if not (yes or _agreed()):
        click.echo("nothing was added")
        return
    for name, server in missing.items():
        mcp.add(project, name, server)
        click.echo(f"added   {name}")
    if "ref" in missing:
        click.echo("ref needs the key REF_API_KEY in the environment of the agent (https://ref.tools)")


def _agreed() -> bool:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise OrchestratorError("there is no terminal to ask at", fix="Type --yes to add them")
    return click.confirm("Add them?", default=True)


@mcp_command.command(epilog="\b\nExamples:\n  claude mcp add -s project backlog -- orchestrator mcp serve")
@click.pass_obj
def serve(context: Context) -> None:
    """Serve the backlog to an MCP client on standard input and output: list, look into, add, block and unblock
    features. Nothing marks one as done.
    """
    try:
        from orchestrator.serving import server
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in ("mcp", "mcp_types", "pydantic"):
            raise
        fix = f"Run `{sys.executable} -m pip install 'mcp>=2,<3'`, or install silmari-orchestrator[mcp]"
        raise Missing("the MCP server needs the package mcp", fix=fix) from error
    if sys.stdin.isatty():
        raise OrchestratorError(
            "an MCP client starts this and talks to it, not a person at a terminal",
            fix="Register it: `claude mcp add -s project backlog -- orchestrator mcp serve`",
        )
    server.serve(context.root())

"""`log`: the sessions that were run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from orchestrator.cli import completion
from orchestrator.cli.app import Context, print_json, width

if TYPE_CHECKING:
    from orchestrator.harness.sessions import SessionRecord
    from orchestrator.project import Project

_EXAMPLES = """\b
Examples:
  orchestrator log              every session: when, feature, outcome, time, cost
  orchestrator log F003         what the sessions for F003 were asked, said and did
  orchestrator log 12           session 12 (session-12 where 12 is a feature's id)
  orchestrator log --json | jq '.[] | select(.success | not)'
"""


@click.command(epilog=_EXAMPLES)
@click.argument("which", required=False, metavar="[ID|N]", shell_complete=completion.ids)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_obj
def log_command(context: Context, which: str | None, as_json: bool) -> None:
    """Show the sessions, or those of a feature or one by its number: prompt, texts, tool calls, check.

    The raw output of a session is kept for [log] keep days, its log for ever.
    """
    from orchestrator.report import sessions

    project = context.project()
    records = sessions.read(project)
    if which is not None:
        _show(project, sessions.chosen(project, which, records), as_json)
    elif as_json:
        import dataclasses

        print_json([dataclasses.asdict(record) for record in records])
    elif records:
        for line in sessions.table(records, width()):
            click.echo(line)
    else:
        click.echo("no session has been run yet")


def _show(project: Project, records: list[SessionRecord], as_json: bool) -> None:
    from orchestrator.report import sessions

    found = [sessions.whole(project, record) for record in records]
    if as_json:
        print_json([sessions.document(one) for one in found])
        return
    for place, one in enumerate(found):
        if place:
            click.echo()
        for line in sessions.lines(one, width()):
            click.echo(click.style(line.text, **line.style) if line.style else line.text)

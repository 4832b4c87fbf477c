"""`doctor`: what a build needs, examined."""

from __future__ import annotations

import click

from orchestrator.cli.app import Context, print_json, width

_COLOURS = {"ok": "green", "warning": "yellow", "problem": "red"}


@click.command(
    epilog="\b\nExamples:\n  orchestrator doctor\n  orchestrator doctor --json | jq '.checks[] | select(.fix)'"
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_obj
def doctor_command(context: Context, as_json: bool) -> int:
    """Examine what a build needs and say how to mend each fault; nothing is changed, and no model is asked.

    Exit 1 when something needs mending, 3 when a needed tool is missing or not logged in.
    """
    from orchestrator.setup.doctor import finding
    from orchestrator.setup.doctor.examining import examine

    found = list(examine(context.root()))
    if as_json:
        print_json(finding.document(found))
        return finding.exit_code(found)
    from orchestrator.report.layout import wrapped

    for line, level in finding.lines(found):
        for part in wrapped(line.strip(), width(), " " * (len(line) - len(line.lstrip()))):
            click.echo(click.style(part, fg=_COLOURS[level]) if level != "ok" else part)
    return finding.exit_code(found)

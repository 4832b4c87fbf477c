"""`why` and `impact`: explanations, from the same function that decides."""

from __future__ import annotations

import click

from orchestrator.cli import completion
from orchestrator.cli.app import Context, print_json, width


@click.command(epilog="\b\nExamples:\n  orchestrator why F003\n  orchestrator why F003 --json")
@click.argument("id", shell_complete=completion.ids)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_obj
def why_command(context: Context, id: str, as_json: bool) -> None:
    """Explain a feature's state: which commit, which field changed (old -> new), which dependency."""
    from orchestrator.report import explain

    found = explain.why(context.project(), id)
    if as_json:
        print_json(found)
        return
    from orchestrator.report.layout import wrapped

    head, *more = wrapped(f"{found['id']}: {found['state']} ({found['reason']})", width(), "")
    click.echo(click.style(head, bold=True))
    for line in [*more, *(part for detail in found["details"] for part in wrapped(detail, width(), "  "))]:
        click.echo(line)


@click.command(epilog="\b\nExamples:\n  orchestrator impact F001")
@click.argument("id", shell_complete=completion.ids)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_obj
def impact_command(context: Context, id: str, as_json: bool) -> None:
    """Show what changing the feature would invalidate, and what finishing it would unblock."""
    from orchestrator.report import explain

    found = explain.impact(context.project(), id)
    if as_json:
        print_json(found)
        return
    for title, key in (("changing it would invalidate", "invalidates"), ("finishing it would unblock", "unblocks")):
        ids = found[key]
        click.echo(f"{title}: {', '.join(ids) if ids else 'nothing'}")

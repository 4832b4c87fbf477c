"""`why` and `impact`: explanations, from the same function that decides."""

from __future__ import annotations

import click

from orchestrator.cli.app import Context, print_json


@click.command(epilog="\b\nExamples:\n  orchestrator why F003\n  orchestrator why F003 --json")
@click.argument("id")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_obj
def why_command(context: Context, id: str, as_json: bool) -> None:
    """Explain a feature's state: which commit, which field changed (old -> new), which dependency."""
    from orchestrator.report import explain

    found = explain.why(context.project(), id)
    if as_json:
        print_json(found)
        return
    click.echo(click.style(f"{found['id']}: {found['state']}", bold=True) + f" ({found['reason']})")
    for line in found["details"]:
        click.echo(f"  {line}")


@click.command(epilog="\b\nExamples:\n  orchestrator impact F001")
@click.argument("id")
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

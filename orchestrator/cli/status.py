"""`status` and `next`: where every feature stands."""

from __future__ import annotations

import click

from orchestrator.cli.app import Context, print_json, width


@click.command(epilog="\b\nExamples:\n  orchestrator status\n  orchestrator status --json | jq .remaining")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_obj
def status_command(context: Context, as_json: bool) -> None:
    """Show counts, a progress bar, and each feature's state with the reason."""
    from orchestrator.report import status
    from orchestrator.staleness import facts
    from orchestrator.staleness.state import states

    project = context.project()
    now = states(facts.load(project))
    summary = status.summary(project, now)
    if as_json:
        print_json(summary)
        for line in status.unseen(now):
            click.echo(f"orchestrator: note: {line}", err=True)
        return
    for line, style in status.lines(summary, width()):
        click.echo(click.style(line, **style) if style else line)
    for line in status.attention(project, now):
        click.echo(click.style(line, fg="yellow"))


@click.command(epilog="\b\nExamples:\n  orchestrator next\n  orchestrator next --json")
@click.option("--json", "as_json", is_flag=True, help="The feature's own JSON object; null when there is none.")
@click.option("--skip-review", is_flag=True, help="Skip features that need review.")
@click.pass_context
def next_command(ctx: click.Context, as_json: bool, skip_review: bool) -> int:
    """Show the feature that build would take next; exit 1 when there is none."""
    from orchestrator.staleness import facts
    from orchestrator.staleness.forecast import upcoming
    from orchestrator.staleness.state import states

    project = ctx.obj.project()
    chosen = upcoming(states(facts.load(project)), skip_review=skip_review)
    if as_json:
        print_json(chosen.feature.data if chosen else None)
    elif chosen:
        from orchestrator.report.layout import cells, fit

        left = None if (whole := width()) is None else whole - cells(chosen.feature.id) - 2
        click.echo(f"{chosen.feature.id}  {fit(' '.join(chosen.feature.name.split()), left)}".rstrip())
        click.echo(fit(f"  {chosen.state.value}: {chosen.reason}", whole))
    else:
        click.echo("nothing is ready to be built")
    return 0 if chosen else 1

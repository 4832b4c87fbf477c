"""`complete`, `accept`, `reopen`, `block`, `unblock`: a person's word on a feature."""

from __future__ import annotations

import click

from orchestrator.cli import completion
from orchestrator.cli.app import Context

_message = click.option("-m", "--message", required=True, help="Why; it goes into the commit.")


_COMPLETE = """\b
Examples:
  git add src && orchestrator complete F003 -m "done by hand"
  orchestrator complete F003 -a -m "done by hand"
"""


@click.command(epilog=_COMPLETE)
@click.argument("id", shell_complete=completion.ids)
@_message
@click.option("-a", "--all", "everything", is_flag=True, help="Commit all changes, not just the staged ones.")
@click.pass_obj
def complete_command(context: Context, id: str, message: str, everything: bool) -> None:
    """Commit the staged (with -a, all) changes as the completion of a feature."""
    from orchestrator.building import byhand

    click.echo(f"{id}: completed ({byhand.complete(context.project(), id, message, everything=everything)[:10]})")


@click.command(epilog='\b\nExamples:\n  orchestrator accept F003 -m "only reworded"')
@click.argument("ids", nargs=-1, required=True, metavar="ID...", shell_complete=completion.ids)
@_message
@click.pass_obj
def accept_command(context: Context, ids: tuple[str, ...], message: str) -> None:
    """Take the present state as what was asked for: a definition was reworded, there is nothing to build."""
    from orchestrator.building import byhand

    click.echo(f"{', '.join(ids)}: accepted ({byhand.accept(context.project(), ids, message)[:10]})")


@click.command(epilog='\b\nExamples:\n  orchestrator reopen F003 -m "breaks on empty input"')
@click.argument("id", shell_complete=completion.ids)
@_message
@click.pass_obj
def reopen_command(context: Context, id: str, message: str) -> None:
    """Take a completion back: a commit, after which the feature is to be built again."""
    from orchestrator.building import byhand

    click.echo(f"{id}: reopened ({byhand.reopen(context.project(), id, message)[:10]})")


@click.command(epilog='\b\nExamples:\n  orchestrator block F003 -m "waits for the new API"')
@click.argument("ids", nargs=-1, required=True, metavar="ID...", shell_complete=completion.ids)
@_message
@click.pass_obj
def block_command(context: Context, ids: tuple[str, ...], message: str) -> None:
    """Set features aside: builds leave them alone until they are unblocked."""
    from orchestrator.building import byhand

    byhand.block(context.project(), ids, message)
    click.echo(f"{', '.join(ids)}: blocked")


@click.command(epilog="\b\nExamples:\n  orchestrator unblock F003")
@click.argument("ids", nargs=-1, required=True, metavar="ID...", shell_complete=completion.ids)
@click.pass_obj
def unblock_command(context: Context, ids: tuple[str, ...]) -> None:
    """Take features up again that were set aside."""
    from orchestrator.building import byhand

    for id in byhand.unblock(context.project(), ids):
        click.echo(f"{id}: unblocked")

"""`record`, `recall` and `context`: what sessions and people learned."""

from __future__ import annotations

import click

from orchestrator.cli import completion
from orchestrator.cli.app import Context, print_json, width

_RECORD = """\b
Examples:
  orchestrator record failure F003 "the API refuses more than 100 ids in a request"
  orchestrator record success F003 "tests run 10 x faster with the database in memory"
"""
_RECALL = """\b
Examples:
  orchestrator recall failures          all failures, the newest first
  orchestrator recall failures F003     those of F003
  orchestrator recall constraints       what must always hold (.agent/memory/constraints/*.md)
"""


@click.command(epilog=_RECORD)
@click.argument("outcome", type=click.Choice(["success", "failure"]))
@click.argument("id", shell_complete=completion.ids)
@click.argument("text")
@click.pass_obj
def record_command(context: Context, outcome: str, id: str, text: str) -> None:
    """Note what was learned from work on a feature: a strategy that worked, or what failed.

    A note is a Markdown file of its own under .agent/memory/; edit it as you like, and commit it.
    """
    from datetime import datetime

    from orchestrator.harness import memory

    project = context.project()
    feature = project.features().get(id)
    path = memory.record(project.root, outcome, feature.id, text, datetime.now().astimezone())
    click.echo(f"{feature.id}: recorded ({path.relative_to(project.root).as_posix()})")


@click.command(epilog=_RECALL)
@click.argument("kind", type=click.Choice(["failures", "strategies", "constraints", "entities"]))
@click.argument("id", required=False, shell_complete=completion.ids)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_obj
def recall_command(context: Context, kind: str, id: str | None, as_json: bool) -> None:
    """Show what was noted, the newest first; with an id only what is about that feature."""
    from orchestrator.harness import memory
    from orchestrator.harness.own_files import MEMORY

    project = context.project()
    found = memory.read(project.root, kind)
    if id is not None:
        found = [note for note in found if note.feature == id]
        if not found:
            project.features().get(id)
    if as_json:
        print_json([note._asdict() for note in found])
        return
    if not found:
        click.echo(f"no {kind} are recorded" + (f" for {id}" if id is not None else ""))
    from orchestrator.report.layout import fit

    for note in found:
        about = f"{note.feature}, {note.when}" if note.feature else note.when
        click.echo(click.style(fit(f"{about}  {MEMORY}/{note.path}", width()), bold=True))
        for line in note.text.splitlines():
            click.echo(f"  {line}".rstrip())


@click.command(epilog="\b\nExamples:\n  orchestrator context\n  orchestrator context | wc -w")
@click.pass_obj
def context_command(context: Context) -> None:
    """Compile .agent/working-context/current.md and print it: feature, constraints, failures, strategies, progress.

    It stays within [context] max_tokens; the least important is left out first.
    """
    from orchestrator.building.working_context import compile_current

    click.echo(compile_current(context.project()).encode("utf-8", "replace"), nl=False)

"""`import`: the backlog of another tool comes into the feature list."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from orchestrator.cli.app import Context

if TYPE_CHECKING:
    from orchestrator.backlogs.importing import Imported
    from orchestrator.backlogs.protocol import Backlog
    from orchestrator.features.dialects.tables import Rules

_EPILOG = """\b
Examples:
  orchestrator import                         what lies in its usual place
  orchestrator import --dry-run               show what would change
  orchestrator import prd.json --from ralph   a file, and which tool wrote it
"""


@click.command(epilog=_EPILOG)
@click.argument("source", required=False, type=click.Path(path_type=Path), metavar="[FILE|FOLDER]")
@click.option("--from", "kind", default="", metavar="KIND", help="Which tool wrote it; else its place or shape tells.")
@click.option("--dry-run", is_flag=True, help="Show the difference and write nothing.")
@click.option("--tag", default="", help="The tag to read (task-master).")
@click.option(
    "--subtasks",
    type=click.Choice(["features", "tests"]),
    default="features",
    help="Subtasks become features, or tests of their task (task-master).",
)
@click.option("--no-order", is_flag=True, help="The order of a checklist makes no dependencies.")
@click.option("--open", "open_only", is_flag=True, help="Leave out what is done and nothing open depends on.")
@click.pass_obj
def import_command(
    context: Context, source: Path | None, kind: str, dry_run: bool, tag: str, subtasks: Any, no_order: bool,
    open_only: bool,
) -> None:  # fmt: skip
    """Merge the backlog of another tool into the feature list; no status of what is there changes."""
    from orchestrator.backlogs import importing
    from orchestrator.backlogs.protocol import Options

    project = context.project()
    options = Options(project.root, tag, subtasks, not no_order, open_only, project.rules)
    done = importing.run(project, source, kind, options, dry_run=dry_run)
    _tell(done.backlog, done.merged.warnings)
    name = project.config.project.features
    click.echo(_difference(done, name) if dry_run else _written(done, name))
    click.echo(_closing(done, project.rules))


def _tell(backlog: Backlog, warnings: tuple[str, ...]) -> None:
    click.echo(f"{backlog.kind}: {backlog.source}")
    for note in backlog.notes:
        click.echo(f"note: {note}")
    for warning in (*backlog.warnings, *warnings):
        click.echo(f"warning: {warning}", err=True)


def _written(done: Imported, name: str) -> str:
    merged = done.merged
    if merged.data == done.before:
        return f"{name} has it all already; nothing is changed"
    if done.flattened:
        return f"{name}: written as one list of {len(merged.added)}"
    lines = [f"{name}: {len(merged.added)} added, {len(merged.changed)} changed"]
    lines += [f"  {id}: {', '.join(fields)}" for id, fields in merged.changed.items()]
    return "\n".join(lines)


def _difference(done: Imported, name: str) -> str:
    import difflib

    before, after = (data.decode("utf-8").splitlines() for data in (done.before, done.merged.data))
    lines = difflib.unified_diff(before, after, f"{name} (now)", f"{name} (then)", lineterm="")
    return "\n".join(lines) or f"{name} has it all already; nothing would change"


def _closing(done: Imported, rules: Rules) -> str:
    """`N entries, M done, K left out (why), about S sessions`."""
    from collections import Counter

    from orchestrator.backlogs import importing

    reasons = Counter(left.reason for left in done.backlog.left_out)
    why = f" ({', '.join(f'{count} {reason}' for reason, count in reasons.items())})" if reasons else ""
    finished = sum(entry.state == "done" for entry in done.backlog.entries)
    return (
        f"{len(done.backlog.entries)} entries, {finished} done, {len(done.backlog.left_out)} left out{why}, "
        f"about {importing.sessions(done, rules)} sessions"
    )

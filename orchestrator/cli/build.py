"""`build`: the same tasks as `doit build`, with options of its own."""

from __future__ import annotations

import sys
from typing import Any

import click

from orchestrator.cli import completion
from orchestrator.cli.app import Context

_EXAMPLES = """\b
Examples:
  orchestrator build --dry-run          what would run, in which order, and why
  orchestrator build                    build all that is unfinished or invalidated
  orchestrator build F003               this feature, and what it needs
  orchestrator build --max-cost-usd 20  stop when that much is spent
"""


@click.command(epilog=_EXAMPLES)
@click.argument("ids", nargs=-1, metavar="[ID]...", shell_complete=completion.ids)
@click.option("-m", "--model", help="The model for all sessions.")
@click.option("--max-sessions", type=click.IntRange(0), help="Stop after so many sessions (100; 0: no limit).")
@click.option("--max-cost-usd", type=click.FloatRange(0), help="Stop when so many dollars are spent (0: no limit).")
@click.option("-i", "--interactive", is_flag=True, help="Sessions on this terminal; Ctrl+C ends one.")
@click.option("--dry-run", is_flag=True, help="List what would run, and why; start nothing.")
@click.option("--with-qa", is_flag=True, help="Ask sessions to add QA features for what they make.")
@click.option("--skip-review", is_flag=True, help="Leave features alone that need review.")
@click.option("--record", metavar="DIR", help="Record the sessions for the replay agent.")
@click.option("-y", "--yes", is_flag=True, help="Answer yes where the build would ask.")
@click.pass_obj
def build_command(context: Context, ids: tuple[str, ...], model: str | None, dry_run: bool, interactive: bool,
                  max_sessions: int | None, max_cost_usd: float | None, with_qa: bool, skip_review: bool,
                  record: str | None, yes: bool) -> int:  # fmt: skip
    """Build what is unfinished or invalidated, and only that.

    Each feature gets an agent session, then the project's own check; what passes becomes a commit. A feature
    that fails again and again is set aside, its work kept. The same as `doit build`, with options.
    """
    overrides: dict[str, Any] = {
        "agent.model": model,
        "build.max_sessions": max_sessions,
        "build.max_cost_usd": max_cost_usd,
        "agent.mode": "interactive" if interactive else None,
    }
    if model is not None:
        overrides |= {f"agent.models.{kind}": model for kind in ("high", "medium", "low", "qa")}
    project = context.project(overrides)
    if dry_run:
        from orchestrator.report import dryrun

        for line in dryrun.lines(project, ids, skip_review=skip_review):
            click.echo(line)
        return 0
    from orchestrator.tasks import command
    from orchestrator.tasks.request import Request

    request = Request(
        project, with_qa=with_qa, skip_review=skip_review, assume_yes=yes, record=record, quiet=context.quiet,
        verbose=context.verbose, debug=context.debug,
    )  # fmt: skip
    return command.build(request, ids, sys.stdout)

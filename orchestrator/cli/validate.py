"""`validate` and `complexity`: what the feature list itself says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from orchestrator.cli import completion
from orchestrator.cli.app import Context, print_json

if TYPE_CHECKING:
    from orchestrator.features.checks import Problem


@click.command(epilog="\b\nExamples:\n  orchestrator validate\n  orchestrator validate --json")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_obj
def validate_command(context: Context, as_json: bool) -> int:
    """Check the feature list: errors and warnings with file, line and column; exit 2 when it is invalid."""
    from orchestrator.report.problems import problems as all_problems

    problems = all_problems(context.project())
    errors = [problem for problem in problems if problem.severity == "error"]
    if as_json:
        entries = {
            kind: [_entry(problem) for problem in problems if problem.severity == severity]
            for kind, severity in (("errors", "error"), ("warnings", "warning"))
        }
        print_json({"valid": not errors, **entries})
    else:
        for problem in problems:
            click.echo(str(problem))
        if not problems:
            click.echo("the feature list is valid")
    return 2 if errors else 0


def _entry(problem: Problem) -> dict[str, str]:
    return {"where": problem.where, "message": problem.message} | ({"fix": problem.fix} if problem.fix else {})


@click.command(epilog="\b\nExamples:\n  orchestrator complexity\n  orchestrator complexity F001 F002 --json")
@click.argument("ids", nargs=-1, metavar="[ID]...", shell_complete=completion.ids)
@click.option("--json", "as_json", is_flag=True, help="One JSON document: id -> complexity.")
@click.pass_obj
def complexity_command(context: Context, ids: tuple[str, ...], as_json: bool) -> None:
    """Estimate the features' complexity: high, medium or low. It decides which review a prompt demands."""
    project = context.project()
    features = project.features()
    chosen = [features.get(id) for id in ids] if ids else list(features.features)
    found = {feature.id: feature.complexity for feature in chosen}
    if as_json:
        print_json(found)
    else:
        for id, complexity in found.items():
            click.echo(f"{complexity:<8}{id}")

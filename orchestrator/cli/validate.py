"""`validate` and `complexity`: what the feature list itself says."""

from __future__ import annotations

import click

from orchestrator.cli.app import Context, print_json


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
            kind: [{"where": p.where, "message": p.message} for p in problems if p.severity == severity]
            for kind, severity in (("errors", "error"), ("warnings", "warning"))
        }
        print_json({"valid": not errors, **entries})
    else:
        for problem in problems:
            click.echo(f"{problem.where}: {problem.severity}: {problem.message}")
        if not problems:
            click.echo("the feature list is valid")
    return 2 if errors else 0


@click.command(epilog="\b\nExamples:\n  orchestrator complexity\n  orchestrator complexity F001 F002 --json")
@click.argument("ids", nargs=-1, metavar="[ID]...")
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

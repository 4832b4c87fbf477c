"""`init` and `demo`: making projects."""

from __future__ import annotations

from pathlib import Path

import click

from orchestrator.cli.app import Context, width


@click.command(epilog="\b\nExamples:\n  cd my-project && orchestrator init")
@click.pass_obj
def init_command(context: Context) -> None:
    """Make this repository an orchestrated one; what exists is kept and named."""
    from orchestrator.hooks.install import installing
    from orchestrator.report.layout import wrapped
    from orchestrator.setup import telling
    from orchestrator.setup.init import init

    for action in init(context.project().root):
        click.echo(f"{action.what:<8}{action.path}" + (f"  ({action.note})" if action.note else ""))
    project = context.project()
    for line in installing.install(project):
        click.echo(line)
    click.echo("")
    for line in telling.lines(project):
        for part in wrapped(line.lstrip(), width(), "  " if line.startswith(" ") else ""):
            click.echo(part)
    name = project.config.project.features
    what = "look at `orchestrator build --dry-run`" if project.features().features else f"describe features in {name}"
    click.echo(f"Next: {what}, commit, and run `doit build`.")


@click.command(epilog="\b\nExamples:\n  orchestrator demo\n  orchestrator demo ~/orchestrator-demo")
@click.argument("folder", required=False, type=click.Path(path_type=Path), metavar="[DIR]")
def demo_command(folder: Path | None) -> int:
    """See it work: a small real project is built, changed and reverted, without any agent account."""
    from orchestrator.setup.demo import demo

    return demo(folder)

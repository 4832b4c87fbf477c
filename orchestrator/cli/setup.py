"""`init` and `demo`: making projects."""

from __future__ import annotations

from pathlib import Path

import click

from orchestrator.cli.app import Context


@click.command(epilog="\b\nExamples:\n  cd my-project && orchestrator init")
@click.pass_obj
def init_command(context: Context) -> None:
    """Make this repository an orchestrated one; what exists is kept and named."""
    from orchestrator.hooks.install import installing
    from orchestrator.setup.init import init

    project = context.project()
    for action in init(project.root):
        click.echo(f"{action.what:<8}{action.path}" + (f"  ({action.note})" if action.note else ""))
    for line in installing.install(context.project()):
        click.echo(line)
    click.echo("\nNext: describe features in feature_list.json, commit, and run `doit build`.")


@click.command(epilog="\b\nExamples:\n  orchestrator demo\n  orchestrator demo ~/orchestrator-demo")
@click.argument("folder", required=False, type=click.Path(path_type=Path), metavar="[DIR]")
def demo_command(folder: Path | None) -> int:
    """See it work: a small real project is built, changed and reverted, without any agent account."""
    from orchestrator.setup.demo import demo

    return demo(folder)

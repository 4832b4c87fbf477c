"""`hooks`: install, remove and show the git hooks."""

from __future__ import annotations

import os

import click

from orchestrator.cli.app import Context, print_json, width

_EXAMPLES = """\b
Examples:
  orchestrator hooks install
  orchestrator hooks status
  orchestrator hooks uninstall     # leaves everything as it was
"""


@click.group(epilog=_EXAMPLES)
def hooks_command() -> None:
    """Git hooks that keep the feature list in step with the history.

    A commit that is about something else starts no Python. What other hooks there are keep running.
    """


@hooks_command.command(epilog="\b\nExamples:\n  orchestrator hooks install")
@click.pass_obj
def install(context: Context) -> None:
    """Install the hooks and the merge driver; what is there is kept and still runs."""
    from orchestrator.hooks.install import installing

    for line in installing.install(context.project()):
        click.echo(line)


@hooks_command.command(epilog="\b\nExamples:\n  orchestrator hooks uninstall")
@click.pass_obj
def uninstall(context: Context) -> None:
    """Take the hooks away and put back what they had replaced."""
    from orchestrator.hooks.install import installing

    for line in installing.uninstall(context.project()):
        click.echo(line)


@hooks_command.command(epilog="\b\nExamples:\n  orchestrator hooks status --json")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_obj
def status(context: Context, as_json: bool) -> int:
    """Show each hook's state; exit 1 when one is missing or outdated."""
    from orchestrator.hooks.install import installing
    from orchestrator.report.layout import fit

    project = context.project()
    found = installing.status(project)
    driver = installing.driver_registered(project)
    if as_json:
        entries = [
            {
                "name": hook.name, "state": hook.state, "path": str(hook.path),
                "python": hook.python, "python_present": hook.python_present,
            }
            for hook in found
        ]  # fmt: skip
        print_json({"hooks": entries, "merge_driver": driver})
    else:
        for hook in found:
            gone = f"  ({hook.python} is gone)" if hook.python and not hook.python_present else ""
            click.echo(fit(f"{hook.state:<10}{hook.name}  {hook.path}{gone}", width()))
        click.echo(f"{'installed' if driver else 'absent':<10}merge driver")
    if driver and all(hook.state == "installed" for hook in found):
        return 0
    if not as_json:
        click.echo("Run `orchestrator hooks install`.")
    return 1


@hooks_command.command(name="run", epilog="\b\nExamples:\n  orchestrator hooks run post-commit")
@click.argument("name")
@click.argument("arguments", nargs=-1)
def run_hook(name: str, arguments: tuple[str, ...]) -> int:
    """Do what the hook NAME does, as git would call it with these arguments: for other hook managers.

    NAME may be merge-driver too, with the arguments %O %A %B %L %P.
    """
    from orchestrator.hooks import entry
    from orchestrator.hooks.table import BY_NAME

    if name == "merge-driver" and len(arguments) >= 3:
        from orchestrator.hooks import merge_driver

        return merge_driver.main(*arguments[:5])
    if name not in BY_NAME:
        raise click.UsageError(f"no such hook: {name} (there are {', '.join(BY_NAME)}, and merge-driver)")
    if BY_NAME[name].may_refuse and not arguments:
        raise click.UsageError(f"{name} needs the message's file")
    return entry.handle(name, list(arguments) or _from_pre_commit(name))


def _from_pre_commit(name: str) -> list[str]:
    """The hook's arguments as git gave them to pre-commit, which passes them on as environment variables."""
    from orchestrator.hooks.table import BY_NAME

    given = os.environ.get(BY_NAME[name].told_in or "-")
    return [] if given is None else [given]

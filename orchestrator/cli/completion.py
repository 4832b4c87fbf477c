"""`completion`: the shell completes commands, options and features' ids. The machinery is click's."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from orchestrator.errors import OrchestratorError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_EXAMPLES = """\b
Examples:
  eval "$(orchestrator completion bash)"     in ~/.bashrc
  eval "$(orchestrator completion zsh)"      in ~/.zshrc, after compinit
  orchestrator completion fish | source      in ~/.config/fish/config.fish
"""
_VARIABLE = "_ORCHESTRATOR_COMPLETE"  # what click makes of the program's name
# Bash puts what is completed into the command line as it is: an id must not be a command there.
_PLAIN = re.compile(r"(?!-)[\w@%+=:,./-]+")


@click.command(epilog=_EXAMPLES)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion_command(ctx: click.Context, shell: str) -> None:
    """Print the script that makes the shell complete commands, options and features' ids."""
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    if kind is None:
        raise OrchestratorError(f"this click knows no completion for {shell}", fix="Install click 8.1 or newer")
    click.echo(kind(ctx.find_root().command, {}, "orchestrator", _VARIABLE).source())


def ids(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The ids of the project's features that begin so, and are not on the command line yet; none where there is no
    list that can be read.
    """
    from click.shell_completion import CompletionItem

    from orchestrator import project

    given = ctx.params.get(parameter.name or "")
    present = set(given) if isinstance(given, (tuple, list)) else set()
    try:
        features = project.load(_folder(ctx)).features().features
    except (OrchestratorError, OSError):
        return []
    return [
        CompletionItem(feature.id, help=" ".join(feature.name.split()) if feature.name.isprintable() else "")
        for feature in features
        if feature.id.startswith(incomplete) and feature.id not in present and _PLAIN.fullmatch(feature.id)
    ]


def _folder(ctx: click.Context) -> Path | None:
    """What -p says, behind the command or before it."""
    return ctx.meta.get("path") or ctx.find_root().params.get("path")

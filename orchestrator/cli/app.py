"""The top of the command line: global options, the table of commands, and one place that makes exit codes."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from orchestrator import __version__
from orchestrator.ending import USAGE
from orchestrator.errors import OrchestratorError

if TYPE_CHECKING:
    from orchestrator.project import Project

# name -> (module, one line). A command's module is imported only when it runs, so that each start is quick.
COMMANDS = {
    "init": ("setup", "Make this repository an orchestrated one."),
    "import": ("import_", "Bring in the backlog of another tool."),
    "build": ("build", "Build what is unfinished or invalidated, and only that."),
    "plan": ("plan", "Plan from a prompt: research, requirements, phases, features."),
    "status": ("status", "Show each feature's state, and why."),
    "next": ("status", "Show the feature that build would take next."),
    "why": ("why", "Explain a feature's state."),
    "impact": ("why", "Show what changing or finishing a feature would touch."),
    "log": ("log", "Show the sessions that were run, and what each said and did."),
    "verify": ("verify", "Run features' checks, and say what passes."),
    "sync": ("sync", "Bring the feature list in line with the git history."),
    "complexity": ("validate", "Estimate the features' complexity."),
    "validate": ("validate", "Check the feature list."),
    "complete": ("mark", "Commit the staged changes as a feature's completion."),
    "accept": ("mark", "Take the present state as what was asked for."),
    "reopen": ("mark", "Take a completion back."),
    "block": ("mark", "Set features aside."),
    "unblock": ("mark", "Take features up again."),
    "record": ("memory", "Note what was learned from work on a feature."),
    "recall": ("memory", "Show what was noted."),
    "context": ("memory", "Compile and print what a session should know."),
    "hooks": ("hooks", "Install, remove or show the git hooks."),
    "doctor": ("doctor", "Examine what a build needs, and say how to mend it."),
    "mcp": ("mcp", "Show or add MCP servers; serve the backlog as one."),
    "schema": ("schema", "Print the JSON Schema of the list or the settings."),
    "completion": ("completion", "Print the script for completion by the shell."),
    "demo": ("setup", "See it work: a small project, built without any agent account."),
}

# Commands that change nothing. Another one is suggested only for its own misspelling: who asks to see something is
# never told to type what writes.
READING = {"status", "next", "why", "impact", "complexity", "validate", "log", "verify", "doctor", "schema"}
_MISSPELT = 0.75

# Attribute of Context -> its option names.
GLOBAL = {
    "path": ("-p", "--project"),
    "verbose": ("-v", "--verbose"),
    "quiet": ("-q", "--quiet"),
    "debug": ("--debug",),
    "no_color": ("--no-color",),
}

EPILOG = """\b
Examples:
  orchestrator init                   make this repository an orchestrated one
  orchestrator build --dry-run        see what would run, and why
  doit build                          build it
  orchestrator status                 see where things stand
  orchestrator why F003               see why
"""


class Context:
    """The global options; the project is looked for when a command first asks."""

    def __init__(
        self, path: Path | None = None, verbose: bool = False, quiet: bool = False, debug: bool = False
    ) -> None:
        self.path, self.verbose, self.quiet, self.debug = path, verbose, quiet, debug

    def project(self, overrides: dict[str, Any] | None = None) -> Project:
        from orchestrator import project

        return project.load(self.path, overrides)

    def root(self) -> Path:
        """The project's folder, whatever its settings say. Raises OrchestratorError for a missing folder."""
        from orchestrator import project

        return project.root_of(self.path)


class Lazy(click.Group):
    """A group whose commands live in modules of their own."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"orchestrator.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name + "_command")
        return _with_global_options(command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        unknown = args and not args[0].startswith("-") and args[0] not in COMMANDS
        if unknown and not ctx.resilient_parsing:  # a shell that completes a line is told nothing
            raise OrchestratorError(f"no such command {args[0]!r}", fix=nearest(args[0], list(COMMANDS)))
        return super().resolve_command(ctx, args)


def _with_global_options(command: click.Command) -> click.Command:
    """Let the command take the global options too, so that they may stand before or behind its name. Its help does not
    list them.
    """
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            command.commands[name] = _with_global_options(inner)
    own = {option for parameter in command.params for option in parameter.opts}
    for name, options in GLOBAL.items():
        free = [option for option in options if option not in own]
        if free and name == "path":
            kind = click.Path(path_type=Path)
            option = click.Option([*free, name], type=kind, hidden=True, expose_value=False, callback=_note)
        elif free:
            option = click.Option([*free, name], is_flag=True, hidden=True, expose_value=False, callback=_note)
        else:
            continue
        command.params.append(option)
    return command


def _note(ctx: click.Context, parameter: click.Parameter, value: Any) -> None:
    """Keep a global option that was given behind a command."""
    if not value:
        return
    if ctx.resilient_parsing:  # a line that is being completed: there is no Context
        ctx.meta[str(parameter.name)] = value
    elif parameter.name == "no_color":
        ctx.color = False
    else:
        setattr(ctx.obj, str(parameter.name), value)


def nearest(word: str, known: Sequence[str]) -> str:
    """What to suggest for a word that is not known."""
    import difflib

    for close in difflib.get_close_matches(word, known, len(known), 0.55):
        if close in READING or difflib.SequenceMatcher(None, word, close).ratio() >= _MISSPELT:
            return f"Did you mean {close!r}?"
    return "See `orchestrator --help`"


@click.command(cls=Lazy, epilog=EPILOG, no_args_is_help=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("-p", "--project", "path", type=click.Path(path_type=Path), help="The project's folder.")
@click.option("-v", "--verbose", is_flag=True, help="Show more: output of checks, reasons.")
@click.option("-q", "--quiet", is_flag=True, help="Show less: no live text of sessions.")
@click.option("--debug", is_flag=True, help="Show tracebacks of errors.")
@click.option("--no-color", is_flag=True, help="No colours (NO_COLOR and FORCE_COLOR are obeyed too).")
@click.version_option(__version__, prog_name="orchestrator")
@click.pass_context
def app(ctx: click.Context, path: Path | None, verbose: bool, quiet: bool, debug: bool, no_color: bool) -> None:
    """An incremental build system for coding agents.

    Runs the agent only for what is unfinished or invalidated; git remembers what is done.
    """
    ctx.obj = Context(path, verbose, quiet, debug)
    ctx.color = _color(no_color)


def _color(off: bool) -> bool | None:
    """Whether colours are wanted; None leaves it to the question whether the output is a terminal."""
    if off or os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return False if os.environ.get("TERM") == "dumb" else None


def run(arguments: list[str]) -> int:
    """Run the command line; its exit code. What a user did wrong is raised as OrchestratorError."""
    try:
        result = app.main(arguments, prog_name="orchestrator", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return USAGE
    except click.UsageError as error:
        fix = f"See `{error.ctx.command_path} --help`" if error.ctx else ""
        raise OrchestratorError(error.format_message(), fix=fix) from error
    except click.ClickException as error:
        raise OrchestratorError(error.format_message()) from error
    except click.Abort:
        raise KeyboardInterrupt from None
    return result if isinstance(result, int) else 0


def width() -> int | None:
    """The terminal's width; None where the output is none."""
    if not sys.stdout.isatty():
        return None
    import shutil

    return shutil.get_terminal_size().columns


def print_json(data: object) -> None:
    """One JSON document on stdout. Lone surrogates, which JSON allows, are escaped."""
    import json

    text = json.dumps(data, indent=2, ensure_ascii=False)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        text = json.dumps(data, indent=2)
    sys.stdout.buffer.write(text.encode("utf-8") + b"\n")
    sys.stdout.buffer.flush()

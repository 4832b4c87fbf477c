"""`schema`: the JSON Schemas that editors complete and check by."""

from __future__ import annotations

import click

from orchestrator.cli.app import print_json


@click.command(
    epilog="\b\nExamples:\n  orchestrator schema list\n  orchestrator schema config > orchestrator.schema.json"
)
@click.argument("what", type=click.Choice(["list", "config"]))
def schema_command(what: str) -> None:
    """Print the JSON Schema of the feature list, or of orchestrator.toml."""
    if what == "list":
        from orchestrator.features import schema as of_list

        print_json(of_list.schema())
    else:
        from orchestrator.config import schema as of_config

        print_json(of_config.schema())

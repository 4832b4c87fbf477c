"""`sync`: the feature list follows the history."""

from __future__ import annotations

import click

from orchestrator.cli.app import Context, print_json


@click.command(
    epilog="\b\nExamples:\n  orchestrator sync\n  orchestrator sync --check   # exit 1 when the list is behind"
)
@click.option("--check", is_flag=True, help="Write nothing; exit 1 when something would change.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_obj
def sync_command(context: Context, check: bool, as_json: bool) -> int:
    """Bring the feature list in line with the git history."""
    from orchestrator.building import attempts
    from orchestrator.history import sync, unheard

    project = context.project()
    place = project.repository
    listed = project.features()  # an invalid list is told of before anything else
    features = listed.by_id
    if check:
        found = sync.preview(place, project.features_path, project.words, project.rules)
    else:
        later = sync.carries_later(place, project.config.history.write)
        arguments = place, project.features_path, project.list_lock, project.words
        found = sync.worktree(*arguments, rules=project.rules, carried_later=later)
    if as_json:
        changed = [{"id": flip.id, "passes": flip.passes, "reason": flip.reason} for flip in found]
        print_json({"head": place.head, "changed": changed})
    else:
        for line in (*sync.lines(found), *attempts.not_judged(project.store, features)):
            click.echo(line)
        if not found:
            click.echo("the feature list says what the history says")
    for one in unheard.find(place, project.features_path, project.words, listed, project.rules):
        click.echo(f"orchestrator: warning: {one}", err=True)
    return 1 if check and found else 0

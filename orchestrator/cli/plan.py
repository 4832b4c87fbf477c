"""`plan`: from a prompt to a feature list."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from orchestrator.cli.app import Context
from orchestrator.errors import OrchestratorError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orchestrator.planning.running.choosing import Asked
    from orchestrator.project import Project
    from orchestrator.tasks.planning import Wanted
    from orchestrator.tasks.request import Request

_EXAMPLES = """\b
Examples:
  orchestrator plan "A command line that counts words"
  orchestrator plan                          go on with the current plan, as `doit plan` does
  orchestrator plan --resume                 go on where a step failed
  orchestrator plan -r --resume-step planning --research-path 2026-01-02-words.md
  orchestrator plan --list                   all plans and how far they are; * marks the current one
"""
_STEPS = ["planning", "requirement_decomposition", "phase_decomposition"]


@click.command(epilog=_EXAMPLES)
@click.argument("prompt", required=False)
@click.option("-t", "--ticket", default="", help="The ticket: kept with the plan, its features, commits and issues.")
@click.option("-y", "--auto-approve", is_flag=True, help="Ask nothing at the checkpoints.")
@click.option("--prompt-text", help="What to build (the same as PROMPT).")
@click.option("--new", is_flag=True, help="Make a second plan where there is one for the same wish.")
@click.option("-r", "--resume", is_flag=True, help="Go on from the newest checkpoint, or from a given file.")
@click.option("--resume-step", "--resume_step", type=click.Choice(_STEPS), help="The step to begin at.")
@click.option("--research-path", "--research_path", help="A research file: a path, its name, or a part of it.")
@click.option("--plan-path", "--plan_path", help="A plan file: a path, its name, or a part of it.")
@click.option("--list", "listing", is_flag=True, help="Show all plans: state, phases built, sessions, cost.")
@click.pass_obj
def plan_command(context: Context, prompt: str | None, ticket: str, auto_approve: bool, prompt_text: str | None,
                 new: bool, resume: bool, resume_step: str | None, research_path: str | None, plan_path: str | None,
                 listing: bool) -> int:  # fmt: skip
    """Plan from a prompt: research, requirements, a plan, phases, features, issues.

    Each step writes its artifact under thoughts/shared. Edit one, and what depends on it runs again; nothing else.
    """
    from orchestrator.planning.running.choosing import Asked
    from orchestrator.tasks import planning
    from orchestrator.tasks.request import Request

    request = Request(context.project(), quiet=context.quiet, verbose=context.verbose, debug=context.debug)
    if listing:
        return _list(request.project)
    asked = Asked(prompt_text or prompt, new, resume, resume_step, research_path, plan_path)
    return _run(request, asked, planning.Wanted(ticket, auto_approve))


def _list(project: Project) -> int:
    from orchestrator.planning.running.context import plans_of
    from orchestrator.planning.running.listing import listed
    from orchestrator.tasks import planning

    plans = plans_of(project)
    for name in plans.names():
        plan = plans.plan(name)
        click.echo(listed(planning.looking(project, plan), plan, plans.current()).line())
    if not plans.names():
        click.echo("no plan yet")
    return 0


def _run(request: Request, asked: Asked, wanted: Wanted) -> int:
    from orchestrator.planning.running import dialogue, outcome, preflight, runner
    from orchestrator.planning.running.choosing import choose
    from orchestrator.planning.running.context import plans_of
    from orchestrator.tasks import planning
    from orchestrator.tasks.work import Held

    held, project = Held(), request.project
    preflight.of_project(project)
    held.take(request, "plan")
    asks_nothing = wanted.auto_approve or project.config.plan.auto_approve
    terminal = None if asks_nothing else dialogue.terminal()
    _clean_up(project)
    plan, start, note = choose(plans_of(project), asked, date.today(), _age, terminal)
    if note:
        click.echo(note)
    made = planning.make(request, held, plan, wanted, start)
    before = outcome.standings(made)
    try:
        reports = runner.run_plan(made, start)
    except OrchestratorError:
        _say(outcome.costs(made))
        raise
    if not any(report.ran for report in reports):
        click.echo(f"plan {plan.name}: nothing to do")
        return 0
    click.echo(f"\nplan {plan.name}: {plan.relative(plan.folder)}")
    _say(outcome.lines(made, before))
    click.echo("Read it, edit what you like, commit it with feature_list.json, and run `doit build`.")
    return 0


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)


def _age(timestamp: str) -> int:
    from orchestrator.planning.running.checkpoints import age_days

    return age_days(timestamp, datetime.now().astimezone())


def _clean_up(project: Project) -> None:
    """Offer to delete old checkpoints, on a terminal only."""
    from orchestrator.planning.running import checkpoints, dialogue

    terminal = dialogue.terminal()
    found = checkpoints.load_all(project.root)
    now = datetime.now().astimezone()
    if terminal and checkpoints.offer_clean_up(found, now):
        gone, failed = checkpoints.delete(terminal.clean_up(found, now))
        click.echo(f"{gone} checkpoints deleted" + (f", {failed} could not be" if failed else ""))

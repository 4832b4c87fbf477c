"""`plan`: from a prompt to a feature list."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from orchestrator.cli.app import Context
from orchestrator.errors import OrchestratorError

if TYPE_CHECKING:
    from orchestrator.planning.paths import Plan, Plans
    from orchestrator.planning.running.step import Step
    from orchestrator.project import Project
    from orchestrator.tasks.planning import Wanted
    from orchestrator.tasks.request import Request

_EXAMPLES = """\b
Examples:
  orchestrator plan "A command line that counts words"
  orchestrator plan                          go on with the current plan, as `doit plan` does
  orchestrator plan --resume                 go on where a step failed
  orchestrator plan -r --resume-step planning --research-path 2026-01-02-words.md
  orchestrator plan --list                   all plans; * marks the current one
"""
_STEPS = ["planning", "requirement_decomposition", "phase_decomposition"]


@click.command(epilog=_EXAMPLES)
@click.argument("prompt", required=False)
@click.option("-t", "--ticket", default="", help="The ticket, for the epic's title.")
@click.option("-y", "--auto-approve", is_flag=True, help="Ask nothing at the checkpoints.")
@click.option("--prompt-text", help="What to build (the same as PROMPT).")
@click.option("-r", "--resume", is_flag=True, help="Go on from the newest checkpoint, or from a given file.")
@click.option("--resume-step", "--resume_step", type=click.Choice(_STEPS), help="The step to begin at.")
@click.option("--research-path", "--research_path", help="A research file: a path, its name, or a part of it.")
@click.option("--plan-path", "--plan_path", help="A plan file: a path, its name, or a part of it.")
@click.option("--list", "listing", is_flag=True, help="Show all plans.")
@click.pass_obj
def plan_command(context: Context, prompt: str | None, ticket: str, auto_approve: bool, prompt_text: str | None,
                 resume: bool, resume_step: str | None, research_path: str | None, plan_path: str | None,
                 listing: bool) -> int:  # fmt: skip
    """Plan from a prompt: research, requirements, a plan, phases, features, issues.

    Each step writes its artifact under thoughts/shared. Edit one, and what depends on it runs again; nothing else.
    """
    from orchestrator.planning.running.context import plans_of
    from orchestrator.tasks import planning
    from orchestrator.tasks.request import Request

    project = context.project()
    plans = plans_of(project)
    if listing:
        return _list(plans)
    wanted = planning.Wanted(ticket, auto_approve)
    _clean_up(project)
    start: Step | None = None
    if resume or resume_step or research_path or plan_path:
        plan, start = _resumed(project, plans, resume_step, research_path, plan_path)
    else:
        plan = _begun(project, plans, prompt_text or prompt)
    plans.choose(plan.name)
    request = Request(project, quiet=context.quiet, verbose=context.verbose, debug=context.debug)
    return _run(request, plan, wanted, start)


def _list(plans: Plans) -> int:
    current = plans.current()
    for name in plans.names():
        click.echo(f"{'*' if current and current.name == name else ' '} {name}")
    if not plans.names():
        click.echo("no plan yet")
    return 0


def _begun(project: Project, plans: Plans, prompt: str | None) -> Plan:
    """The plan for the prompt; without one the current plan, else what the user types on the terminal."""
    from orchestrator.planning.running import dialogue

    if prompt is None:
        current = plans.current()
        if current:
            return current
        terminal = dialogue.terminal()
        prompt = terminal.prompt() if terminal else ""
    if not prompt.strip():
        raise OrchestratorError("there is nothing to plan", fix='Say it: orchestrator plan "WHAT TO BUILD"')
    return plans.start(prompt, date.today())


def _resumed(
    project: Project, plans: Plans, step: str | None, research: str | None, planned: str | None
) -> tuple[Plan, Step | None]:
    """The plan to go on with and, where it is to be done again, the step to begin at."""
    from orchestrator.planning.running import runner
    from orchestrator.planning.running.pipeline import RESUME_STEPS

    if planned is not None:
        plan = runner.adopt_plan(plans, _file(plans, planned, "plans"), date.today())
        return plan, RESUME_STEPS[step or "phase_decomposition"]
    if research is not None:
        plan = runner.adopt_research(plans, _file(plans, research, "research"), date.today())
        return plan, RESUME_STEPS[step or "planning"]
    found = _from_checkpoint(project, plans)
    if found is not None:
        return found, RESUME_STEPS[step] if step else None
    return _chosen(plans, step)


def _file(plans: Plans, text: str, kind: str) -> Path:
    from orchestrator.planning.paths import resolve_file_path

    path = resolve_file_path(plans, text, kind)
    if path is None:
        raise OrchestratorError(f"no {kind} file is called {text!r}", where=str(plans.base), fix="Give its path")
    return path


def _from_checkpoint(project: Project, plans: Plans) -> Plan | None:
    from orchestrator.planning.running import checkpoints, dialogue, runner

    newest = checkpoints.newest(checkpoints.load_all(project.root))
    if newest is None:
        return None
    terminal = dialogue.terminal()
    age = checkpoints.age_days(newest.timestamp, datetime.now().astimezone())
    if terminal and not terminal.use_checkpoint(newest, age):
        return None
    return runner.of_checkpoint(plans, newest)


def _chosen(plans: Plans, step: str | None) -> tuple[Plan, Step | None]:
    """Without a checkpoint: a file from the menu on a terminal, else the current plan."""
    from orchestrator.planning.paths import discover
    from orchestrator.planning.running import dialogue, runner
    from orchestrator.planning.running.pipeline import RESUME_STEPS

    terminal = dialogue.terminal()
    current = plans.current()
    if terminal is None:
        if current is None:
            raise OrchestratorError("there is no checkpoint to go on from", fix="Give --research-path or --plan-path")
        return current, RESUME_STEPS[step] if step else None
    kind = "plans" if step == "phase_decomposition" else "research"
    text = terminal.choose_file(kind, lambda days: discover(plans, kind, days, date.today()))
    if text is None:
        raise KeyboardInterrupt
    path = _file(plans, text, kind)
    adopt = runner.adopt_plan if kind == "plans" else runner.adopt_research
    return adopt(plans, path, date.today()), RESUME_STEPS[
        step or ("phase_decomposition" if kind == "plans" else "planning")
    ]


def _clean_up(project: Project) -> None:
    """Offer to delete old checkpoints, on a terminal only."""
    from orchestrator.planning.running import checkpoints, dialogue

    terminal = dialogue.terminal()
    found = checkpoints.load_all(project.root)
    now = datetime.now().astimezone()
    if terminal and checkpoints.offer_clean_up(found, now):
        gone, failed = checkpoints.delete(terminal.clean_up(found, now))
        click.echo(f"{gone} checkpoints deleted" + (f", {failed} could not be" if failed else ""))


def _run(request: Request, plan: Plan, wanted: Wanted, start: Step | None) -> int:
    from orchestrator.planning.running import runner
    from orchestrator.tasks import planning
    from orchestrator.tasks.work import Held

    made = planning.make(request, Held(), plan, wanted)
    reports = runner.run_plan(made, start)
    if not any(report.ran for report in reports):
        click.echo(f"plan {plan.name}: nothing to do")
        return 0
    click.echo(f"\nplan {plan.name}: {plan.relative(plan.folder)}")
    click.echo("Read it, edit what you like, commit it with feature_list.json, and run `doit build`.")
    return 0

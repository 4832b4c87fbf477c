"""`verify`: what passes, without building anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from orchestrator.cli import completion
from orchestrator.cli.app import Context, width

if TYPE_CHECKING:
    from orchestrator.building.verification import Verdict
    from orchestrator.building.verifying import Check

_EXAMPLES = """\b
Examples:
  orchestrator verify                        the checks of all done features
  orchestrator verify F003 F004              the checks of these, whatever their state
  orchestrator verify --since origin/main    of what was completed since (in CI)
"""
_SHOWN = 20  # lines of a failed check's output on a terminal


@click.command(epilog=_EXAMPLES)
@click.argument("ids", nargs=-1, metavar="[ID]...", shell_complete=completion.ids)
@click.option("--since", metavar="REV", help="Only what was completed since this commit.")
@click.pass_obj
def verify_command(context: Context, ids: tuple[str, ...], since: str | None) -> int:
    """Run the features' checks as a build would, and say what passes; exit 1 when one fails.

    A command that several features share runs once. Nothing is changed but what this clone remembers of passed checks.
    """
    from orchestrator.building import verifying
    from orchestrator.ending import end_like_ctrl_c

    if ids and since is not None:
        raise click.UsageError("--since chooses the features: give it, or ids")
    end_like_ctrl_c()
    project = context.project()
    plan = verifying.plan(project, ids, since)
    passed = failed = 0
    with verifying.alone(project) as free:
        for check in plan.checks:
            _tell_start(check)
            verdict = verifying.run(project, check)
            _tell_end(check, verdict, context.verbose)
            if verdict.passed and check.command:
                passed += len(check.features)
                if free:
                    verifying.remember(project, plan, check.features)
            failed += 0 if verdict.passed else len(check.features)
    if plan.changed:
        click.echo(f"not checked, for the definition has changed since: {', '.join(plan.changed)}")
    unchecked = sum(len(check.features) for check in plan.checks) - passed - failed
    click.echo(_summary(passed, failed, unchecked))
    return 1 if failed else 0


def _names(check: Check) -> str:
    return ", ".join(feature.id for feature in check.features)


def _tell_start(check: Check) -> None:
    """Said before it runs: a check may take minutes."""
    from orchestrator.report.layout import fit

    what = f"check: {check.command}" if check.command else "there is no check command"
    for line in (_names(check), f"  {' '.join(what.split())}"):
        click.echo(fit(line, width()))


def _tell_end(check: Check, verdict: Verdict, verbose: bool) -> None:
    from orchestrator.report.layout import duration

    if not check.command:
        return
    how = "passed" if verdict.passed else "failed"
    if not verdict.passed and verdict.exit_code is not None:
        how += f", exit code {verdict.exit_code}"
    note = f"; {verdict.note}" if verdict.note and verdict.passed else ""  # else it stands in the output
    click.echo(click.style(f"  {how} ({duration(verdict.elapsed)}){note}", fg="green" if verdict.passed else "red"))
    lines = [] if verdict.passed and not verbose else verdict.output.strip().splitlines()
    for line in lines if verbose or width() is None else lines[-_SHOWN:]:
        click.echo(f"    {line}".rstrip())


def _summary(passed: int, failed: int, unchecked: int) -> str:
    if not passed + failed + unchecked:
        return "there is nothing to check"
    more = f", {unchecked} without a check" if unchecked else ""
    return f"{passed} passed, {failed} failed{more}"

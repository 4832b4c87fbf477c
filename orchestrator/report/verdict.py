"""The last lines of a build. Imports nothing: most builds have nothing else to say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from orchestrator.building.run import Run

_MOST = 20


def finished(summary: dict[str, Any], run: Run | None) -> None:
    """The last lines of a build."""
    if run is not None:
        _print_notes(run.tally.notes)
    counts = summary["counts"]
    total = sum(counts.values())
    if run is not None and run.budget.sessions:
        cost = f", {run.budget.cost_usd:.2f} USD" if run.budget.cost_usd else ""
        count = "1 session" if run.budget.sessions == 1 else f"{run.budget.sessions} sessions"
        print(f"{count}{cost}: {len(run.tally.completed)} completed, {len(run.tally.blocked)} blocked")
    if counts["done"] + counts["dropped"] == total:
        dropped = f", {counts['dropped']} dropped" if counts["dropped"] else ""
        print(f"{_features(total)}: all up to date{dropped}")
        _print_review(summary)
        return
    parts = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
    print(f"{_features(total)}: {parts}")
    for id in summary["blocked"]:
        print(f"  blocked: {id} (see `orchestrator why {id}`)")
    for line in summary.get("waiting", []):
        print(f"  {line}")
    _print_review(summary)


def _print_notes(notes: list[str]) -> None:
    """What was undone, and what a person should see, once more at the end."""
    notes = list(dict.fromkeys(notes))
    for note in notes[:_MOST]:
        print(f"  note: {note}")
    if len(notes) > _MOST:
        print(f"  note: and {len(notes) - _MOST} more, in .agent/sessions/")


def _print_review(summary: dict[str, Any]) -> None:
    for line in summary.get("unseen", []):
        print(line)
    ids = summary.get("review", [])
    if ids:
        print(f"needs review: {', '.join(ids)} (look, then `orchestrator accept ID -m 'why'`)")


def _features(total: int) -> str:
    return "1 feature" if total == 1 else f"{total} features"

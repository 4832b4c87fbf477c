"""The last lines of a build. Imports nothing: most builds have nothing else to say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from orchestrator.building.run import Run


def finished(summary: dict[str, Any], run: Run | None) -> None:
    """The last lines of a build."""
    counts = summary["counts"]
    total = sum(counts.values())
    if run is not None and run.budget.sessions:
        cost = f", {run.budget.cost_usd:.2f} USD" if run.budget.cost_usd else ""
        count = "1 session" if run.budget.sessions == 1 else f"{run.budget.sessions} sessions"
        print(f"{count}{cost}: {len(run.tally.completed)} completed, {len(run.tally.blocked)} blocked")
    if counts["done"] == total:
        print(f"{_features(total)}: all up to date")
        return
    parts = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
    print(f"{_features(total)}: {parts}")
    for id in summary["blocked"]:
        print(f"  blocked: {id} (see `orchestrator why {id}`)")


def _features(total: int) -> str:
    return "1 feature" if total == 1 else f"{total} features"

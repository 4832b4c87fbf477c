"""The last lines of a build. Imports nothing: most builds have nothing else to say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from orchestrator.building.run import Run


def finished(summary: dict[str, Any], run: Run | None) -> None:
    """The last lines of a build."""
    counts = summary["counts"]
    total = sum(counts.values())
    if run is not None and run.sessions:
        cost = f", {run.cost_usd:.2f} USD" if run.cost_usd else ""
        count = "1 session" if run.sessions == 1 else f"{run.sessions} sessions"
        print(f"{count}{cost}: {len(run.completed)} completed, {len(run.blocked)} blocked")
    if counts["done"] == total:
        print(f"{_features(total)}: all up to date")
        return
    parts = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
    print(f"{_features(total)}: {parts}")
    for id in summary["blocked"]:
        print(f"  blocked: {id} (see `orchestrator why {id}`)")


def _features(total: int) -> str:
    return "1 feature" if total == 1 else f"{total} features"

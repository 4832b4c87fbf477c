"""One run of the build, in parts: each function takes the part that it needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from orchestrator.agents.protocol import Agent
from orchestrator.building.baseline import Baseline
from orchestrator.building.budget import Budget
from orchestrator.building.checkout import Checkout
from orchestrator.building.progress import Progress
from orchestrator.building.steering import Copies
from orchestrator.project import Project
from orchestrator.staleness.facts import Seen


@dataclass(frozen=True)
class Options:
    """What the command line asks of a run, beyond the settings."""

    with_qa: bool = False
    skip_review: bool = False
    assume_yes: bool = False


@dataclass
class Tally:
    """What became of the features so far, by id; `notes` are about what was undone and what a person should see.
    `detached` is the ref that keeps the commits of a build on a detached HEAD, "" on a branch.
    """

    completed: list[str] = field(default_factory=list)
    blocked: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    detached: str = ""


@dataclass(frozen=True)
class Run:
    """The parts of a run: what it works on, who works, who watches, what it may spend, and what came of it."""

    checkout: Checkout
    agent: Agent
    progress: Progress
    budget: Budget
    options: Options = Options()
    tally: Tally = field(default_factory=Tally)
    copies: Copies = field(default_factory=Copies)
    baseline: Baseline = field(default_factory=Baseline)


def begin(
    project: Project, agent: Agent, progress: Progress, options: Options, ask: Callable[[str], bool] | None, seen: Seen
) -> Run:
    """A run that has spent nothing yet."""
    return Run(Checkout(project, seen), agent, progress, Budget(project.config.build, ask), options)

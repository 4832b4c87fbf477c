"""The check before the first session of a build: a tree that fails it already is nobody's fault later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from orchestrator import statefile
from orchestrator.building import record, verification
from orchestrator.building.budget import Stopped
from orchestrator.building.progress import Progress
from orchestrator.building.verification import Verdict
from orchestrator.features.model import Feature
from orchestrator.git import commits, diff, snapshot
from orchestrator.history.events import VERIFIED_TRAILER
from orchestrator.project import Project
from orchestrator.staleness import checks

_KEPT = 20  # trees that are remembered to have passed


@dataclass
class Baseline:
    """Whether this run looked already, and how the check failed then ("" where it passed or was not run)."""

    looked: bool = False
    failure: str = ""

    def take(self) -> str:
        """The failure, for the one prompt that tells it."""
        failure, self.failure = self.failure, ""
        return failure


def look(
    baseline: Baseline, project: Project, progress: Progress, feature: Feature, ask: Callable[[str], bool] | None
) -> None:
    """Run the project's check once, unless this very tree is known to have passed it. Where it fails, say so, and ask
    where there is somebody; raises Stopped when a person says no.
    """
    baseline.looked = True
    command = checks.resolve(project.config.verify.command, project.root)
    if not command or not project.config.verify.baseline or _known(project, command):
        return
    progress.check_started(feature, command)
    verdict = verification.run(command, project.root, project.config.verify.timeout)
    progress.check_ended(feature, verdict)
    if verdict.passed:
        _remember(project, command)
        return
    baseline.failure = _failure(verdict)
    progress.note("the check fails before anything was done, so what fails may be nobody's work here")
    if ask is not None and not ask("The check fails before anything was done. Build all the same?"):
        fix = "Mend the check, or set [verify] baseline = false"
        raise Stopped("stopped: the check fails before anything was done", where=command, fix=fix)


def _failure(verdict: Verdict) -> str:
    how = "ran out of time" if verdict.exit_code is None else f"exited with {verdict.exit_code}"
    return f"{verdict.command} {how}\n{verdict.output}".strip()


def _known(project: Project, command: str) -> bool:
    """Whether the files as they are passed the check: as HEAD's trailer says, or as this clone remembers."""
    place = project.repository
    tree, digest = snapshot.worktree(place), checks.digest(command)
    if digest in statefile.kept(_path(project), dict).get(tree, ()):
        return True
    if place.head is None or set(diff.changes(place, place.tree, tree)) - {record.list_name(project)}:
        return False
    line = f"{VERIFIED_TRAILER}: {digest}".encode()
    return line in commits.message_of(place, place.head).splitlines()


def _remember(project: Project, command: str) -> None:
    known = statefile.kept(_path(project), dict)
    tree = snapshot.worktree(project.repository)
    known[tree] = sorted({*known.get(tree, ()), checks.digest(command)})
    statefile.keep(_path(project), dict(list(known.items())[-_KEPT:]))


def _path(project: Project) -> Path:
    return project.store / "passed.json"

"""All probes, at once; one that fails or hangs is a finding, and hides no other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from orchestrator.errors import OrchestratorError
from orchestrator.setup.doctor import agent, files, model, repository
from orchestrator.setup.doctor.finding import Finding, problem
from orchestrator.setup.doctor.subject import Subject, look

Probe = Callable[[Subject], Iterator[Finding]]
PROBES: tuple[Probe, ...] = (*repository.PROBES, *agent.PROBES, model.model_service, *files.PROBES)
_LIMIT = 60.0  # seconds for a probe; longer than those that the programs get which it asks


def examine(root: Path, probes: Sequence[Probe] = PROBES, limit: float = _LIMIT) -> Iterator[Finding]:
    """What each probe finds, in their order."""
    subject = look(root)
    for running in [_Running(probe, subject) for probe in probes]:
        running.join(limit)
        yield from running.found if not running.is_alive() else [running.hanging(limit)]


class _Running(threading.Thread):
    """A probe at work. What hangs is left behind: it ends with the program."""

    def __init__(self, probe: Probe, subject: Subject) -> None:
        super().__init__(daemon=True)
        self.probe, self.subject = probe, subject
        self.found: list[Finding] = []
        self.title = probe.__name__.replace("_", " ")
        self.start()

    def run(self) -> None:
        try:
            self.found += self.probe(self.subject)
        except (OrchestratorError, OSError) as error:
            fix = error.fix if isinstance(error, OrchestratorError) else ""
            self.found.append(problem(self.title, f"can't be examined: {error}", fix or "Mend that, and ask again"))

    def hanging(self, limit: float) -> Finding:
        return problem(self.title, f"no answer within {limit:g} s", "Look what hangs there, and ask again")

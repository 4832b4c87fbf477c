"""The start and the log of one agent session for a feature."""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from orchestrator import files
from orchestrator.agents.protocol import Outcome, SessionResult
from orchestrator.building import attempts, authorship, nested
from orchestrator.building.attempts import Attempts
from orchestrator.building.judging import Judgement
from orchestrator.building.settling import Settled
from orchestrator.building.verification import Verdict
from orchestrator.features.model import Feature
from orchestrator.git import refs, snapshot
from orchestrator.harness import sessions
from orchestrator.project import Project
from orchestrator.staleness import facts

_NAMES = ("utf-8", "surrogateescape")
_OUTPUT_KEPT = 4000  # characters of a check's output in the log


@dataclass(frozen=True)
class Started:
    """A session that was begun: its number, kind, attempt, when (a local time with its offset), and its model."""

    number: int
    kind: str
    attempt: int
    when: datetime
    model: str = ""


def start(project: Project, feature: Feature, kept: Attempts, kind: str, model: str, check: str) -> Started:
    """Write down how things are before the agent starts: whatever kills us leaves the means to judge what it did."""
    place = project.repository
    tree, left_out = snapshot.take(place)
    if not kept.base_tree:
        kept.began = time.time()
        kept.base_tree, kept.base_head, kept.base_check = tree, place.head or "", check
        kept.nested = [*left_out, *nested.dirty(place)]
        kept.base_index = "" if tree == place.tree else place.git.text("write-tree")
    kept.before_tree, kept.before_head, kept.before_head_tree = tree, place.head or "", place.tree
    kept.branch, kept.ended = place.branch, ""
    kept.attempts += 1
    kept.session = sessions.next_number(project.root)
    _write(attempts.list_copy(project.store, feature.id), project.read_features())
    attempts.trace(project.store, feature.id).unlink(missing_ok=True)
    (place.own_store / authorship.SEEN_BY_HOOKS).unlink(missing_ok=True)
    names = attempts.held(feature.id)
    held = {names["base"]: kept.base_tree, names["before"]: tree, names["head"]: kept.before_head}
    held = {name: id for name, id in held.items() if id}
    before = {name: id for name, id in refs.read(place).items() if not name.startswith(attempts.REFS)} | held
    _write(attempts.refs_copy(project.store, feature.id), refs.written(before).encode(*_NAMES))
    refs.hold(place, held)
    attempts.save(project.store, feature.id, kept)
    return Started(kept.session, kind, kept.attempts, datetime.now().astimezone(), model)


def cancel(project: Project, feature: Feature, kept: Attempts) -> None:
    """Forget a start that no session followed: it is no attempt, and nothing is to be judged."""
    kept.before_tree = kept.before_head = ""
    kept.attempts -= 1
    attempts.save(project.store, feature.id, kept)


def killed(kept: Attempts) -> Started:
    """The session that a killed run left; when it began is not known, so it counts as now."""
    return Started(kept.session, "recovered", kept.attempts, datetime.now().astimezone())


def store_again(project: Project) -> None:
    """Our folder in the git dir, where a session put something else in its place: that is moved aside."""
    if project.store.is_symlink() or (project.store.exists() and not project.store.is_dir()):
        project.store.replace(project.store.with_name(f"{project.store.name}.undone"))


def remember_end(project: Project, feature: Feature, kept: Attempts, result: SessionResult | None) -> None:
    """Write down how the session ended, so that a run killed while it is judged costs no second session."""
    if result is not None and kept.ended != result.outcome.value:
        kept.ended = result.outcome.value
        attempts.save(project.store, feature.id, kept)


def ended(kept: Attempts) -> SessionResult | None:
    """How a session ended that a killed run had not judged yet; None where the run was killed in it."""
    outcomes = {outcome.value: outcome for outcome in Outcome}
    return SessionResult(outcomes[kept.ended]) if kept.ended in outcomes else None


def forget(project: Project, id: str) -> None:
    """Nothing more is to be remembered of the attempts on the feature."""
    attempts.forget(project.store, id)
    refs.hold(project.repository, dict.fromkeys(attempts.held(id).values(), ""))


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    files.write_atomic(path, data)


def log(
    project: Project, feature: Feature, started: Started, result: SessionResult | None, settled: Settled,
    verdict: Verdict | None, judgement: Judgement, commit: str,
) -> None:  # fmt: skip
    """Write the session's log; `commit` is the one that completed the feature, "" for none."""
    told = sessions.of_result(started.number, started.when, feature.id, started.kind, result)
    sessions.write(
        project.root,
        dataclasses.replace(
            told,
            model=told.model or started.model,
            success=bool(commit),
            error=judgement.reason,
            attempt=started.attempt,
            commit=commit,
            digest=facts.digest_now(project, feature),
            verify=_evidence(verdict),
            guard=list(settled.undone),
            notes=[*settled.softened, *judgement.notes],
        ),
    )


def _evidence(verdict: Verdict | None) -> dict[str, object] | None:
    if verdict is None:
        return None
    return {"command": verdict.command, "exit_code": verdict.exit_code, "output_tail": verdict.output[-_OUTPUT_KEPT:],
            "elapsed_seconds": round(verdict.elapsed, 3), "note": verdict.note}  # fmt: skip

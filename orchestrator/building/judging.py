"""What a session came to: a pure decision from what it left, what the check said, and how it ended."""

from __future__ import annotations

from typing import NamedTuple

from orchestrator.agents.protocol import Outcome, SessionResult
from orchestrator.building.settling import Settled
from orchestrator.building.verification import Verdict
from orchestrator.features.model import Feature

# These end a session before its work is done and say nothing about the work.
_CUT_SHORT = frozenset({
    Outcome.INTERRUPTED, Outcome.NOT_INSTALLED, Outcome.NOT_LOGGED_IN, Outcome.RATE_LIMITED, Outcome.OVERLOADED,
})  # fmt: skip


class Judgement(NamedTuple):
    """`done` says whether the feature is; if not, `reason` says why, `taken_back` which claims are reopened, and
    `counts` whether this was one of the feature's attempts. `grown` says that a QA feature found work for others.
    """

    done: bool
    reason: str = ""
    taken_back: tuple[str, ...] = ()
    counts: bool = True
    grown: bool = False


def needs_check(settled: Settled, result: SessionResult | None) -> bool:
    """A claim is always checked; without one, only what a session left that came to its end.

    `result` is None for a session in which the run was killed.
    """
    return bool(settled.claim) or not _cut_short(result)


def judge(feature: Feature, settled: Settled, verdict: Verdict | None, result: SessionResult | None) -> Judgement:
    """The judgement of a session; `verdict` is None where nothing was checked."""
    done = verdict is not None and verdict.passed and _finished(feature, settled, result)
    if done:
        return Judgement(True, taken_back=settled.others)
    return Judgement(
        False,
        _reason(feature, settled, verdict, result),
        (*([feature.id] if settled.claim else []), *settled.others),
        counts=not _cut_short(result),
        grown=feature.is_qa and bool(settled.added),
    )


def _cut_short(result: SessionResult | None) -> bool:
    return result is None or result.outcome in _CUT_SHORT


def _finished(feature: Feature, settled: Settled, result: SessionResult | None) -> bool:
    """Whether the session finished the feature, its check having passed."""
    if settled.claim:
        return True
    return result is not None and result.success and settled.changed and not feature.is_qa


def _reason(feature: Feature, settled: Settled, verdict: Verdict | None, result: SessionResult | None) -> str:
    if result is None:
        return "the run was killed in this session"
    if verdict is not None and not verdict.passed:
        how = "ran out of time" if verdict.exit_code is None else f"exited with {verdict.exit_code}"
        return f"the check {how}: {verdict.command}\n{verdict.output}".strip()
    if not result.success:
        return f"the session ended: {result.outcome.value}. {result.error}".strip()
    if feature.is_qa and settled.added:
        return f"found work: {', '.join(settled.added)}"
    if feature.is_qa:
        return "the session ended without the completion commit"
    return "the session changed nothing and claimed nothing"

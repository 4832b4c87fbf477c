"""What a session came to: a pure decision from what it left, what the check said, and how it ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from orchestrator.agents.protocol import Outcome, SessionResult
from orchestrator.building.claims import Answer, Claim
from orchestrator.building.settling import Settled
from orchestrator.building.verification import Verdict
from orchestrator.features.model import Feature

# These end a session before its work is done and say nothing about the work.
_CUT_SHORT = frozenset({
    Outcome.INTERRUPTED, Outcome.NOT_INSTALLED, Outcome.NOT_LOGGED_IN, Outcome.RATE_LIMITED, Outcome.OVERLOADED,
})  # fmt: skip


class Judgement(NamedTuple):
    """`done` says whether the feature is; if not, `reason` says why, `taken_back` which claims are reopened, and
    `counts` whether this was one of the feature's attempts. `stands` are claims of other features that count, `grown`
    says that a QA feature found work for others, `review` that a person should look, `notes` what is worth knowing.
    """

    done: bool
    reason: str = ""
    taken_back: tuple[str, ...] = ()
    stands: tuple[str, ...] = ()
    counts: bool = True
    grown: bool = False
    review: bool = False
    notes: tuple[str, ...] = ()


class Seen(NamedTuple):
    """What a judgement rests on, besides what the session left: the `verdict` of the feature's check (None where none
    was made), those of other claimed features by their id, `result` as the agent ended (None: its run was killed in
    the session), and whether the attempt before failed by its check.
    """

    verdict: Verdict | None = None
    others: Mapping[str, Verdict] = {}
    result: SessionResult | None = None
    repairs_check: bool = False


def needs_check(settled: Settled, result: SessionResult | None, *, repairs_check: bool) -> bool:
    """Whether the feature's check has to run.

    A claim is always checked. Else what a session left that came to its end: when something changed since the
    feature's first attempt, or when it was to repair a failed check, for the failure may have come from outside.
    """
    if settled.unfinished:
        return False
    if settled.claim:
        return True
    return not _cut_short(result) and (settled.since_first or repairs_check)


def judge(feature: Feature, settled: Settled, seen: Seen, on_weakened: str = "review") -> Judgement:
    """The judgement of a session; `on_weakened` is the setting of `[guard]`."""
    stands = tuple(claim.id for claim in settled.others if _stands(claim, seen))
    others = tuple(claim.id for claim in settled.others if claim.id not in stands)
    notes = tuple(_claim_notes(settled, seen))
    softened = settled.softened if on_weakened == "fail" else ()
    passed = seen.verdict is not None and seen.verdict.passed and not settled.unfinished
    if passed and not softened and _finished(feature, settled, seen):
        unchanged = not settled.claim and not settled.changed
        notes += ("the check passed without a change in this session",) if unchanged else ()
        review = bool(settled.softened) or (seen.verdict is not None and not seen.verdict.command)
        return Judgement(True, "", others, stands, review=review, notes=notes)
    return Judgement(
        False,
        _reason(feature, settled, seen, softened),
        (*([feature.id] if settled.claim else []), *others),
        stands,
        counts=not _cut_short(seen.result) or bool(settled.unfinished),
        grown=feature.is_qa and bool(settled.added),
        notes=notes,
    )


def _stands(claim: Claim, seen: Seen) -> bool:
    if claim.answer in (Answer.STANDS, Answer.PERSON):
        return True
    verdict = seen.others.get(claim.id)
    return claim.answer is Answer.VERIFY and verdict is not None and verdict.passed


def _claim_notes(settled: Settled, seen: Seen) -> Iterator[str]:
    for claim in settled.others:
        if claim.answer is Answer.STANDS:
            yield f"claimed {claim.id} too, which was done before"
        elif claim.answer is Answer.PERSON:
            yield f"{claim.id} was completed while the session ran, by somebody else"
        elif _stands(claim, seen):
            yield f"claimed {claim.id} too; its check passed, so it counts"
        elif claim.answer is Answer.VERIFY:
            yield f"claimed {claim.id}, whose check does not pass; reopened"
        else:
            yield f"claimed {claim.id}, which was not its to complete; reopened"


def _cut_short(result: SessionResult | None) -> bool:
    return result is None or result.outcome in _CUT_SHORT


def _finished(feature: Feature, settled: Settled, seen: Seen) -> bool:
    """Whether the session finished the feature, its check having passed."""
    checked = seen.verdict is not None and bool(seen.verdict.command)
    if settled.claim:
        return checked or settled.since_first  # without a check an empty commit is nothing but the agent's word
    if feature.is_qa or seen.result is None or not seen.result.success:
        return False
    return settled.since_first or (seen.repairs_check and checked)


def _reason(feature: Feature, settled: Settled, seen: Seen, softened: tuple[str, ...]) -> str:
    """Why the feature is not done: what ended the session first, what the check said second."""
    said = []
    if seen.result is None:
        said.append("the run was killed in this session")
    elif not seen.result.success:
        said.append(f"the session ended: {seen.result.outcome.value}. {seen.result.error}".strip())
    said += settled.unfinished
    if seen.verdict is not None and not seen.verdict.passed:
        said.append(_check_reason(seen.verdict))
    elif softened:
        said.append("the session softened its check: " + "; ".join(softened))
    return "\n".join(said) or _idle(feature, settled)


def _check_reason(verdict: Verdict) -> str:
    how = "ran out of time" if verdict.exit_code is None else f"exited with {verdict.exit_code}"
    return f"the check {how}: {verdict.command}\n{verdict.output}".strip()


def _idle(feature: Feature, settled: Settled) -> str:
    if feature.is_qa and settled.added:
        return f"found work: {', '.join(settled.added)}"
    if feature.is_qa:
        return "the session ended without the completion commit"
    return "the session changed nothing and claimed nothing"

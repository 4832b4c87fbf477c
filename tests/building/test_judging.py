"""What a session came to: each way it can end, with each thing that it can leave."""

from __future__ import annotations

import pytest

from orchestrator.agents.protocol import Outcome, SessionResult
from orchestrator.building.judging import Judgement, judge, needs_check
from orchestrator.building.settling import Settled
from orchestrator.building.verification import Verdict
from orchestrator.features.model import Feature, parse

OK = SessionResult(Outcome.OK)
PASSED = Verdict(True, "make test")
FAILED = Verdict(False, "make test", 2, "1 failed")
LATE = Verdict(False, "make test", None, "")
CUT_SHORT = [
    Outcome.INTERRUPTED,
    Outcome.NOT_INSTALLED,
    Outcome.NOT_LOGGED_IN,
    Outcome.RATE_LIMITED,
    Outcome.OVERLOADED,
]


def feature(id: str = "F1") -> Feature:
    return parse(b'{"features": [{"id": "%s", "name": "n", "description": "d"}]}' % id.encode()).by_id[id]


def settled(**what: object) -> Settled:
    return Settled(base="base", **what)  # type: ignore[arg-type]


@pytest.mark.parametrize("outcome", CUT_SHORT)
def test_what_a_session_left_that_was_cut_short_is_not_checked_and_counts_as_no_attempt(outcome: Outcome) -> None:
    result = SessionResult(outcome, error="why")
    assert not needs_check(settled(changed=True), result)
    assert judge(feature(), settled(changed=True), None, result) == Judgement(
        False, f"the session ended: {outcome.value}. why", counts=False
    )


@pytest.mark.parametrize("outcome", [*CUT_SHORT, Outcome.OK, Outcome.FAILED])
def test_a_claim_is_checked_however_the_session_ended_and_stands_when_the_check_passes(outcome: Outcome) -> None:
    left, result = settled(claim="c1"), SessionResult(outcome)
    assert needs_check(left, result)
    assert judge(feature(), left, PASSED, result) == Judgement(True)


def test_a_claim_of_a_killed_run_is_checked_and_what_it_claimed_not_is_left() -> None:
    assert needs_check(settled(claim="c1"), None)
    assert judge(feature(), settled(claim="c1"), PASSED, None) == Judgement(True)
    assert not needs_check(settled(changed=True), None)
    assert judge(feature(), settled(changed=True), None, None) == Judgement(
        False, "the run was killed in this session", counts=False
    )


def test_a_claim_that_fails_its_check_is_taken_back_with_those_of_others() -> None:
    left = settled(claim="c1", others=("F2", "F3"))
    assert judge(feature(), left, FAILED, OK) == Judgement(
        False, "the check exited with 2: make test\n1 failed", ("F1", "F2", "F3")
    )


def test_changed_files_that_pass_are_a_completion_and_claims_of_others_are_still_taken_back() -> None:
    assert judge(feature(), settled(changed=True, others=("F2",)), PASSED, OK) == Judgement(True, taken_back=("F2",))


def test_without_a_change_and_a_claim_a_passing_check_completes_nothing() -> None:
    assert judge(feature(), settled(), PASSED, OK) == Judgement(
        False, "the session changed nothing and claimed nothing"
    )


def test_a_session_that_ended_badly_completes_nothing_without_a_claim() -> None:
    result = SessionResult(Outcome.FAILED, error="no key")
    assert judge(feature(), settled(changed=True), PASSED, result) == Judgement(
        False, "the session ended: failed. no key"
    )


def test_a_check_that_ran_out_of_time_is_told_as_such() -> None:
    assert judge(feature(), settled(changed=True), LATE, OK).reason == "the check ran out of time: make test"


def test_a_qa_feature_is_completed_by_its_agent_only() -> None:
    assert judge(feature("qa-1"), settled(changed=True), PASSED, OK) == Judgement(
        False, "the session ended without the completion commit"
    )
    assert judge(feature("qa-1"), settled(changed=True, claim="c1"), PASSED, OK).done


def test_a_qa_feature_that_found_work_has_grown() -> None:
    left = settled(changed=True, added=("fix-1", "fix-2"))
    assert judge(feature("qa-1"), left, PASSED, OK) == Judgement(False, "found work: fix-1, fix-2", grown=True)
    assert not judge(feature("F1"), left, FAILED, OK).grown

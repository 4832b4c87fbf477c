"""What a session came to: each way it can end, with each thing that it can leave."""

from __future__ import annotations

import pytest

from orchestrator.agents.protocol import Outcome, SessionResult
from orchestrator.building.claims import Answer, Claim
from orchestrator.building.judging import Judgement, Seen, judge, needs_check
from orchestrator.building.settling import Settled
from orchestrator.building.verification import Verdict
from orchestrator.features.model import Feature, parse

OK = SessionResult(Outcome.OK)
PASSED = Verdict(True, "make test")
FAILED = Verdict(False, "make test", 2, "1 failed")
LATE = Verdict(False, "make test", None, "")
UNCHECKED = Verdict(True)
CUT_SHORT = [
    Outcome.INTERRUPTED,
    Outcome.NOT_INSTALLED,
    Outcome.NOT_LOGGED_IN,
    Outcome.RATE_LIMITED,
    Outcome.OVERLOADED,
]


def feature(id: str = "F1") -> Feature:
    return parse(b'{"features": [{"id": "%s", "name": "n", "description": "d"}]}' % id.encode()).by_id[id]


def left(**what: object) -> Settled:
    return Settled(base="base", **what)  # type: ignore[arg-type]


CHANGED = left(changed=True, since_first=True)
CLAIMED = left(claim="c1", changed=True, since_first=True)


@pytest.mark.parametrize("outcome", CUT_SHORT)
def test_what_a_session_left_that_was_cut_short_is_not_checked_and_counts_as_no_attempt(outcome: Outcome) -> None:
    result = SessionResult(outcome, error="why")
    assert not needs_check(CHANGED, result, repairs_check=True)
    assert judge(feature(), CHANGED, Seen(result=result)) == Judgement(
        False, f"the session ended: {outcome.value}. why", counts=False
    )


@pytest.mark.parametrize("outcome", [*CUT_SHORT, Outcome.OK, Outcome.FAILED])
def test_a_claim_is_checked_however_the_session_ended_and_stands_when_the_check_passes(outcome: Outcome) -> None:
    result = SessionResult(outcome)
    assert needs_check(CLAIMED, result, repairs_check=False)
    assert judge(feature(), CLAIMED, Seen(PASSED, result=result)) == Judgement(True)


def test_a_claim_of_a_killed_run_is_checked_and_what_it_claimed_not_is_left() -> None:
    assert needs_check(CLAIMED, None, repairs_check=False)
    assert judge(feature(), CLAIMED, Seen(PASSED)) == Judgement(True)
    assert not needs_check(CHANGED, None, repairs_check=True)
    assert judge(feature(), CHANGED, Seen()) == Judgement(False, "the run was killed in this session", counts=False)


def test_a_claim_that_fails_its_check_is_taken_back() -> None:
    assert judge(feature(), CLAIMED, Seen(FAILED, result=OK)) == Judgement(
        False, "the check exited with 2: make test\n1 failed", ("F1",)
    )


def test_work_of_an_earlier_attempt_that_passes_now_is_done_and_said_to_be_so() -> None:
    earlier = left(since_first=True)
    assert needs_check(earlier, OK, repairs_check=False)
    assert judge(feature(), earlier, Seen(PASSED, result=OK)) == Judgement(
        True, notes=("the check passed without a change in this session",)
    )


def test_a_tree_as_it_was_is_not_checked_and_fails_at_once() -> None:
    assert not needs_check(left(), OK, repairs_check=False)
    assert judge(feature(), left(), Seen(result=OK)) == Judgement(
        False, "the session changed nothing and claimed nothing"
    )


def test_a_repair_that_changes_nothing_is_one_more_check_for_the_failure_may_have_come_from_outside() -> None:
    assert needs_check(left(), OK, repairs_check=True)
    assert judge(feature(), left(), Seen(PASSED, result=OK, repairs_check=True)).done
    assert not judge(feature(), left(), Seen(FAILED, result=OK, repairs_check=True)).done
    assert not judge(feature(), left(), Seen(UNCHECKED, result=OK, repairs_check=True)).done


def test_a_session_that_ended_badly_is_told_as_that_first_and_what_the_check_said_second() -> None:
    result = SessionResult(Outcome.TIMEOUT, error="after 60 s")
    assert judge(feature(), CHANGED, Seen(PASSED, result=result)).reason == "the session ended: timeout. after 60 s"
    assert judge(feature(), CHANGED, Seen(LATE, result=result)).reason == (
        "the session ended: timeout. after 60 s\nthe check ran out of time: make test"
    )


def test_without_a_check_work_gets_a_review_and_a_claim_without_work_is_nothing() -> None:
    assert judge(feature(), CLAIMED, Seen(UNCHECKED, result=OK)) == Judgement(True, review=True)
    assert not judge(feature(), left(claim="c1"), Seen(UNCHECKED, result=OK)).done


def test_what_is_unfinished_is_not_checked_and_never_done() -> None:
    merging = left(claim="c1", changed=True, since_first=True, unfinished=("a merge is under way",))
    assert not needs_check(merging, OK, repairs_check=True)
    assert judge(feature(), merging, Seen(PASSED, result=OK)) == Judgement(False, "a merge is under way", ("F1",))


def test_a_softened_check_is_reviewed_or_fails_the_attempt() -> None:
    soft = left(claim="c1", changed=True, since_first=True, softened=("Makefile: + true",))
    assert judge(feature(), soft, Seen(PASSED, result=OK)) == Judgement(True, review=True)
    assert judge(feature(), soft, Seen(PASSED, result=OK), "fail") == Judgement(
        False, "the session softened its check: Makefile: + true", ("F1",)
    )


def test_claims_of_other_features_stand_by_their_own_checks() -> None:
    others = (
        Claim("was-done", Answer.STANDS),
        Claim("passes", Answer.VERIFY, "a"),
        Claim("fails", Answer.VERIFY, "b"),
        Claim("waits", Answer.REOPEN),
        Claim("person", Answer.PERSON),
    )
    seen = Seen(PASSED, {"passes": PASSED, "fails": FAILED}, OK)
    found = judge(feature(), left(changed=True, since_first=True, others=others), seen)
    assert (found.done, found.stands, found.taken_back) == (True, ("was-done", "passes", "person"), ("fails", "waits"))
    assert found.notes == (
        "claimed was-done too, which was done before",
        "claimed passes too; its check passed, so it counts",
        "claimed fails, whose check does not pass; reopened",
        "claimed waits, which was not its to complete; reopened",
        "person was completed while the session ran, by somebody else",
    )


def test_a_qa_feature_is_completed_by_its_agent_only() -> None:
    assert judge(feature("qa-1"), CHANGED, Seen(PASSED, result=OK)) == Judgement(
        False, "the session ended without the completion commit"
    )
    assert judge(feature("qa-1"), CLAIMED, Seen(PASSED, result=OK)).done


def test_a_qa_feature_that_found_work_has_grown() -> None:
    found = left(changed=True, since_first=True, added=("fix-1", "fix-2"))
    assert judge(feature("qa-1"), found, Seen(PASSED, result=OK)) == Judgement(
        False, "found work: fix-1, fix-2", grown=True
    )
    assert not judge(feature("F1"), found, Seen(FAILED, result=OK)).grown

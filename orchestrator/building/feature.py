"""Builds one feature: session, guard, verification, completion; the next attempt is told why the last failed."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass

from orchestrator.agents.protocol import Outcome, SessionResult
from orchestrator.building import attempts, record, session, verification
from orchestrator.building.attempts import Memory
from orchestrator.building.run import Run, Stopped
from orchestrator.building.session import Settled, Started
from orchestrator.features.model import Feature
from orchestrator.features.names import slug
from orchestrator.staleness import checks, facts
from orchestrator.staleness.state import Facts, Standing, State, states

_LONGEST_BACKOFF = 45 * 60.0
_SHORTEST_BACKOFF = {Outcome.RATE_LIMITED: 12, Outcome.OVERLOADED: 1}  # in retry delays


@dataclass(frozen=True)
class Built:
    """What became of a feature: "nothing" to do, check "verified", "completed", set aside ("blocked"), or
    "grown": a QA feature found work for others.
    """

    what: str
    reason: str = ""


NOTHING = Built("nothing")


def needs_work(standing: Standing) -> bool:
    """Whether a build would do anything for the feature now."""
    if standing.state is State.STALE:
        return True
    return standing.state in (State.TODO, State.CHANGED) and standing.ready


def build(run: Run, id: str) -> Built:
    """Do what the feature needs now, the cheapest thing first; at once NOTHING when it needs nothing.

    Raises Stopped when the whole run has to end.
    """
    now = run.look()
    standing = states(now).get(id)
    if standing is None or not needs_work(standing):
        return NOTHING
    failure = ""
    if standing.state is State.STALE:
        verdict = _verify(run, standing.feature)
        if verdict.passed:
            facts.remember_verified(run.project, now, standing.feature)
            run.progress.verified(standing.feature)
            return Built("verified")
        failure = verdict.output or "the check failed"
    return _work(run, standing, now, failure)


def recover(run: Run) -> None:
    """Judge the sessions that a killed run left behind: a claim of theirs is checked before it counts."""
    if not attempts.unsettled(run.project.store):
        return
    names = {path.stem for path in attempts.unsettled(run.project.store)}
    for feature in run.look().features.features:
        if slug(feature.id) in names:
            kept = attempts.load(run.project.store, feature.id)
            _judge(run, feature, kept, None, None)


def _verify(run: Run, feature: Feature) -> verification.Verdict:
    command = checks.command_for(feature, run.check_command())
    run.progress.check_started(feature, command)
    verdict = verification.run(command, run.project.root, run.project.config.verify.timeout)
    run.progress.check_ended(feature, verdict)
    return verdict


def _work(run: Run, standing: Standing, now: Facts, failure: str) -> Built:
    """Sessions until the feature is done or its attempts are used up."""
    feature = standing.feature
    kept = attempts.load(run.project.store, feature.id)
    kept.failure = failure or kept.failure
    waits = 0
    while kept.attempts < run.project.config.agent.max_attempts:
        result, started = session.run(run, standing, now, kept, run.before_session())
        built = _judge(run, feature, kept, result, started)
        if built:
            return built
        if result.outcome in (Outcome.RATE_LIMITED, Outcome.OVERLOADED):
            _wait(run, result, waits)
            waits += 1
            continue
        waits = 0
        if kept.attempts < run.project.config.agent.max_attempts:
            time.sleep(run.project.config.agent.retry_delay)
    return _set_aside(run, feature, kept, standing)


def _judge(
    run: Run, feature: Feature, kept: Memory, result: SessionResult | None, started: Started | None
) -> Built | None:
    """What the session came to; None when the feature needs another. `result` is None for a killed session."""
    settled = session.settle(run, feature, kept)
    verdict = _verify(run, feature) if _worth_checking(settled, result) else None
    done = verdict is not None and verdict.passed and _finished(feature, settled, result)
    commit = ""
    if done and verdict is not None:
        current = run.look().features.get(feature.id)
        commit = record.complete(run.project, current, verdict.command, kept.owned, settled.claim, settled.base)
    taken_back = [*([feature.id] if settled.claim and not done else []), *settled.others]
    if taken_back:
        run.refresh()
        record.reopen(run.project, taken_back, f"Claimed in a session for {feature.id}; not verified.")
    reason = "" if done else _reason(feature, settled, verdict, result)
    run.refresh()
    session.log(run, feature, kept, result, started, settled, verdict, reason, commit)
    if result is not None:
        run.after_session(result)
    if done:
        return _completed(run, feature, commit, auto=not settled.claim)
    _remember_failure(run, feature, kept, result, reason, settled)
    _stop_if_hopeless(run, result, reason)
    if feature.is_qa and settled.added:
        attempts.forget(run.project.store, feature.id)
        run.failures = 0
        return Built("grown", f"{len(settled.added)} features were added")
    return None


def _worth_checking(settled: Settled, result: SessionResult | None) -> bool:
    """A claim is always checked; without one, only what a session that came to its end left."""
    return bool(settled.claim) or (result is not None and result.outcome not in _NOT_ITS_FAULT)


# These end a session before its work is done and say nothing about the work.
_NOT_ITS_FAULT = frozenset({
    Outcome.INTERRUPTED, Outcome.NOT_INSTALLED, Outcome.NOT_LOGGED_IN, Outcome.RATE_LIMITED, Outcome.OVERLOADED,
})  # fmt: skip


def _finished(feature: Feature, settled: Settled, result: SessionResult | None) -> bool:
    """Whether the session finished the feature, its check having passed."""
    if settled.claim:
        return True
    return result is not None and result.success and settled.changed and not feature.is_qa


def _reason(
    feature: Feature, settled: Settled, verdict: verification.Verdict | None, result: SessionResult | None
) -> str:
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


def _completed(run: Run, feature: Feature, commit: str, *, auto: bool) -> Built:
    attempts.forget(run.project.store, feature.id)
    facts.redone(run.project.store, slug(feature.id))
    run.completed.append(feature.id)
    run.failures = 0
    run.progress.completed(feature, commit, auto)
    _close_issue(run, feature, commit)
    return Built("completed")


def _close_issue(run: Run, feature: Feature, commit: str) -> None:
    """A feature that came from a plan has an issue in the tracker."""
    if run.project.config.plan.tracker == "none" or not feature.inputs:
        return
    from orchestrator.planning.tracking.closing import close_feature

    note = close_feature(run.project, feature.id, f"completed by {commit[:10]}")
    if note:
        run.progress.note(note)


def _remember_failure(
    run: Run, feature: Feature, kept: Memory, result: SessionResult | None, reason: str, settled: Settled
) -> None:
    kept.before_tree = kept.before_head = ""
    if result is None or result.outcome in _NOT_ITS_FAULT:
        kept.attempts -= 1
        kept.unjudged = settled.changed
    else:
        kept.unjudged = False
        kept.failure = reason
        run.progress.failed(feature, reason)
    kept.undone = list(settled.undone)
    attempts.save(run.project.store, feature.id, kept)


def _stop_if_hopeless(run: Run, result: SessionResult | None, reason: str) -> None:
    if result is None:
        return
    if result.outcome is Outcome.INTERRUPTED:
        raise Stopped("interrupted", exit_code=130)
    if result.outcome in (Outcome.NOT_INSTALLED, Outcome.NOT_LOGGED_IN):
        raise Stopped(result.error or reason, exit_code=3)


def _wait(run: Run, result: SessionResult, waits: int) -> None:
    """Until the limit resets where that is known, else longer each time."""
    reason = result.error.splitlines()[0] if result.error else result.outcome.value
    if result.reset_at is not None:
        seconds = max(0.0, result.reset_at - time.time())
        seconds += random.uniform(1, 1 + min(60.0, seconds / 10))  # so that not everyone comes back at once
    else:
        delay = run.project.config.agent.retry_delay * _SHORTEST_BACKOFF[result.outcome]
        seconds = min(delay * 2**waits, _LONGEST_BACKOFF)
    run.wait(f"{result.outcome.value}: {reason}", seconds)


def _set_aside(run: Run, feature: Feature, kept: Memory, standing: Standing) -> Built:
    last = kept.failure.splitlines()[0] if kept.failure else "no reason is known"
    reason = f"{kept.attempts} attempts failed; the last: {last}"
    if standing.state is State.STALE:
        record.reopen(run.refresh(), [feature.id], "Its check no longer passes.")
    ref = record.set_aside(run.refresh(), feature, reason, kept.base_tree, kept.base_head, kept.owned)
    attempts.forget(run.project.store, feature.id)
    run.blocked.append(feature.id)
    run.failures += 1
    run.progress.blocked(feature, reason + (f" (its work: {ref})" if ref else ""))
    run.notify("blocked", feature=feature.id, reason=reason)
    run.stop_after_failures()
    return Built("blocked", reason)

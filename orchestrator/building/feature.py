"""Builds one feature: session, guard, verification, completion; the next attempt is told why the last failed."""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass
from datetime import datetime

from orchestrator.agents.protocol import Outcome, SessionResult
from orchestrator.building import (
    attempts,
    authorship,
    baseline,
    detached,
    hidden,
    judging,
    nested,
    prompting,
    record,
    session,
    settling,
    shared_inputs,
    staging,
    verification,
    waiting,
)
from orchestrator.building.attempts import Attempts
from orchestrator.building.budget import Stopped
from orchestrator.building.checkout import Checkout
from orchestrator.building.claims import Answer
from orchestrator.building.judging import Judgement, Seen
from orchestrator.building.notifying import notify
from orchestrator.building.progress import Progress
from orchestrator.building.run import Run
from orchestrator.building.session import Started
from orchestrator.building.settling import Settled
from orchestrator.building.verification import Verdict
from orchestrator.errors import OrchestratorError
from orchestrator.features.model import Feature, FeatureList
from orchestrator.features.names import slug
from orchestrator.git.snapshot import Entries
from orchestrator.harness import memory
from orchestrator.project import Project
from orchestrator.staleness import facts
from orchestrator.staleness.state import Standing, State, states


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
    now = run.checkout.facts()
    standing = states(now).get(id)
    if standing is None or not needs_work(standing):
        return NOTHING
    failure = ""
    if standing.state is State.STALE:
        verdict = check(run.checkout, run.progress, standing.feature)
        if verdict.passed:
            facts.remember_verified(run.checkout.project, now, standing.feature)
            run.progress.verified(standing.feature)
            return Built("verified")
        failure = verdict.output or "the check failed"
    return _work(run, standing, now.features, failure)


def recover(run: Run) -> None:
    """Judge the sessions that a killed run left behind: a claim of theirs is checked before it counts."""
    store = run.checkout.project.store
    names = {path.stem for path in attempts.unsettled(store)}
    if not names:
        return
    for feature in run.checkout.facts().features.features:
        if slug(feature.id) in names:
            kept = attempts.load(store, feature.id)
            if not attempts.sound(run.checkout.project.repository, kept):
                run.progress.note(f"{feature.id}: what was kept of its killed session is damaged; it starts afresh")
                session.forget(run.checkout.project, feature.id)
                continue
            _judge(run, feature, kept, session.killed(kept), session.ended(kept), live=False)


def check(checkout: Checkout, progress: Progress, feature: Feature) -> Verdict:
    """Run the feature's check in the work tree as it is."""
    return _check(checkout, progress, feature, checkout.check_command(feature))


def _check(checkout: Checkout, progress: Progress, feature: Feature, command: str) -> Verdict:
    progress.check_started(feature, command)
    settings = checkout.project.config.verify
    verdict = verification.run(command, checkout.project.root, settings.timeout, extra=authorship.of_a_check())
    progress.check_ended(feature, verdict)
    return verdict


def _work(run: Run, standing: Standing, features: FeatureList, failure: str) -> Built:
    """Sessions until the feature is done or its attempts are used up."""
    feature, settings = standing.feature, run.checkout.project.config.agent
    kept = attempts.load(run.checkout.project.store, feature.id)
    if not attempts.sound(run.checkout.project.repository, kept):
        kept = Attempts()
    if failure:
        kept.failure, kept.check_failed = failure, True
    if not (run.baseline.looked or failure or kept.base_tree):  # else the tree holds work that may fail
        project, ask = run.checkout.refresh(), run.budget.ask
        baseline.look(run.baseline, project, run.progress, feature, ask)
    waits = 0
    while kept.attempts < settings.max_attempts:
        result, started = _session(run, standing, features, kept)
        built = _judge(run, feature, kept, started, result)
        if built:
            return built
        if waiting.is_wait(result):
            _wait(run, result, waits)
            waits += 1
            continue
        waits = 0
        if kept.attempts < settings.max_attempts:
            time.sleep(settings.retry_delay)
    return _set_aside(run, standing, kept)


def _session(run: Run, standing: Standing, features: FeatureList, kept: Attempts) -> tuple[SessionResult, Started]:
    """Run the feature's next session."""
    dollars = run.budget.before_session()
    project, feature = run.checkout.project, standing.feature
    leftovers = prompting.leftovers(project, feature.id)
    kind, model = prompting.kind(standing, kept, leftovers), prompting.model(project.config.agent, feature)
    command = run.checkout.check_command(feature)
    started = session.start(project, feature, kept, kind, model, command)
    prompt = prompting.prompt(
        project, standing, features, kept, started, command,
        with_qa=run.options.with_qa, baseline=run.baseline.take(), leftovers=leftovers,
    )  # fmt: skip
    request = prompting.request(project, feature.id, started, prompt, dollars)
    most = project.config.agent.max_attempts
    run.progress.session_started(feature, started.number, started.attempt, most, kind)
    run.copies.take(project)
    try:
        return run.agent.run(request, run.progress), started
    except OrchestratorError:  # an error of set-up: there was no session
        session.cancel(project, feature, kept)
        raise


def _judge(
    run: Run, feature: Feature, kept: Attempts, started: Started, result: SessionResult | None, *, live: bool = True
) -> Built | None:
    """What the session came to, and what follows; None when the feature needs another one.

    `result` is None for a session in which the run was killed; `live` says that this run ran it.
    """
    session.store_again(run.checkout.project)
    session.remember_end(run.checkout.project, feature, kept, result)
    settled = settling.settle(run.checkout, feature, kept, run.copies if live else None)
    seen = _look(run, feature, kept, settled, result)
    settled = settling.hold(run.checkout, feature, kept, settled, run.copies if live else None)
    on_weakened = run.checkout.project.config.guard.on_weakened
    judgement = judging.judge(feature, settled, seen, on_weakened)
    work: Entries = {}
    if judgement.done:  # as far as the check says
        work, left_out, seen = _stage(run, feature, kept, seen, settled.then.tree)
        unseen = hidden.ignored_sources(run.checkout.project.repository, kept.began)
        settled = dataclasses.replace(settled, softened=(*settled.softened, *unseen))
        judgement = judging.judge(feature, settled, seen, on_weakened)
        judgement = judgement._replace(notes=(*judgement.notes, *left_out))
    _tell(run, feature, settled, judgement)
    commit = _record(run.checkout, feature, kept, settled, seen.verdict, judgement, work)
    if commit and settled.shared:
        _accept_shared(run, feature, kept, settled, seen.verdict)
    session.log(run.checkout.project, feature, started, result, settled, seen.verdict, judgement, commit)
    if live and result is not None:
        run.budget.after_session(result.cost_usd, tells_cost=run.agent.tells_cost)
    if judgement.done:
        return _completed(run, feature, commit, auto=not settled.claim)
    _remember(run.checkout.project, feature, kept, settled, seen, judgement)
    if judgement.counts:
        run.progress.failed(feature, judgement.reason)
    _stop_if_hopeless(result, judgement.reason)
    if judgement.grown:
        session.forget(run.checkout.project, feature.id)
        run.budget.progressed()
        return Built("grown", f"{len(settled.added)} features were added")
    return None


def _look(run: Run, feature: Feature, kept: Attempts, settled: Settled, result: SessionResult | None) -> Seen:
    """Run the checks that the judgement needs; the same command once."""
    verdicts: dict[str, Verdict] = {}
    if judging.needs_check(settled, result, repairs_check=kept.check_failed):
        verdict = check(run.checkout, run.progress, feature)
        verdicts[verdict.command] = verdict
    own = next(iter(verdicts.values()), None)
    others = {}
    for claim in settled.others:
        if claim.answer is Answer.VERIFY:
            if claim.command not in verdicts:
                verdicts[claim.command] = _check(run.checkout, run.progress, feature, claim.command)
            others[claim.id] = verdicts[claim.command]
    return Seen(own, others, result, kept.check_failed)


def _stage(run: Run, feature: Feature, kept: Attempts, seen: Seen, tree: str) -> tuple[Entries, tuple[str, ...], Seen]:
    """What goes into the completing commit and what is left out of it. Where the user's own pre-commit hook refuses it,
    that is what the check said; where the hook changes it, the check runs again.
    """
    project = run.checkout.project
    staged = staging.stage(project, feature.inputs, kept.owned, tree)
    hooked = staging.pass_hook(project, staged.wanted, project.config.verify.timeout)
    left_out = (staging.sentence(staged.left_out),) if staged.left_out else ()
    if hooked.refusal:
        return {}, left_out, seen._replace(verdict=hooked.refusal)
    if hooked.changed:
        return hooked.wanted, left_out, seen._replace(verdict=check(run.checkout, run.progress, feature))
    return hooked.wanted, left_out, seen


def _tell(run: Run, feature: Feature, settled: Settled, judgement: Judgement) -> None:
    """Show what was undone and what a person should see, now and at the end of the run."""
    for sentence in (*settled.undone, *settled.softened, *settled.by_check, *judgement.notes):
        run.progress.note(sentence)
        run.tally.notes.append(f"{feature.id}: {sentence}")


def _record(
    checkout: Checkout, feature: Feature, kept: Attempts, settled: Settled, verdict: Verdict | None,
    judgement: Judgement, work: Entries,
) -> str:  # fmt: skip
    """Put the judgement into the history; returns the completing commit, "" for none."""
    commit = ""
    if judgement.stands:
        record.flip_others(checkout.project, judgement.stands)
        verified = {claim.id for claim in settled.others if claim.answer is Answer.VERIFY}
        kept.accepted = sorted({*kept.accepted, *verified.intersection(judgement.stands)})
    if judgement.done and verdict is not None:
        current = checkout.facts().features.get(feature.id)
        claim, base, review = settled.claim, settled.base, judgement.review
        commit = record.complete(checkout.project, current, verdict.command, kept, work, claim, base, review=review)
    if judgement.taken_back:
        why = f"Claimed in a session for {feature.id}; not verified."
        record.reopen(checkout.refresh(), judgement.taken_back, why)
    if settled.flagged and not judgement.done:
        record.turn_off(checkout.project, feature.id)  # or the next build would take it for a person's word
    checkout.refresh()
    return commit


def _accept_shared(run: Run, feature: Feature, kept: Attempts, settled: Settled, verdict: Verdict | None) -> None:
    """Features that were done stay done where the session wrote into inputs that are meant to be written by all, if
    their checks pass.
    """
    project = run.checkout.project
    name = project.repository.relative(project.root)
    prefix = "" if name == "." else f"{name}/"
    found = shared_inputs.unchanged_but_for_it(project, run.checkout.facts(), settled.shared, kept.before_tree, prefix)
    passed = {verdict.command} if verdict else set()
    for other in found:
        command = run.checkout.check_command(other)
        if command not in passed and _check(run.checkout, run.progress, other, command).passed:
            passed.add(command)
    still = [other for other in found if run.checkout.check_command(other) in passed]
    if still:
        why = f"The session for {feature.id} wrote into inputs that are shared; the check passes."
        record.complete_by_hand(run.checkout.project, still, why, {})
        run.checkout.refresh()


def _completed(run: Run, feature: Feature, commit: str, *, auto: bool) -> Built:
    project = run.checkout.project
    session.forget(project, feature.id)
    facts.redone(project.store, slug(feature.id))
    run.tally.completed.append(feature.id)
    run.budget.progressed()
    run.progress.completed(feature, commit, auto)
    if run.tally.detached:
        run.tally.notes.append(detached.keep(run.checkout.refresh().repository, run.tally.detached))
    _close_issue(project, run.progress, feature, commit)
    return Built("completed")


def _close_issue(project: Project, progress: Progress, feature: Feature, commit: str) -> None:
    """A feature that came from a plan has an issue in the tracker."""
    if project.config.plan.tracker == "none" or not feature.inputs:
        return
    from orchestrator.planning.tracking.closing import close_feature

    note = close_feature(project, feature.id, f"completed by {commit[:10]}")
    if note:
        progress.note(note)


def _remember(
    project: Project, feature: Feature, kept: Attempts, settled: Settled, seen: Seen, judgement: Judgement
) -> None:
    """Keep for the next attempt why this one failed; one that was cut short is no attempt."""
    kept.before_tree = kept.before_head = ""
    if judgement.counts:
        kept.failure = judgement.reason
        now = datetime.now().astimezone()
        memory.record_attempt(project.root, feature.id, kept.attempts, kept.session, judgement.reason, now)
        kept.check_failed = seen.verdict is not None and not seen.verdict.passed
    else:
        kept.attempts -= 1
    kept.undone = list(settled.undone)
    attempts.save(project.store, feature.id, kept)


def _stop_if_hopeless(result: SessionResult | None, reason: str) -> None:
    if result is None:
        return
    if result.outcome is Outcome.INTERRUPTED:
        raise Stopped("interrupted", exit_code=130)
    if result.outcome in (Outcome.NOT_INSTALLED, Outcome.NOT_LOGGED_IN):
        raise Stopped(result.error or reason, exit_code=3)


def _wait(run: Run, result: SessionResult, waits: int) -> None:
    project = run.checkout.project
    reason = waiting.reason(result)
    seconds = waiting.seconds(result, waits, project.config.agent.retry_delay, time.time())
    run.progress.waiting(reason, seconds)
    notify(project, run.progress, "waiting", reason=reason, seconds=round(seconds))
    waiting.sleep(seconds, run.budget.before_session)


def _set_aside(run: Run, standing: Standing, kept: Attempts) -> Built:
    """Block the feature, its attempts used up; its work is kept."""
    feature, project = standing.feature, run.checkout.refresh()
    last = kept.failure.splitlines()[0] if kept.failure else "no reason is known"
    reason = f"{kept.attempts} attempts failed; the last: {last}"
    fallen = [*([feature.id] if standing.state is State.STALE else []), *kept.accepted]
    if fallen:
        why = "Its check no longer passes." if not kept.accepted else f"The work on {feature.id} is taken back."
        record.reopen(project, fallen, why)
        project = run.checkout.refresh()
    nested.put_back(project.repository, kept.base_tree, kept.nested, record.leftovers_ref(feature.id))
    ref = record.set_aside(project, feature, reason, kept)
    session.forget(project, feature.id)
    run.tally.blocked.append(feature.id)
    run.progress.blocked(feature, reason + (f" (its work: {ref})" if ref else ""))
    notify(project, run.progress, "blocked", feature=feature.id, reason=reason)
    run.budget.failed()
    return Built("blocked", reason)

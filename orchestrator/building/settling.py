"""What a session left in the work tree and the history, and what of it had to be undone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from orchestrator.building import (
    attempts,
    authorship,
    branches,
    bypassed,
    checked,
    guarding,
    hidden,
    leaks,
    operations,
    record,
    softening,
    steering,
    takebacks,
    undone,
    users_work,
)  # fmt: skip
from orchestrator.building.attempts import Attempts
from orchestrator.building.authorship import Made
from orchestrator.building.checkout import Checkout
from orchestrator.building.claims import Answer, Claim, answer
from orchestrator.building.differences import Said, differences, kept_by, prefix_of, steering_changed
from orchestrator.building.steering import Copies
from orchestrator.errors import OrchestratorError
from orchestrator.features import marks, model
from orchestrator.features.model import Feature, FeatureList
from orchestrator.git import diff, refs, snapshot
from orchestrator.git.diff import Change
from orchestrator.harness.own_files import MEMORY
from orchestrator.history import index
from orchestrator.project import Project
from orchestrator.staleness import checks, facts
from orchestrator.staleness.facts import Seen
from orchestrator.staleness.state import Facts, Standing, states

_NAMES = ("utf-8", "surrogateescape")


@dataclass(frozen=True)
class Settled:
    """What a session left: its own claim (a commit, "" for none), claims of other features, features added, whether
    it `changed` a file besides the feature list, and whether any session did `since_first`, the feature's first.

    `undone` are sentences about what was put back, `softened` about what may have softened the check, `unfinished`
    about what keeps the feature from being done whatever the check says. `base` is HEAD before the session, `list_now`
    the feature list as it is after all that, and `flagged` says that the session called its feature done in it.
    """

    base: str | None
    claim: str = ""
    others: tuple[Claim, ...] = ()
    added: tuple[str, ...] = ()
    changed: bool = False
    since_first: bool = False
    undone: tuple[str, ...] = ()
    softened: tuple[str, ...] = ()
    unfinished: tuple[str, ...] = ()
    list_now: bytes = b""
    shared: tuple[str, ...] = ()
    by_check: tuple[str, ...] = ()
    flagged: bool = False
    then: checked.Before = checked.Before()


def settle(checkout: Checkout, feature: Feature, kept: Attempts, copies: Copies | None) -> Settled:
    """Undo what a session may not change, and find out what it did and what it claims.

    `copies` are those of before the session; without them (its run was killed) what steers the build stays as it is:
    a person may have changed it since.
    """
    said = Said()
    put_back = copies.put_back() if copies else None  # before any git of ours
    project = checkout.refresh()
    if put_back and put_back.found:
        shown = undone.keep(project.repository, kept.session, put_back.found, put_back.restored)
        said.undone += [*steering.sentences(put_back), kept_by(shown)]
        names = [name for name in put_back.found if not name.startswith("git-dir/")]
        kept.put_back = sorted({*kept.put_back, *(prefix_of(project) + name for name in names)})
    made = _settle_git(checkout, feature, kept, said)
    project = checkout.project
    lists = guarding.guarded(project, feature.id, _list_before(checkout, feature, made, copies))
    if lists.undone:
        said.undone += [*lists.undone, kept_by(guarding.keep(project, kept.session, lists))]
    others, claim = _claims(checkout, feature, lists.before, kept, made, said)
    project = checkout.project
    session, first, shared, now = differences(project, feature, lists.before, kept, said)
    attempts.save(project.store, feature.id, kept)
    watch = project.config.guard.watch
    check = softening.Check(kept.base_check, checkout.check_command(feature), prefix_of(project), watch)
    softened = softening.softened(project.repository, first, check)
    softened += hidden.hidden(project.repository, first, kept.began)
    if made.commits:
        softened += bypassed.sentences(project.repository, attempts.trace(project.store, feature.id))
    if copies is None:
        softened += steering_changed(project, session)
    return Settled(
        base=kept.before_head or None,
        claim=claim,
        others=others,
        added=tuple(one.id for one in lists.after.features if one.id not in lists.before.by_id),
        changed=_has_work(project, session),
        since_first=_has_work(project, first),
        undone=tuple(said.undone),
        softened=tuple(softened),
        unfinished=tuple(said.unfinished),
        list_now=lists.restored,
        shared=shared,
        then=checked.before(project.repository, now),
        flagged=_passed(lists.after, feature.id) and not _passed(lists.before, feature.id),
    )


def _has_work(project: Project, changes: Mapping[str, Change]) -> bool:
    """Whether more was changed than notes of what was learned: a session that only wrote down why it failed has done
    nothing.
    """
    notes = f"{prefix_of(project)}{MEMORY}/"
    return any(not path.startswith(notes) for path in changes)


def _passed(features: FeatureList, id: str) -> bool:
    return id in features.by_id and features.by_id[id].passes


def hold(checkout: Checkout, feature: Feature, kept: Attempts, settled: Settled, copies: Copies | None) -> Settled:
    """Undo once more what the session may not change: a check may run what the session wrote."""
    project, said = checkout.project, list[str]()
    put_back = copies.put_back() if copies else None
    if put_back and put_back.found:
        shown = undone.keep(project.repository, kept.session, put_back.found, put_back.restored)
        said += [*steering.sentences(put_back), kept_by(shown)]
    lists = guarding.guarded(project, feature.id, settled.list_now)
    if lists.undone:
        said += [*lists.undone, kept_by(guarding.keep(project, kept.session, lists))]
    settled = replace(settled, undone=(*settled.undone, *(f"while the check ran, {sentence}" for sentence in said)))
    return _after_check(checkout, kept, settled)


def _after_check(checkout: Checkout, kept: Attempts, settled: Settled) -> Settled:
    """What the check itself did to the branch and the files: a test that the session wrote may run git."""
    place = checkout.refresh().repository
    if checked.moved(place, settled.then):
        said = checked.put_back(place, kept, settled.then)
        checkout.refresh()
        return replace(settled, undone=(*settled.undone, said), unfinished=(*settled.unfinished, said))
    after = snapshot.worktree(place)
    changed = diff.changes(place, settled.then.tree, after)
    changed.pop(record.list_name(checkout.project), None)
    if not changed:
        return settled
    paths = checked.users_own(place, kept, changed)
    lost = [f"{path}: was not committed, and thrown away by the check; put back" for path in paths]
    command = kept.base_check
    check = softening.Check(command, command, prefix_of(checkout.project), checkout.project.config.guard.watch)
    softened = softening.softened(place, changed, check)
    return replace(
        settled,
        undone=(*settled.undone, *lost),
        softened=(*settled.softened, *(f"while the check ran, {sentence}" for sentence in softened)),
        by_check=tuple(checked.named(changed, kept)),
        then=settled.then._replace(tree=snapshot.worktree(place) if paths else after),
    )


def _list_before(checkout: Checkout, feature: Feature, made: Made, copies: Copies | None) -> bytes:
    """The list as it was before the session, with what persons completed or reopened by commits since, and blocked or
    unblocked by commands of ours.
    """
    project = checkout.project
    told = _read(attempts.list_copy(project.store, feature.id))
    data = _with_blocks(project, copies.feature_list, told) if copies else told
    if not made.others:
        return data
    known = checkout.seen.history
    ledger = index.read(project.repository, project.words, known, project.features_path, project.rules)
    turned = {id: True for id, standing in ledger.standing.items() if standing[-1].sha in made.others}
    turned |= {id: False for id, (sha, _) in ledger.cancelled.items() if sha in made.others}
    there = model.parse(data, project.config.project.features, project.rules).by_id
    return marks.turn(data, {id: on for id, on in turned.items() if id in there}, project.rules)


def _with_blocks(project: Project, before: bytes, told: bytes) -> bytes:
    """The list `before` with the blocks of the one that commands of ours changed meanwhile, and nothing else of it: a
    session can write into that file too.
    """
    if told in (before, b""):
        return before
    try:
        was, now = project.features(before), project.features(told)
    except OrchestratorError:
        return before
    both = [(was.by_id[id], feature) for id, feature in now.by_id.items() if id in was.by_id]
    before = marks.unblock(before, [old.id for old, new in both if old.blocked and not new.blocked], project.rules)
    for old, new in both:
        if new.blocked and not old.blocked:
            about = {name: value for name, value in new.data.items() if name.startswith("blocked_")}
            before = marks.block(before, [new.id], about, project.rules)
    return before


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def _settle_git(checkout: Checkout, feature: Feature, kept: Attempts, said: Said) -> Made:
    """End what is under way, go back to the branch, take out what must not be committed; the commits since."""
    before = refs.parsed(_read(attempts.refs_copy(checkout.project.store, feature.id)).decode(*_NAMES))
    operation = operations.end(checkout.project.repository, kept)
    if operation:
        said.undone.append(operation)
        said.unfinished.append(operation)
        checkout.refresh()
    place = checkout.project.repository
    now = refs.read(place)
    said.undone += [*branches.ours(place, before, now), *branches.others(place, kept, before, now)]
    branch = branches.settle(checkout.project.repository, kept, before)
    if branch.said:
        said.undone += branch.said
        checkout.refresh()
    if branch.conflict:
        said.unfinished.append(branch.conflict)
    if unlinked := guarding.unlinked(checkout.project, kept.before_tree):
        said.undone.append(unlinked)
    made = authorship.since(checkout.project.repository, kept)
    if made.others:
        kept.theirs = sorted({*kept.theirs, *authorship.paths(checkout.project.repository, made.others)})
    leak = leaks.take_out(checkout.project.repository, kept, made)
    if leak:
        said.undone.append(leak)
        said.unfinished.append(leak)
        checkout.refresh()
        return Made()  # no commit of the session is left
    taken, made = users_work.take_out(checkout.project.repository, kept, made, record.list_name(checkout.project))
    if taken:
        said.undone.append(taken)
        checkout.refresh()
    return made


def _claims(
    checkout: Checkout, feature: Feature, before: FeatureList, kept: Attempts, made: Made, said: Said
) -> tuple[tuple[Claim, ...], str]:
    """The session's claims of other features, and its commit that claims its own feature. What a person completed or
    took back while the session ran is not the session's.
    """
    project, place = checkout.project, checkout.project.repository
    if not made.commits:
        return (), ""
    ledger = index.read(place, project.words, checkout.seen.history, project.features_path, project.rules)
    lost = takebacks.taken_back(ledger, made.own, feature.id)
    found = {id: standing[-1].sha for id, standing in ledger.standing.items() if standing[-1].sha in made.commits}
    claim = found.pop(feature.id, "")
    persons = tuple(Claim(id, Answer.PERSON) for id, sha in found.items() if sha not in made.own)
    found = {id: sha for id, sha in found.items() if sha in made.own}
    if not found and not lost:
        return persons, claim
    then = _facts_before(project, before, kept)
    if not _restore(checkout, feature, kept, lost, then, said):
        return (), ""
    return (*persons, *(_claim(project, id, states(then).get(id)) for id in found)), claim


def _claim(project: Project, id: str, standing: Standing | None) -> Claim:
    command = checks.resolve(project.config.verify.command, project.root)
    own = checks.command_for(standing.feature, command) if standing else ""
    return Claim(id, answer(standing, own, project.config.guard.foreign_claims), own)


def _restore(
    checkout: Checkout, feature: Feature, kept: Attempts, lost: Mapping[str, tuple[str, bool]], then: Facts, said: Said
) -> bool:
    """Let stand again what the session took back; where that can't be, go back to before the session and say no."""
    completions = {id: completion for id in lost if (completion := then.ledger.completion(id))}
    lost = {id: how for id, how in lost.items() if id in completions}
    if not lost:
        return True
    restored = takebacks.restore(checkout, kept, feature.id, lost, completions)
    said.undone += restored.said
    if restored.conflict:
        said.undone += branches.back_to_start(checkout.project.repository, kept)
        said.unfinished.append(restored.conflict)
        checkout.refresh()
    return not restored.conflict


def _facts_before(project: Project, before: FeatureList, kept: Attempts) -> Facts:
    """What the features stood by before the session."""
    place = project.repository._replace(head=kept.before_head or None)
    return facts.of(project, before, index.read(place, project.words), Seen())

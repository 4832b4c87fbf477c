"""One agent session for a feature: its prompt, its run, and what it left in the work tree and the history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from orchestrator import files
from orchestrator.agents.prompts import rendering
from orchestrator.agents.protocol import SessionRequest, SessionResult
from orchestrator.building import attempts, record, verification
from orchestrator.building.attempts import Memory
from orchestrator.building.run import Run
from orchestrator.features import model
from orchestrator.features.digest import changes
from orchestrator.features.guard import guard
from orchestrator.features.model import Feature
from orchestrator.features.names import slug
from orchestrator.git import commits, snapshot
from orchestrator.git.place import Place
from orchestrator.harness import sessions
from orchestrator.history import index
from orchestrator.history.events import completion_line
from orchestrator.staleness import checks
from orchestrator.staleness import facts as facts_
from orchestrator.staleness.state import Facts, Standing, State

PROMPT_FILE = ".agent/current-prompt.md"


@dataclass(frozen=True)
class Started:
    """A session that was begun: its number, kind, attempt, and when (a local time with its offset)."""

    number: int
    kind: str
    attempt: int
    when: datetime


@dataclass(frozen=True)
class Settled:
    """What a session left: its own claim (a commit, "" for none), claims of other features, features added,
    whether it changed a file besides the feature list, and what had to be undone or deserves a look.
    """

    base: str | None
    claim: str = ""
    others: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    changed: bool = False
    undone: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())


def run(run: Run, standing: Standing, now: Facts, kept: Memory, budget: float) -> tuple[SessionResult, Started]:
    """Run the next session for the feature; `budget` in dollars, 0 for no limit."""
    project, feature = run.project, standing.feature
    number = sessions.next_number(project.root)
    kind = _kind(project.repository, standing, kept)
    _remember_start(run, feature, kept, number)
    started = Started(number, kind, kept.attempts, datetime.now().astimezone())
    text = _prompt(run, standing, now, kept, started)
    path = project.root / PROMPT_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    files.write_atomic(path, text.encode("utf-8", "replace"))
    settings = project.config.agent
    run.progress.session_started(feature, number, kept.attempts, settings.max_attempts, kind)
    request = SessionRequest(
        prompt=text,
        prompt_file=path,
        cwd=project.root,
        model=_model(run, feature),
        feature_id=feature.id,
        interactive=settings.mode == "interactive",
        timeout=settings.timeout,
        log_dir=project.root / ".agent" / "sessions",
        name=f"session-{number:03d}",
        max_cost_usd=budget,
    )
    return run.agent.run(request, run.progress), started


def _kind(place: Place, standing: Standing, kept: Memory) -> str:
    if standing.feature.is_qa:
        return "qa"
    if kept.failure:
        return "repair"
    goes_on = bool(kept.owned) or commits.resolve(place, record.leftovers_ref(standing.feature.id)) is not None
    return "continue" if goes_on or standing.state is State.CHANGED else "implement"


def _model(run: Run, feature: Feature) -> str:
    settings = run.project.config.agent
    special = settings.models.qa if feature.is_qa else getattr(settings.models, feature.complexity)
    return special or settings.model


def _remember_start(run: Run, feature: Feature, kept: Memory, number: int) -> None:
    """On disk before the agent starts, so that whatever kills us leaves the means to judge what it did."""
    place = run.project.repository
    tree = snapshot.worktree(place)
    if not kept.base_tree:
        kept.base_tree, kept.base_head = tree, place.head or ""
    kept.before_tree, kept.before_head = tree, place.head or ""
    kept.branch = branch(place)
    kept.attempts += 1
    kept.session = number
    copy = _list_copy(run.project.store, feature.id)
    copy.parent.mkdir(parents=True, exist_ok=True)
    files.write_atomic(copy, run.project.read_features())
    attempts.save(run.project.store, feature.id, kept)


def branch(place: Place) -> str:
    """The full name of HEAD's branch; "" when it is detached."""
    return place.git.try_run("symbolic-ref", "-q", "HEAD").stdout.decode("utf-8", "surrogateescape").strip()


def _list_copy(store: Path, id: str) -> Path:
    return store / "attempts" / f"{slug(id)}.list"


def _prompt(run: Run, standing: Standing, now: Facts, kept: Memory, started: Started) -> str:
    project, feature = run.project, standing.feature
    leftovers = record.leftovers_ref(feature.id)
    return rendering.build_prompt(
        started.kind,
        project.root,
        feature=feature.data,
        id=feature.id,
        name=feature.name,
        commit_line=completion_line(feature.id, project.words),
        verify_command=checks.command_for(feature, run.check_command()),
        complexity=feature.complexity,
        attempt=kept.attempts,
        max_attempts=project.config.agent.max_attempts,
        session=started.number,
        changes=_changes(project.repository, record.list_name(project), standing),
        failure=kept.failure,
        undone=kept.undone,
        leftovers=leftovers if commits.resolve(project.repository, leftovers) else "",
        dependencies=[
            {"id": id, "name": now.features.by_id[id].name} for id in feature.dependencies if id in now.features.by_id
        ],
        inputs=list(feature.inputs),
        project_name=project.name,
        stack=project.config.project.stack,
        description=project.config.project.description,
        with_qa=run.options.with_qa,
        feature_list=project.config.project.features,
    )


def _changes(place: Place, name: str, standing: Standing) -> list[str]:
    if standing.state is not State.CHANGED or not standing.commit:
        return []
    then = facts_.definition_then(place, name, standing.commit, standing.feature.id)
    return changes(then, standing.feature.definition) if then is not None else []


def settle(run: Run, feature: Feature, kept: Memory) -> Settled:
    """Undo what a session may not change, and find out what it did and what it claims."""
    project = run.refresh()
    notes = _back_on_branch(project.repository, kept)
    project = run.refresh()
    place = project.repository
    before, after, undone = _guarded(run, feature)
    now = snapshot.worktree(place)
    own = record.list_name(project)
    changed = {path: entry for path, entry in snapshot.changed(place, kept.before_tree, now).items() if path != own}
    kept.owned = sorted({*kept.owned, *changed})
    attempts.save(project.store, feature.id, kept)
    claims = _claims(run, kept.before_head or None)
    others = tuple(id for id in claims if id != feature.id and not _passed(before, id))
    added = tuple(f.id for f in after.features if f.id not in before.by_id)
    notes += [f"claimed {id}, which was not its to complete; reopened" for id in others]
    weakened = _weakened_tests(place, kept.before_tree, now)
    moved = place.head is not None and place.head != (kept.before_head or None)
    return Settled(
        base=kept.before_head or None,
        claim=claims.get(feature.id, ""),
        others=others,
        added=added,
        changed=kept.unjudged or bool(changed) or (moved and not claims and _tree_moved(place, kept.before_head, own)),
        undone=(*undone, *notes),
        notes=tuple(weakened),
    )


def _tree_moved(place: Place, base: str, own: str) -> bool:
    before = snapshot.tree_of(place, base or None)
    return bool(set(snapshot.changed(place, before, snapshot.tree_of(place, place.head))) - {own})


def _passed(features: model.FeatureList, id: str) -> bool:
    return id in features.by_id and features.by_id[id].passes


def _guarded(run: Run, feature: Feature) -> tuple[model.FeatureList, model.FeatureList, list[str]]:
    """The list before and after the session, the latter with all undone that was not the session's to change."""
    project = run.project
    where = project.config.project.features
    before = _list_copy(project.store, feature.id).read_bytes()
    with files.lock(project.list_lock, purpose="check the feature list after a session"):
        try:
            after = project.features_path.read_bytes()
        except FileNotFoundError:
            after = b""
        result = guard(before, after, feature.id)
        if result.data != after:
            files.write_atomic(project.features_path, result.data)
    return model.parse(before, where), model.parse(result.data, where), list(result.undone)


def _claims(run: Run, base: str | None) -> dict[str, str]:
    """The standing completions among the commits of the session: id -> commit."""
    place = run.project.repository
    made = set(commits.since(place, base).commits)
    ledger = index.read(place, run.project.words, run.seen.history)
    found: Mapping[str, str] = {
        id: standing[-1].sha for id, standing in ledger.standing.items() if standing[-1].sha in made
    }
    return dict(found)


def _back_on_branch(place: Place, kept: Memory) -> list[str]:
    """If the session left the branch or took commits off it, go back; what it made is kept under a ref."""
    gone = bool(kept.before_head) and not (
        place.head and (place.head == kept.before_head or place.git.is_ancestor(kept.before_head, place.head))
    )
    if not gone and branch(place) == kept.branch:
        return []
    if place.head and place.head != kept.before_head:
        place.git.run("update-ref", f"refs/orchestrator/strays/{place.head[:12]}", place.head)
    if kept.branch:
        place.git.run("symbolic-ref", "-m", "orchestrator: back on the branch", "HEAD", kept.branch)
    target = kept.before_head
    if kept.branch and not gone:
        target = commits.resolve(place, kept.branch) or target
    if target:
        place.git.run("update-ref", *([] if kept.branch else ["--no-deref"]), "HEAD", target)
        place.git.run("read-tree", target)
        place.git.try_run("update-index", "-q", "--refresh")
    return [
        "the session left its branch or removed commits from it; HEAD was put back, the files are as they were left"
    ]


def _weakened_tests(place: Place, before: str, after: str) -> list[str]:
    """Tests that lost more lines than they gained: worth a look, for an agent may go green that way."""
    found = []
    listed = place.git.text("diff-tree", "-r", "--numstat", "-z", "--no-renames", before, after)
    for entry in listed.split("\0"):
        added, _, rest = entry.partition("\t")
        removed, _, path = rest.partition("\t")
        name = path.lower()
        if removed.isdigit() and added.isdigit() and int(removed) > int(added) and ("test" in name or "spec" in name):
            found.append(f"{path}: {int(removed) - int(added)} lines of tests fewer")
    return found


def log(
    run: Run, feature: Feature, kept: Memory, result: SessionResult | None, started: Started | None,
    settled: Settled, verdict: verification.Verdict | None, reason: str, commit: str,
) -> None:  # fmt: skip
    """Write the session's log and its block in the progress file."""
    when = started.when if started else datetime.now().astimezone()
    record_ = sessions.SessionRecord(
        session=started.number if started else kept.session,
        timestamp=when.isoformat(timespec="milliseconds"),
        feature=feature.id,
        success=bool(commit),
        elapsed_seconds=round(result.elapsed, 3) if result else 0.0,
        error=reason,
        attempt=kept.attempts,
        kind=started.kind if started else "recovered",
        outcome=result.outcome.value if result else "killed",
        model=(result.model or _model(run, feature)) if result else "",
        cost_usd=result.cost_usd if result else None,
        usage=asdict(result.usage) if result and result.usage else None,
        agent_session_id=result.agent_session_id if result else "",
        commit=commit,
        digest=facts_.digest_now(run.project, feature),
        verify=_evidence(verdict),
        guard=list(settled.undone),
        notes=list(settled.notes),
    )
    sessions.write(run.project.root, record_)


def _evidence(verdict: verification.Verdict | None) -> dict[str, object] | None:
    if verdict is None:
        return None
    return {"command": verdict.command, "exit_code": verdict.exit_code, "output_tail": verdict.output[-4000:],
            "elapsed_seconds": round(verdict.elapsed, 3), "note": verdict.note}  # fmt: skip

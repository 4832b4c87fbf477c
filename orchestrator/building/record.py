"""The commits a build makes: completions that carry their flip, reopened claims, features set aside."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from orchestrator import files
from orchestrator.building import attempts, authorship
from orchestrator.building.attempts import Attempts
from orchestrator.errors import OrchestratorError
from orchestrator.features import marks, model
from orchestrator.features.document import REMOVE
from orchestrator.features.model import Feature
from orchestrator.features.names import slug
from orchestrator.git import commits, remake, snapshot
from orchestrator.git.place import Place
from orchestrator.git.plumbing import LITERAL
from orchestrator.harness.own_files import MEMORY
from orchestrator.history.events import DIGEST_TRAILER, VERIFIED_TRAILER, completion_line, quote
from orchestrator.history.ledger import Completion
from orchestrator.history.sync import may_remake
from orchestrator.project import Project
from orchestrator.staleness import checks, facts, inputs

_REVIEW = {"needs_review": True}


def leftovers_ref(id: str) -> str:
    """Where the work on a feature that was set aside is kept."""
    return f"refs/orchestrator/leftovers/{slug(id)}"


def list_name(project: Project) -> str:
    """The feature list as git names it."""
    return project.repository.relative(project.features_path)


def edit_list(project: Project, change: Callable[[bytes, Collection[str]], bytes]) -> None:
    """Change the list in the work tree, under the lock; `change` is given its bytes and its ids. A session that runs
    meanwhile counts as having begun with it, unless it is that session itself which asks.
    """
    with files.lock(project.list_lock, purpose="edit the feature list"):
        _edit(project, project.features_path, project.read_features(), change)
        if authorship.inside_a_session(os.environ):
            return
        for path in attempts.running_lists(project.store):
            with contextlib.suppress(OrchestratorError):  # a damaged copy stays as it is
                _edit(project, path, path.read_bytes(), change)


def _edit(project: Project, path: Path, data: bytes, change: Callable[[bytes, Collection[str]], bytes]) -> None:
    there = model.parse(data, project.config.project.features, project.rules, lenient=True).by_id
    new = change(data, there)
    if new != data:
        files.write_atomic(path, new)


def trailers(project: Project, feature: Feature, command: str) -> dict[str, str]:
    """What a completion says besides: the definition it completed, and the check that passed."""
    found = {DIGEST_TRAILER: f"{quote(feature.id)} {facts.digest_now(project, feature)}"}
    if ticket := feature.data.get("ticket"):
        found["Ticket"] = " ".join(str(ticket).split())
    if command:
        found[VERIFIED_TRAILER] = checks.digest(command)
    return found


def complete(
    project: Project, feature: Feature, command: str, kept: Attempts, work: snapshot.Entries, claim: str,
    base: str | None, *, review: bool,
) -> str:  # fmt: skip
    """Record the feature as done, with the `work` of its sessions (staging.py); returns the completing commit.

    `claim` is the agent's own completing commit, "" when it made none; `base` HEAD before its session. `review` asks
    for a person's look.
    """
    place = project.repository
    flip = _REVIEW if review else {}
    if flip or not feature.passes:
        _turn(project, {} if feature.passes else {feature.id: True}, {feature.id: flip})
    wanted = work | owned_entries(project, ())
    wanted |= _as_before(place, kept, wanted)
    notes = trailers(project, feature, command)
    line = completion_line(feature.id, project.words)
    if not claim:
        return _commit(project, wanted, _message(f"{line} (auto-completed)", notes))
    made = commits.since(place, base)
    if made.linear and claim in made.commits and may_remake(place, claim):
        chain = made.commits[made.commits.index(claim) :]
        return _remade(project, feature, chain, wanted, notes, flip)
    return _commit(project, wanted, _message(f"{line} (verified)", notes))


def _as_before(place: Place, kept: Attempts, wanted: snapshot.Entries) -> snapshot.Entries:
    """What steers the build, as HEAD had it before the first session: a commit of the agent's may have changed it."""
    paths = set(kept.put_back) - set(wanted)
    return snapshot.entries(place, snapshot.tree_of(place, kept.base_head or None), paths) if paths else {}


def input_paths(project: Project, patterns: Collection[str]) -> list[str]:
    """A feature's input files as git names them: part of what was completed, so a clone must have them."""
    if not patterns:
        return []
    tree = inputs.Tree(project.root, project.place)
    names = {name for pattern in patterns for name in tree.select(pattern)}
    return [project.repository.relative(project.root / name) for name in sorted(names)]


def owned_entries(project: Project, owned: Collection[str]) -> snapshot.Entries:
    """What the work tree has at the paths to commit: those in `owned`, and the feature list."""
    place = project.repository
    listed = _listed(project) if project.config.history.write == "commit" else {}
    paths = {*owned} if listed is not None else {*owned, list_name(project)}
    found = snapshot.entries(place, snapshot.worktree(place), paths) if paths else {}
    return found | (listed or {})


def _listed(project: Project) -> snapshot.Entries | None:
    """The feature list as it is in the work tree, without a look at all else; None where the index has it not."""
    name, git = list_name(project), project.repository.git
    staged = git.run("ls-files", "--stage", "-z", "--", name, env=LITERAL).split(b"\0")[0]
    if not staged or not project.features_path.is_file():
        return None
    blob = git.text("hash-object", "-w", f"--path={name}", "--stdin", stdin=project.features_path.read_bytes())
    mode = staged[:6].decode("ascii")
    return {name: (mode if mode.startswith("100") else "100644", blob)}  # a session may have staged a link


def _message(subject: str, notes: Mapping[str, str], body: str = "") -> str:
    lines = [subject, ""] + ([body, ""] if body else []) + [f"{name}: {value}" for name, value in notes.items()]
    return "\n".join(lines).strip() + "\n"


def _commit(project: Project, wanted: snapshot.Entries, message: str) -> str:
    place = project.repository
    tree = snapshot.with_entries(place, snapshot.tree_of(place, place.head), wanted)
    made = commits.on_top(place, tree, message)
    snapshot.stage(place, wanted)
    return made


def _remade(
    project: Project,
    feature: Feature,
    chain: Collection[str],
    wanted: snapshot.Entries,
    notes: Mapping[str, str],
    flip: Mapping[str, object],
) -> str:
    """The agent's commits from its completion on made again: that one with the trailers and the flip, the
    last with what was left uncommitted. Returns the completion.
    """
    place = project.repository
    parent: str | None = None
    completion = ""
    for at, sha in enumerate(chain):
        tree = _flipped_tree(project, sha, feature, flip)
        if at == len(chain) - 1:
            tree = snapshot.with_entries(place, tree, wanted)
        raw = place.git.run("cat-file", "commit", sha)
        message = raw.partition(b"\n\n")[2]
        if at == 0:
            message = commits.with_trailers(place, message, notes)
        parent = remake.commit_again(
            place.git, raw, tree, parents=None if parent is None else [parent], message=message
        )
        completion = completion or parent
    assert parent is not None
    assert place.head is not None
    snapshot.stage(place, wanted)
    remake.move_head(place, parent, place.head, f"orchestrator: {feature.id} verified")
    return completion


def _flipped_tree(project: Project, sha: str, feature: Feature, flip: Mapping[str, object]) -> str:
    place = project.repository
    name = list_name(project)
    seen = remake.look(place.git, sha, name)
    entry = seen.entry
    if entry is None or project.config.history.write != "commit":
        return snapshot.tree_of(place, sha)
    try:
        then = project.features(entry.content).by_id.get(feature.id)
    except OrchestratorError:
        return snapshot.tree_of(place, sha)  # the agent committed a broken list; the last commit has it mended
    if then is None or (then.passes and not flip):
        return snapshot.tree_of(place, sha)
    turned = {} if then.passes else {feature.id: True}
    content = marks.turn(entry.content, turned, project.rules, name, also={feature.id: flip})
    return remake.tree_with(place.git, seen, place.git.write("blob", content))


def turn_off(project: Project, id: str) -> None:
    """Take back what a session said of its feature in the work tree's list."""
    if project.features().get(id).passes:
        _turn(project, {id: False})


def flip_others(project: Project, ids: Iterable[str]) -> None:
    """Mark features in the work tree's list as done that a session claimed besides its own."""
    there = project.features().by_id
    _turn(project, {id: True for id in ids if id in there and not there[id].passes})


def complete_again(project: Project, id: str, completion: Completion, paths: Collection[str], why: str) -> None:
    """Let a completion stand again that was taken back: a commit of what the work tree has at the paths, with the
    trailers of then.
    """
    _turn(project, {id: True})
    lines = [f"{DIGEST_TRAILER}: {quote(id)} {completion.digest}"] if completion.digest else []
    lines += [f"{VERIFIED_TRAILER}: {digest}" for digest in completion.verified]
    message = "\n".join([completion_line(id, project.words), "", why, "", *lines]).strip() + "\n"
    _commit(project, owned_entries(project, paths), message)


def complete_by_hand(project: Project, features: Sequence[Feature], message: str, wanted: snapshot.Entries) -> str:
    """A person's completion of the features, with nothing left to review: a commit of `wanted` and of the flips."""
    reviewed = {f.id: {"needs_review": REMOVE} for f in features if f.data.get("needs_review")}
    _turn(project, {feature.id: True for feature in features if not feature.passes}, reviewed)
    subject = f"{project.words.completed} {', '.join(quote(feature.id) for feature in features)}"
    lines = [f"{DIGEST_TRAILER}: {quote(f.id)} {facts.digest_now(project, f)}" for f in features]
    inputs_of = {path for feature in features for path in input_paths(project, feature.inputs)}
    return _commit(
        project, wanted | owned_entries(project, inputs_of), "\n".join([subject, "", message, "", *lines]) + "\n"
    )


def reopen(project: Project, ids: Iterable[str], why: str) -> str:
    """Take back completions: a commit that carries the flips."""
    named = list(ids)
    _turn(project, dict.fromkeys(named, False))
    subject = f"{project.words.reopened} {', '.join(quote(id) for id in named)}"
    return _commit(project, owned_entries(project, ()), _message(subject, {}, why))


def set_aside(project: Project, feature: Feature, reason: str, kept: Attempts) -> str:
    """Block the feature and take its work out of the way of the others: the work is kept under its leftovers
    ref, the sessions' files are again as before the first attempt in the work tree, in HEAD and in the index. What
    persons committed since stays. Returns the ref, "" for no work.
    """
    place = project.repository
    folder = place.relative(project.root / MEMORY)
    notes = {path for path in kept.owned if path.startswith(f"{folder}/")}  # what was learned is not put aside
    stays = {list_name(project), *kept.theirs, *notes}
    owned = set(kept.owned) - stays
    ref = _keep_work(project, feature, reason, kept.base_tree, owned)
    snapshot.restore(place, kept.base_tree, owned)
    block(project, [feature.id], reason)
    wanted = _taken_back(place, kept.base_head, stays)
    staged = snapshot.entries(place, kept.base_index or snapshot.tree_of(place, kept.base_head or None), owned)
    snapshot.stage(place, staged)
    if project.config.history.write == "commit":
        wanted |= owned_entries(project, notes)
    body = f"{reason}\n\nThe work so far is kept: git show {ref}" if ref else reason
    _commit(project, wanted, _message(f"orchestrator: blocked {quote(feature.id)}", {}, body))
    return ref


def block(project: Project, ids: Collection[str], reason: str) -> None:
    """Set features aside in the list of the work tree."""
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    about = {"blocked_reason": reason, "blocked_at": now}
    edit_list(project, lambda data, there: marks.block(data, [id for id in ids if id in there], about, project.rules))


def _turn(project: Project, passes: Mapping[str, bool], also: Mapping[str, Mapping[str, object]] | None = None) -> None:
    """Say in the list of the work tree which features are done and which are not; `also` are other changes. What a
    list does not have is passed over: history may name a feature that no list has, or that a session added.
    """

    def change(data: bytes, there: Collection[str]) -> bytes:
        turned = {id: on for id, on in passes.items() if id in there}
        others = {id: fields for id, fields in (also or {}).items() if id in there}
        return marks.turn(data, turned, project.rules, also=others)

    edit_list(project, change)


def _keep_work(project: Project, feature: Feature, reason: str, base_tree: str, owned: Collection[str]) -> str:
    place = project.repository
    now = snapshot.worktree(place)
    if not set(snapshot.changed(place, base_tree, now)) & (set(owned) - {list_name(project)}):
        return ""
    ref = leftovers_ref(feature.id)
    commits.keep(place, ref, now, f"orchestrator: unfinished work on {quote(feature.id)}\n\n{reason}\n")
    return ref


def _taken_back(place: Place, base_head: str, kept: Collection[str]) -> snapshot.Entries:
    """What undoes the files that were committed since `base_head`, but for those to be `kept`."""
    if not place.head or (base_head and not place.git.is_ancestor(base_head, place.head)):
        return {}
    before = snapshot.tree_of(place, base_head or None)
    undone = snapshot.changed(place, snapshot.tree_of(place, place.head), before)
    return {path: entry for path, entry in undone.items() if path not in kept}

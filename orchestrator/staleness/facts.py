"""Gathers what the states depend on: the list, the ledger, digests, checks, and what this clone remembers."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from orchestrator import files, statefile
from orchestrator.errors import OrchestratorError
from orchestrator.features import model
from orchestrator.features.dialects import shape
from orchestrator.features.dialects.tables import BUILT_IN, Rules
from orchestrator.features.digest import definition_digest, digest_0_1
from orchestrator.features.model import Feature, FeatureList
from orchestrator.features.names import slug
from orchestrator.git.place import Place
from orchestrator.history import index
from orchestrator.history.events import DIGEST_TRAILER, parse
from orchestrator.history.ledger import Completion, Ledger
from orchestrator.project import Project
from orchestrator.staleness import checks, inputs
from orchestrator.staleness.source import Source
from orchestrator.staleness.sources import OF_A_PROJECT
from orchestrator.staleness.state import Facts, fingerprint
from orchestrator.statefile import Kind

_VERIFIED = "verified.json"
_FORGOTTEN = "forgotten.json"


class Seen:
    """What this process has read already, so that `load` reads again only what has changed."""

    def __init__(self) -> None:
        self.history = index.Kept()
        self._features: FeatureList | None = None
        self._digests: dict[str, str] = {}
        self._reckoned: dict[tuple[str, str], bool] = {}
        self.renamed: frozenset[str] = frozenset()

    def digests(self, project: Project, features: FeatureList, ids: Collection[str]) -> dict[str, str]:
        """The digests of the definitions in the work tree; cached, unless the feature has inputs."""
        if features is not self._features:
            self._features, self._digests, self._reckoned = features, {}, {}
        known, by_id = self._digests, features.by_id
        tree = inputs.Tree(project.root, project.place)
        for id in ids:
            if id not in known or by_id[id].inputs:
                known[id] = digest_now(project, by_id[id], tree)
        self.renamed = frozenset(tree.renamed)
        return {id: known[id] for id in ids}

    def reckoned_before(self, project: Project, feature: Feature, digest: str) -> bool:
        """Whether `digest` is the one that version 0.1 computes for today's definition."""
        key = feature.id, digest
        if key not in self._reckoned or feature.inputs:
            self._reckoned[key] = digest_0_1(feature, _inputs(project, feature)) == digest
        return self._reckoned[key]


def load(project: Project, seen: Seen | None = None) -> Facts:
    """The facts as of now. Raises OrchestratorError when the list is absent or invalid."""
    seen = seen or Seen()
    features = project.features()
    # Outside of a repository there is no history: the list's flags decide.
    ledger = Ledger(shallow=True)
    if project.place:
        ledger = index.read(project.place, project.words, seen.history, project.features_path, project.rules)
    return of(project, features, ledger, seen)


def of(project: Project, features: FeatureList, ledger: Ledger, seen: Seen) -> Facts:
    """The facts about these features and this ledger. All that is read for them is listed in `Facts.sources`."""
    sources = [*OF_A_PROJECT, Source("list", ""), *(Source("history", name) for name in index.SOURCES)]
    completions = {f.id: c for f in features.features if (c := ledger.completion(f.id))}
    sources += [Source("input", pattern) for pattern in sorted({p for f in features.features for p in f.inputs})]
    command = checks.resolve(project.config.verify.command, project.root)
    sources.append(Source("check", ""))
    told = _told(project, features, ledger)
    now = seen.digests(project, features, {**completions, **told})
    sources += [Source("input", name) for name in sorted(seen.renamed)]
    return Facts(
        features=features,
        ledger=ledger,
        now=now,
        completed={**told, **_completed(project, features, completions, now, seen)},
        checks={f.id: checks.digest(checks.command_for(f, command)) for f in features.features},
        verified=_noted(project, _VERIFIED, dict, sources),
        forgotten=_forgotten_ids(features, _noted(project, _FORGOTTEN, list, sources)),
        sources=sources,
    )


def _told(project: Project, features: FeatureList, ledger: Ledger) -> dict[str, str]:
    """In a shallow clone: digests from trailers, for features whose completion is beyond the clone's history."""
    lost = {f.id for f in features.features if f.passes and not ledger.completion(f.id)} if ledger.shallow else set()
    if not lost or project.place is None or ledger.head is None:
        return {}
    args = ("log", "-z", "--encoding=UTF-8", "--fixed-strings", f"--grep={DIGEST_TRAILER}: ", "--format=%B")
    found: dict[str, str] = {}
    for message in reversed(project.place.git.text(*args, ledger.head, "--").split("\0")):
        found.update(parse(message, project.words).digests)  # the newest comes last
    return {id: digest for id, digest in found.items() if id in lost}


def _noted(project: Project, name: str, kind: type[Kind], sources: list[Source]) -> Kind:
    """What a state file of this clone says."""
    sources.append(Source("state", name))
    return statefile.read(project.store / name, kind)


def digest_now(project: Project, feature: Feature, tree: inputs.Tree | None = None) -> str:
    """The digest of the definition in the work tree. Pass one `tree` when asking for many features."""
    return definition_digest(feature, _inputs(project, feature, tree))


def _inputs(project: Project, feature: Feature, tree: inputs.Tree | None = None) -> Sequence[inputs.Content]:
    if not feature.inputs:
        return ()
    tree = tree or inputs.Tree(project.root, project.place)
    return inputs.in_worktree(tree, project.root, feature.inputs, feature.id)


def _completed(
    project: Project,
    features: FeatureList,
    completions: dict[str, Completion],
    now: Mapping[str, str],
    seen: Seen,
) -> dict[str, str]:
    """The digests of the definitions as they were completed: by trailer, else by the list as of the commit.

    A trailer may be written by another version, or under other settings, so that its digest differs though the
    definition is the same. It counts as unchanged if version 0.1 computes that digest for today's definition. Else the
    list of that commit is read, if its definition is the one that the trailer names.
    """
    found = {id: completion.digest for id, completion in completions.items() if completion.digest}
    differing = {id: digest for id, digest in found.items() if digest != now.get(id)}
    same = {id for id, digest in differing.items() if seen.reckoned_before(project, features.by_id[id], digest)}
    found.update((id, now[id]) for id in same)
    asked = {id: c for id, c in completions.items() if not c.digest or (id in differing and id not in same)}
    if asked and project.place:
        found.update(_as_of_commits(project.place, project, asked))
    return found


def _as_of_commits(place: Place, project: Project, completions: dict[str, Completion]) -> dict[str, str]:
    path = place.store / "definitions.json"
    about = json.dumps([place.relative(project.features_path), *project.rules.bookkeeping])
    keys = {id: f"{completion.sha} {id} {about}" for id, completion in completions.items()}
    known = statefile.kept(path, dict)
    missing = {id: completion for id, completion in completions.items() if keys[id] not in known}
    if missing:
        known.update((keys[id], digest) for id, digest in _read_from_history(place, project, missing).items())
        statefile.keep(path, known)
    return {id: digest for id, key in keys.items() if (digest := known[key])}


def _read_from_history(place: Place, project: Project, completions: dict[str, Completion]) -> dict[str, str]:
    name = place.relative(project.features_path)
    prefix = name[: len(name) - len(project.config.project.features)]
    blobs = place.git.ids([f"{completion.sha}:{name}" for completion in completions.values()])
    by_list: dict[str | None, list[str]] = {}
    for id, blob in zip(completions, blobs, strict=True):
        by_list.setdefault(blob, []).append(id)
    found = {}
    for blob, ids in by_list.items():
        features = _list(place, blob, name, project.rules)  # one at a time: each may be megabytes
        for id in ids:
            found[id] = _digest_then(place, completions[id], prefix, features.get(id))
    return found


def digests_as_of(project: Project, commits: Mapping[str, str]) -> dict[str, str]:
    """The digests, as they are reckoned now, of features' definitions as of a commit each; "" where it has none."""
    asked = {id: Completion(sha, 0, 0) for id, sha in commits.items()}
    return _read_from_history(project.repository, project, asked) if asked else {}


def _list(place: Place, blob: str | None, name: str, rules: Rules) -> Mapping[str, Feature]:
    """The features by id of an old version of the list; {} if it can't be read."""
    entry = place.git.objects([blob])[0] if blob else None
    try:
        return model.parse(entry[2], name, rules, lenient=True).by_id if entry else {}
    except OrchestratorError:
        return {}


def _digest_then(place: Place, completion: Completion, prefix: str, feature: Feature | None) -> str:
    """The digest of the definition in the completing commit; the trailer's digest if that names another definition."""
    if feature is None:
        return completion.digest
    content = inputs.in_commit(place.git, completion.sha, prefix, feature.inputs) if feature.inputs else ()
    if completion.digest and completion.digest not in _reckonings(feature, content):
        return completion.digest
    return definition_digest(feature, content)


def _reckonings(feature: Feature, content: Sequence[inputs.Content]) -> set[str]:
    """The digests that other versions, or other settings, may have written for this definition."""
    plain = feature._replace(shape=shape.of(tuple(feature.data), BUILT_IN))
    return {definition_digest(feature, content), definition_digest(plain, content), digest_0_1(feature, content)}


def definition_then(place: Place, name: str, commit: str, id: str, rules: Rules) -> dict[str, object] | None:
    """The definition of the feature in the list `name` as of a commit; None where it can't be read."""
    feature = _list(place, f"{commit}:{name}", name, rules).get(id)
    return dict(feature.definition) if feature else None


def remember_verified(project: Project, facts: Facts, feature: Feature) -> None:
    """Keep in this clone that the stale feature's check passed as things are now."""
    path = project.store / _VERIFIED
    with files.lock(project.store / "verified.lock", purpose="remember a check"):
        known = statefile.read(path, dict)
        known[feature.id] = fingerprint(feature, facts)
        statefile.write(path, known)


def _forgotten_ids(features: FeatureList, slugs: Collection[str]) -> frozenset[str]:
    """The features that `doit forget` named, to be redone."""
    names = set(slugs)
    return frozenset(f.id for f in features.features if slug(f.id) in names) if names else frozenset()


def forget(store: Path, name: str) -> None:
    """Note that the feature of this slug is to be redone by the next build."""
    _forgotten(store, name, add=True)


def redone(store: Path, name: str) -> None:
    """The feature of this slug was redone: nothing more to remember."""
    if (store / _FORGOTTEN).exists():
        _forgotten(store, name, add=False)


def _forgotten(store: Path, name: str, *, add: bool) -> None:
    path = store / _FORGOTTEN
    with files.lock(store / "forgotten.lock", purpose="doit forget"):
        names = set(statefile.read(path, list))
        new = names | {name} if add else names - {name}
        if new != names:
            statefile.write(path, sorted(new))

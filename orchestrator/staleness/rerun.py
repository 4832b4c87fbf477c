"""Whether a build would do over what is finished for no reason of its user: another version, or other settings.

How that is told from edits: under the settings as they were before, the same list and the same history are looked at
again, so that whatever differs comes from the settings alone. Of another version it is known by what the last build of
this clone saw, and by definitions that are today as they were when they were completed. A definition that somebody
edited since is never among them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from orchestrator import __version__, statefile
from orchestrator.config.settings import FILE_NAME, Config
from orchestrator.config.source import parse_toml
from orchestrator.errors import OrchestratorError
from orchestrator.features import model
from orchestrator.features.dialects.tables import Rules
from orchestrator.history import index
from orchestrator.history.events import Words
from orchestrator.project import Project
from orchestrator.staleness import facts as gather
from orchestrator.staleness.facts import Seen
from orchestrator.staleness.state import Facts, Standing, State, states

FILE = "last-look.json"
_VERSIONS = 5  # of the settings, as commits have them
_TO_BUILD = frozenset({State.TODO, State.CHANGED, State.WAITING})
_FINISHED = frozenset({State.DONE, State.STALE})


class Settings(NamedTuple):
    """The settings that say what is finished."""

    words: Words = Words()
    rules: Rules = Rules()
    features: str = Config().project.features


class Rebuilt(NamedTuple):
    """The features that were `finished` and those of them to be built `again`; `why` is what changed."""

    again: int
    finished: int
    why: str

    def __str__(self) -> str:
        return f"{self.again} of {self.finished} finished features would be built again because of {self.why}"


def look(project: Project, seen: Seen | None = None) -> Rebuilt | None:
    """What a build would do over; None unless that is more than half of what was finished. Nothing is written."""
    place = project.place
    last = statefile.kept(project.store / FILE, dict)
    if place is None or place.head is None or _same(last, project):
        return None
    facts = gather.load(project, seen)
    now = states(facts)
    to_build = {id for id, standing in now.items() if standing.state in _TO_BUILD}
    if len(to_build) <= sum(1 for standing in now.values() if standing.state in _FINISHED):
        return None
    for before in dict.fromkeys(_earlier(project, last)):
        then = _under(project, before)
        again = {id for id in to_build if id in then and then[id].state in _FINISHED}
        passing = _passing(then)
        if 2 * len(again) > len(passing):
            return Rebuilt(len(again), len(passing), _changed(before, _settings(project)))
    return _of_version(project, facts, now, last)


def remember(project: Project, now: Mapping[str, Standing]) -> None:
    """Keep what a build of this version saw under these settings, for the next one to compare with."""
    if project.place:
        finished = [id for id, standing in now.items() if standing.state in _FINISHED]
        statefile.keep(project.store / FILE, {**_about(project), "head": project.place.head, "finished": finished})


def _settings(project: Project) -> Settings:
    return Settings(project.words, project.rules, project.config.project.features)


def _about(project: Project) -> dict[str, Any]:
    words, rules, features = _settings(project)
    return {"version": __version__, "words": list(words), "rules": [list(one) for one in rules], "features": features}


def _same(last: Mapping[str, Any], project: Project) -> bool:
    return all(last.get(key) == value for key, value in _about(project).items())


def _passing(now: Mapping[str, Standing]) -> set[str]:
    """What was finished once, edited since or not."""
    return {id for id, standing in now.items() if standing.passes}


def _earlier(project: Project, last: Mapping[str, Any]) -> Iterator[Settings]:
    """Other settings for this list: those of the last build here, then those that commits have, the newest first."""
    own, place = _settings(project), project.repository
    found = [_kept(last)] if last else []
    name = place.relative(project.settings_path)
    shas = place.git.text("log", f"--max-count={_VERSIONS}", "--format=%H", "--", name).split()
    names = [f"HEAD:{name}", *(f"{sha}{parent}:{name}" for sha in shas for parent in ("", "^"))]
    found += [_parsed(entry[2] if entry else b"") for entry in place.git.objects(names)]
    for one in found:
        if one is not None and one != own and one.features == own.features:
            yield one


def _kept(last: Mapping[str, Any]) -> Settings | None:
    try:
        return Settings(Words(*last["words"]), Rules(*map(tuple, last["rules"])), last["features"])
    except (KeyError, TypeError):
        return None


def _parsed(content: bytes) -> Settings | None:
    """Of settings as they once were, what matters here; None where they can't be read."""
    try:
        data = parse_toml(content.decode("utf-8-sig", "replace"), FILE_NAME)
    except OrchestratorError:
        return None
    usual = Settings()
    words = Words(*(_text(data, "history", key, text) for key, text in usual.words._asdict().items()))
    rules = Rules(*(_list(data, "features", key) for key in Rules._fields))
    return Settings(words, rules, _text(data, "project", "features", usual.features))


def _text(data: Mapping[str, Any], section: str, key: str, usual: str) -> str:
    found = data.get(section)
    value = found.get(key) if isinstance(found, dict) else None
    return value if isinstance(value, str) and value else usual


def _list(data: Mapping[str, Any], section: str, key: str) -> tuple[str, ...]:
    found = data.get(section)
    value = found.get(key) if isinstance(found, dict) else None
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def _under(project: Project, before: Settings) -> dict[str, Standing]:
    """How things would stand if only the settings were as before."""
    history = project.config.history._replace(completed=before.words.completed, reopened=before.words.reopened)
    then = project._replace(config=project.config._replace(history=history, features=before.rules))
    try:
        listed = model.parse(project.read_features(), before.features, before.rules, lenient=True)
    except OrchestratorError:
        return {}
    ledger = index.once(project.repository, before.words, project.features_path, before.rules)
    return states(gather.of(then, listed, ledger, Seen()))


def _changed(before: Settings, now: Settings) -> str:
    rows = (("history", before.words, now.words), ("features", before.rules, now.rules))
    names = [
        f"[{section}] {key}"
        for section, old, new in rows
        for key in old._fields
        if getattr(old, key) != getattr(new, key)
    ]
    return f"other settings ({', '.join(names)}), not because of what they ask for"


def _of_version(project: Project, facts: Facts, now: Mapping[str, Standing], last: Mapping[str, Any]) -> Rebuilt | None:
    """What another version had finished, by the last build here or by commits."""
    again = _unedited(project, facts, now) | _finished_by_another(project, facts, now, last)
    finished = _passing(now) | again
    if 2 * len(again) <= len(finished):
        return None
    return Rebuilt(len(again), len(finished), "another version of orchestrator, not because of what they ask for")


def _unedited(project: Project, facts: Facts, now: Mapping[str, Standing]) -> set[str]:
    """The changed features that ask for just what they asked for when they were completed, and right before that: a
    commit that completes and edits at once (a squash) is an edit.
    """
    changed = {id: standing.commit for id, standing in now.items() if standing.state is State.CHANGED}
    then = gather.digests_as_of(project, changed)
    same = {id: f"{changed[id]}^" for id, digest in then.items() if digest and digest == facts.now[id]}
    before = gather.digests_as_of(project, same)
    return {id for id, digest in before.items() if digest == facts.now[id]}


def _finished_by_another(
    project: Project, facts: Facts, now: Mapping[str, Standing], last: Mapping[str, Any]
) -> set[str]:
    """What the last build here, of another version, saw finished, and nobody has edited or taken back since."""
    place, head = project.repository, last.get("head")
    if last.get("version") in (None, __version__) or not isinstance(head, str):
        return set()
    if place.git.try_run("merge-base", "--is-ancestor", head, "HEAD").returncode:
        return set()  # another branch, or a commit that is gone
    was = set(last.get("finished", ())) - facts.ledger.cancelled.keys()
    ids = {id: head for id, standing in now.items() if id in was and standing.state in _TO_BUILD}
    then = gather.digests_as_of(project, ids)
    return {id for id, digest in then.items() if digest == gather.digest_now(project, facts.features.by_id[id])}

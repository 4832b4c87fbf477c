"""The commit-msg hook: ids that exist, the definition's digest as a trailer, and a staged list that is valid."""

from __future__ import annotations

import codecs
import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from orchestrator import files
from orchestrator.errors import OrchestratorError
from orchestrator.features import model
from orchestrator.features.digest import definition_digest
from orchestrator.features.model import Feature, FeatureList
from orchestrator.git import under_way
from orchestrator.git.place import Place
from orchestrator.history import events, nearly
from orchestrator.history.events import DIGEST_TRAILER, Message, quote
from orchestrator.hooks import served
from orchestrator.hooks.served import Served

if TYPE_CHECKING:
    from orchestrator.staleness.inputs import Content


class Refused(OrchestratorError):
    """A verdict of commit-msg: the commit is not made."""

    exit_code = 1


class _List(NamedTuple):
    """A project's list as this commit will hold it: `staged` is None where none is, `features` None where it is
    broken but not by this commit. `committed` is HEAD's.
    """

    project: Served
    staged: bytes | None
    features: FeatureList | None
    committed: bytes | None = None


def check(projects: Sequence[Served], place: Place, path: Path) -> None:
    """Judge the message in `path` and add its trailers; raises Refused. An id has to be known to one project."""
    data = path.read_bytes()
    index = _environment()
    found = [one for project in projects if (one := _list(project, place, index)) is not None]
    if all(_settled(one) for one in found):
        served.skip_until_changed(place)
    if under_way.replays(place.git_dir):
        _ask_post_commit(found, place)
        return
    lists = [(one.project, one.features) for one in found if one.features is not None]
    squashed = (place.git_dir / "SQUASH_MSG").exists()
    encoding = "ascii" if data.isascii() else _encoding(place)
    text = _without_comments(data.decode(encoding, "surrogateescape"))
    trailers: list[_Trailer] = []
    if not any(events.parse(text, project.words) for project in projects):
        _ask_post_commit(found, place)
    messages = [events.parse(text, project.words) for project, _ in lists]
    features_known = [_known(one, features, said) for (one, features), said in zip(lists, messages, strict=True)]
    for (project, _), said, known in zip(lists, messages, features_known, strict=True):
        for miss in nearly.misses(nearly.suspicious(text, project.words), project.words, known):
            sys.stderr.write(f"orchestrator: warning: {miss}\n")
        if len(lists) == len(found) and not squashed:
            _check_ids(said, [project.features for project, _ in lists], [id for ids in features_known for id in ids])
        for id in said.completed:
            if id not in known or (squashed and id in said.digests):
                continue
            digest = _digest(project, place, index, known[id])
            if digest != said.digests.get(id):
                trailers.append(_Trailer(id, digest))
    new = _with_trailers(place, data, trailers, encoding) if trailers else data
    new = _reopened(found, place, text, new, encoding)
    if new != data:
        files.write_atomic(path, new)


def _reopened(lists: Sequence[_List], place: Place, text: str, data: bytes, encoding: str) -> bytes:
    """The message with a line for each completed feature that this commit turns off."""
    for one in lists:
        if one.staged is None or one.features is None or one.staged == one.committed:
            continue
        from orchestrator.hooks import turned_off  # only for a commit that changes the list

        said = events.parse(text, one.project.words)
        ids = turned_off.ids(one.project, place, one.features, one.committed, said)
        if ids:
            data = turned_off.say(one.project, ids, data, encoding)
            served.ask_post_commit(place)
    return data


def _ask_post_commit(lists: Sequence[_List], place: Place) -> None:
    """Have post-commit look at a commit whose message says nothing, where its list is another one than HEAD's: it may
    bring flags from elsewhere, or features that the history knows. Nothing can be done about one that is broken.
    """
    for one in lists:
        if one.staged is not None and one.features is not None and (one.committed or b"") != one.staged:
            served.ask_post_commit(place)
            return


class _Trailer(NamedTuple):
    """The digest of a feature's definition."""

    id: str
    digest: str

    def encoded(self, encoding: str) -> tuple[bytes, bytes]:
        """What it begins with, and its end; an id that the encoding can't say is escaped."""
        try:
            id = quote(self.id).encode(encoding)
        except UnicodeEncodeError:
            id = json.dumps(self.id).encode()
        return f"{DIGEST_TRAILER}: ".encode() + id + b" ", self.digest.encode()


def _encoding(place: Place) -> str:
    """What messages are written in, as git believes; UTF-8 where Python knows nothing of it."""
    said = place.git.try_run("config", "i18n.commitEncoding").stdout.decode().strip()
    try:
        return codecs.lookup(said).name
    except LookupError:
        return "utf-8"


def _environment() -> dict[str, str]:
    """The index of the commit in the making, as git names it to this hook: of `git commit FILE` it is another one."""
    given = os.environ.get("GIT_INDEX_FILE", "")
    return {"GIT_INDEX_FILE": str(Path(given).resolve())} if given else {}


def _list(project: Served, place: Place, index: dict[str, str]) -> _List | None:
    """The list to judge by: the staged one, or what is in the work tree where none is tracked; None without either."""
    name = place.relative(project.features_path)
    entries = place.git.objects([f":{name}", f"HEAD:{name}"], env=index)
    staged, committed = (entry[2] if entry and entry[1] == "blob" else None for entry in entries)
    if staged == b"" and not _in_commit(place, name, index):
        staged = None
    if staged is None and not project.features_path.is_file():
        return None
    try:
        content = project.features_path.read_bytes() if staged is None else staged
        return _List(project, staged, _parsed(project, content), committed)
    except OrchestratorError as error:
        if staged is not None and staged != committed and not _as_merged(place, name, staged):
            _refuse_or_warn(project, committed, error)
        return _List(project, staged, None, committed)


def _refuse_or_warn(project: Served, committed: bytes | None, error: OrchestratorError) -> None:
    """Of a list that this commit breaks: raise Refused; of one that was broken before, or is new, say what is wrong:
    whoever has such a list could commit nothing else.
    """
    fix = error.fix or "Mend it, or commit without it"
    if committed is not None and _is_sound(project, committed):
        raise Refused(error.what, where=error.where, fix=fix) from error
    said = OrchestratorError(error.what, where=error.where, fix=fix)
    sys.stderr.write(f"orchestrator: warning: {said}\n")


def _is_sound(project: Served, content: bytes) -> bool:
    try:
        model.parse(content, project.features, project.rules, lenient=True)
    except OrchestratorError:
        return False
    return True


def _parsed(project: Served, content: bytes) -> FeatureList:
    """The features of a list; words of a status that nobody knows are told, and stop a build, not a commit."""
    found = model.parse(content, project.features, project.rules, lenient=True)
    if any(feature.unknown for feature in found.features):
        from orchestrator.features import checks

        for problem in checks.unknown_words(content, project.features, project.rules):
            sys.stderr.write(f"orchestrator: warning: {problem.message} ({problem.where}). {problem.fix}\n")
    return found


def _in_commit(place: Place, name: str, index: dict[str, str]) -> bool:
    """Whether a commit of this index has the file: of one that is only to be added (`git add -N`), it is empty."""
    tree = place.git.text("write-tree", env=index)
    return not place.git.try_run("cat-file", "-e", f"{tree}:{name}").returncode


def _as_merged(place: Place, name: str, staged: bytes) -> bool:
    """Whether the other side of a merge has the same list: then it is not this commit that breaks it."""
    if not (place.git_dir / "MERGE_HEAD").exists():
        return False
    done = place.git.try_run("cat-file", "blob", f"MERGE_HEAD:{name}")
    return not done.returncode and done.stdout == staged


def _settled(one: _List) -> bool:
    """Whether scripts may skip this list until the file changes: index and work tree hold the same bytes, or it is
    untracked and valid.
    """
    if one.staged is None:
        return one.features is not None
    if not one.project.features_path.is_file():
        return False
    present = one.project.features_path.read_bytes()
    return present.replace(b"\r\n", b"\n") == one.staged.replace(b"\r\n", b"\n")


def _known(project: Served, features: FeatureList, said: Message) -> Mapping[str, Feature]:
    """The features by id: of the list that the commit will hold; for an id that it has not, of the work tree's as
    well, for a feature may be built before its definition is committed.
    """
    if all(id in features.by_id for id in (*said.completed, *said.reopened)):
        return features.by_id
    try:
        present = model.parse(project.features_path.read_bytes(), project.features, project.rules, lenient=True)
    except (OSError, OrchestratorError):
        return features.by_id
    return {**present.by_id, **features.by_id}


def _check_ids(said: Message, lists: Sequence[str], known: Sequence[str]) -> None:
    """Raise Refused for an id that no list has; a squash message, which tells of what was, is not asked."""
    for id in (*said.completed, *said.reopened):
        if id not in known:
            import difflib

            close = difflib.get_close_matches(id, known, 1, 0.0)
            fix = f"Did you mean {close[0]!r}?" if close else "The feature list is empty"
            raise Refused(f"the message names {id!r}, which is no feature", where=", ".join(lists), fix=fix)


def _with_trailers(place: Place, data: bytes, trailers: Sequence[_Trailer], encoding: str) -> bytes:
    """The message with the trailers at its end, or in the place of an amended message's own: a `---` line is text,
    and the user's trailer settings are not ours.
    """
    new: list[str] = []
    for trailer in trailers:
        start, digest = trailer.encoded(encoding)
        data, replaced = re.subn(rb"(?m)^([ \t]*" + re.escape(start) + rb")\S+", rb"\g<1>" + digest, data)
        if not replaced:
            new.append(f"--trailer={os.fsdecode(start + digest)}")
    if not new:
        return data
    options = ["--no-divider", "--where=end", "--if-exists=addIfDifferent", "--if-missing=add"]
    # Clients that are not git end the message without a line break; the trailer would then join its last line.
    whole = data if data.endswith(b"\n") else data + b"\n"
    return place.git.run("interpret-trailers", *options, *new, stdin=whole)


def _digest(project: Served, place: Place, index: dict[str, str], feature: Feature) -> str:
    return definition_digest(feature, _inputs(project, place, index, feature) if feature.inputs else ())


def _inputs(project: Served, place: Place, index: dict[str, str], feature: Feature) -> list[Content]:
    """The inputs as this commit will hold them: what is staged where that is not what the work tree holds."""
    from orchestrator.staleness.inputs import Tree, in_commit, in_worktree  # only where a feature has some

    changed = place.git.run("diff-files", "-z", "--name-only", env=index)
    names = {os.fsdecode(name) for name in changed.split(b"\0") if name}
    found = dict(in_worktree(Tree(project.root, place), project.root, feature.inputs))
    folder = place.relative(project.root)
    prefix = "" if folder == "." else f"{folder}/"
    if not any(name.startswith(prefix) for name in names):
        return sorted(found.items())
    tree = place.git.text("write-tree", env=index)
    staged = dict(in_commit(place.git, tree, prefix, feature.inputs))
    for name in {*found, *staged}:
        if prefix + name in names:
            found.pop(name, None)
            if name in staged:
                found[name] = staged[name]
    return sorted(found.items())


def _without_comments(text: str) -> str:
    """The message as git will store it: nothing after the scissors, no comment lines."""
    return re.sub(r"(?m)^#.*\n?", "", re.split(r"(?m)^\S+ -{8,} >8 -{8,}$", text)[0])

"""An agent that does what was recorded, and one that records what another agent does."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from orchestrator import files, project
from orchestrator.agents.protocol import Agent, Observer, Outcome, SessionRequest, SessionResult
from orchestrator.agents.replay import recordings
from orchestrator.agents.replay.recordings import Recording
from orchestrator.errors import GitError, OrchestratorError
from orchestrator.features import document, model
from orchestrator.features.names import slug
from orchestrator.git import place as places
from orchestrator.git.place import Place
from orchestrator.git.plumbing import Git
from orchestrator.processes import running

NEUTRAL = ("-c", "user.name=Replay", "-c", "user.email=replay@localhost")


class ReplayAgent:
    """Applies the recordings in `directory`, the n-th session for a feature being its n-th recording.

    How many have been replayed is kept in the repository's git dir, so that a later run goes on and a clone
    begins anew. With none left the last is replayed again.
    """

    tells_cost = True

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def check(self) -> None:
        """Raises OrchestratorError when there is no folder of recordings."""
        if not self.directory.is_dir():
            raise OrchestratorError(
                "there are no recordings to replay",
                where=str(self.directory),
                fix="`orchestrator build --record DIR` makes them; [agent] recordings names the folder",
            )

    def run(self, request: SessionRequest, observer: Observer) -> SessionResult:
        started = time.monotonic()
        where = places.find(request.cwd)
        count = _Count(where, request.feature_id)
        folder = recordings.to_replay(self.directory, request.feature_id, count.done())
        if folder is None:
            raise _nothing_recorded(self.directory, request.feature_id)
        recording = recordings.load(folder)
        try:
            if stopped := _wait(recording.sleep, request.timeout):
                return SessionResult(stopped, error=f"{stopped.value} in a replay", elapsed=_since(started))
            _apply(recording, folder, request, observer)
        except KeyboardInterrupt:
            return SessionResult(Outcome.INTERRUPTED, error="interrupted", elapsed=_since(started))
        except GitError as error:
            count.add()
            return SessionResult(Outcome.FAILED, error=str(error), elapsed=_since(started), model="replay")
        count.add()
        observer.text(recording.output)
        return _result(recording, _since(started))


def _nothing_recorded(directory: Path, id: str) -> OrchestratorError:
    return OrchestratorError(
        f"there is no recording of a session for {id}",
        where=str(recordings.folder_of(directory, id, 1)),
        fix="Record one (`orchestrator build --record DIR`), write one by hand, or set another [agent] kind",
    )


class RecordingAgent:
    """Runs another agent and records its sessions in `directory`, so that a replay in a copy of the project as
    it was gives the same files and the same commits."""

    def __init__(self, inner: Agent, directory: Path) -> None:
        self.inner = inner
        self.directory = directory

    @property
    def tells_cost(self) -> bool:
        return self.inner.tells_cost

    def check(self) -> None:
        self.inner.check()

    def run(self, request: SessionRequest, observer: Observer) -> SessionResult:
        from orchestrator.agents.replay.recorder import Before, record

        before = Before.take(request.cwd)
        result = self.inner.run(request, observer)
        record(self._next(request.feature_id), before, result, self.directory)
        return result

    def _next(self, id: str) -> Path:
        attempt = 1
        while (folder := recordings.folder_of(self.directory, id, attempt)).exists():
            attempt += 1
        return folder


class _Count:
    """How many sessions of a feature have been replayed in this repository."""

    def __init__(self, where: Place, id: str) -> None:
        self.path = where.store / "replayed" / slug(id)

    def done(self) -> int:
        try:
            text = self.path.read_text(encoding="ascii").strip()
        except (FileNotFoundError, UnicodeDecodeError):
            return 0
        return int(text) if text.isdigit() else 0

    def add(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        files.write_atomic(self.path, f"{self.done() + 1}\n".encode())


def _wait(seconds: float, timeout: float) -> Outcome | None:
    """Take the time that the session took; how it was cut short, if it was."""
    late = bool(timeout) and seconds >= timeout
    if running.pause(timeout if late else seconds):
        return Outcome.INTERRUPTED
    return Outcome.TIMEOUT if late else None


def _apply(recording: Recording, folder: Path, request: SessionRequest, observer: Observer) -> None:
    for commit in recording.commits:
        paths = _change(request.cwd, folder / (commit.files or "-"), commit.delete, observer)
        _commit(request, paths, commit.message, observer)
    paths = _change(request.cwd, folder / recordings.FILES, recording.delete, observer)
    if recording.features:
        paths.append(_add_features(request.cwd, recording.features))
    if recording.commit is not None:
        _commit(request, paths, recording.commit, observer)


def _change(root: Path, source: Path, delete: Iterable[str], observer: Observer) -> list[str]:
    """Copy the files of `source` over the project and delete others; the paths, relative to `root`."""
    paths = []
    for path in delete:
        observer.tool("Delete", path)
        _inside(root, path).unlink(missing_ok=True)
        paths.append(path)
    for folder, folders, names in os.walk(source):
        links = [name for name in folders if Path(folder, name).is_symlink()]
        for name in sorted([*names, *links]):
            file = Path(folder, name)
            path = file.relative_to(source).as_posix()
            observer.tool("Write", path)
            _copy(file, _inside(root, path))
            paths.append(path)
    return paths


def _copy(source: Path, target: Path) -> None:
    """Content, executable bit and links as they are; what stands in the way goes."""
    for parent in reversed(target.parents):
        if parent.is_file() or (parent.is_symlink() and not parent.exists()):
            parent.unlink()
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_dir() and not target.is_symlink():
        shutil.rmtree(target)
    target.unlink(missing_ok=True)
    shutil.copy(source, target, follow_symlinks=False)


def _inside(root: Path, path: str) -> Path:
    target = Path(os.path.normpath(root / path))
    if not target.is_relative_to(os.path.normpath(root)):
        raise OrchestratorError(f"the recording reaches out of the project: {path!r}")
    return target


def _add_features(root: Path, features: Iterable[Mapping[str, object]]) -> str:
    """Append to the project's list the features that it does not have. Returns the list's path."""
    found = project.load(root)
    path = found.features_path
    with files.lock(found.list_lock):
        data = path.read_bytes()
        known = model.parse(data, lenient=True).by_id
        new = [feature for feature in features if str(feature.get("id")) not in known]
        if new:
            files.write_atomic(path, document.append(data, new))
    return path.relative_to(root).as_posix()


def _commit(request: SessionRequest, paths: Iterable[str], message: str, observer: Observer) -> None:
    """Commit these paths as an agent would: by git itself, with its hooks."""
    git = Git(request.cwd)
    observer.tool("Bash", f"git commit -m {message.splitlines()[0] if message else ''!r}")
    listed = b"".join(os.fsencode(path) + b"\0" for path in paths)
    if listed:
        git.run(
            "add",
            "--all",
            "--pathspec-from-file=-",
            "--pathspec-file-nul",
            stdin=listed,
            env={"GIT_LITERAL_PATHSPECS": "1"},
        )
    named = git.try_run("var", "GIT_COMMITTER_IDENT").returncode == 0
    identity = () if named else NEUTRAL
    text = message.encode("utf-8", "surrogateescape") + b"\n"
    commit = ("commit", "--quiet", "--allow-empty", "--cleanup=whitespace", "-F", "-")
    git.run(*identity, *commit, stdin=text, env=request.env)


def _result(recording: Recording, elapsed: float) -> SessionResult:
    outcome = recording.ended
    reset_at = None if recording.reset_in is None else time.time() + recording.reset_in
    return SessionResult(
        outcome,
        output=recording.output,
        error=recording.error or ("" if outcome is Outcome.OK else outcome.value),
        elapsed=elapsed,
        returncode=recording.exit,
        usage=recording.usage,
        cost_usd=recording.cost_usd,
        reset_at=reset_at,
        structured=recording.structured,
        denials=recording.denials,
        model="replay",
    )


def _since(started: float) -> float:
    return time.monotonic() - started

"""The `bd` command (beads), as far as planning needs it, whatever its version.

Versions differ (0.40 to 1.0 were compared): a list is cut at 50 unless told otherwise, an answer may come in an
envelope, an error on either stream, with or without JSON, and `sync` is gone since 0.58.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestrator.errors import OrchestratorError
from orchestrator.git.plumbing import environment

PROGRAM = "bd"
SECONDS = 30
"""How long one call may take."""


class BeadsError(OrchestratorError):
    """bd can't be run, refused, took too long, or answered something that is no answer."""


@dataclass(frozen=True)
class _Said:
    returncode: int
    stdout: str
    stderr: str


@dataclass(frozen=True)
class Bd:
    """bd in the project at `root`. Every call raises BeadsError with bd's own words when it fails."""

    root: Path
    program: str = PROGRAM
    seconds: float = SECONDS

    def create(self, title: str, type: str, priority: int = 2) -> str:
        """Make an issue of `type` epic or task; its id."""
        answer = self._ask("create", f"--title={title}", f"--type={type}", f"--priority={priority}", "--json")
        found = answer.get("id") if isinstance(answer, dict) else None
        if not isinstance(found, str) or not found:
            raise BeadsError("bd create did not tell the new issue's id")
        return found

    def depend(self, child: str, parent: str, type: str = "") -> None:
        """Let `child` wait for `parent` (or belong to it: `type` parent-child); saying so again is no error."""
        try:
            self._ask("dep", "add", child, parent, *([f"--type={type}"] if type else []), "--json")
        except BeadsError as error:
            if not any(sign in error.what.lower() for sign in ("already", "unique constraint", "duplicate")):
                raise

    def issues(self, status: str = "") -> list[dict[str, Any]]:
        """All issues, closed ones too, or those of one status."""
        limit = ("list", "--json", "--limit=0")
        if status:
            return _objects(self._ask(*limit, f"--status={status}"))
        try:
            return _objects(self._ask(*limit, "--all"))
        except BeadsError as error:
            if "unknown flag" not in error.what:
                raise
        return _objects(self._ask("list", "--json"))  # before 0.42 a list was always whole

    def ready(self, limit: int = 10) -> list[dict[str, Any]]:
        """The issues that nothing blocks."""
        return _objects(self._ask("ready", f"--limit={limit}", "--json"))

    def show(self, id: str) -> dict[str, Any]:
        return _one(self._ask("show", id, "--json"), id)

    def update(self, id: str, status: str) -> None:
        _one(self._ask("update", id, f"--status={status}", "--json"), id)

    def close(self, id: str, reason: str) -> None:
        """Close the issue, also before those that it waits for: the feature is verified, whatever its order."""
        call = ("close", id, f"--reason={reason}", "--json")
        try:
            _one(self._ask(*call), id)
        except BeadsError as error:
            if "--force" not in error.what:
                raise
            _one(self._ask(*call, "--force"), id)

    def export(self) -> str:
        """All issues, an object a line, as versions that keep them in a file have it there."""
        said = self._run("export")
        if said.returncode:
            raise BeadsError(f"bd export failed: {_error(said)}")
        return said.stdout

    def sync(self) -> bool:
        """Let a version that has `bd sync` write its issues out; False where there is no such command.

        Only that: its full form commits, pulls and pushes, which is not ours to do.
        """
        if self._run("sync", "--help").returncode:
            return False
        said = self._run("sync", "--flush-only")
        if said.returncode:
            raise BeadsError(f"bd sync failed: {_error(said)}")
        return True

    def _ask(self, *args: str) -> object:
        said = self._run(*args)
        answer = _answer(said.stdout)
        refused = isinstance(answer, dict) and "error" in answer and "id" not in answer
        if said.returncode or refused or answer is None:
            raise BeadsError(f"bd {args[0]} failed: {_error(said)}")
        return answer

    def _run(self, *args: str) -> _Said:
        """One call. The streams are files: a background process of bd's that holds a pipe open can't hang us."""
        from orchestrator.processes import calling

        env = environment({"BD_NON_INTERACTIVE": "1"})
        try:
            answer = calling.call((self.program, *args), self.root, env, timeout=self.seconds)
        except calling.CannotStart as error:
            raise BeadsError(f"bd can't be run: {error.reason}", where=self.program) from error
        if answer.returncode is None:
            raise BeadsError(f"bd {args[0]} did not answer within {self.seconds:g} s")
        return _Said(answer.returncode, answer.stdout, answer.stderr)


def missing(root: Path, program: str = PROGRAM) -> str:
    """Why beads can't be used for the project, in a sentence; "" when it can.

    bd looks for a database far up the folders; only one of this project's repository is meant here.
    """
    import shutil

    if shutil.which(program) is None:
        return "bd (beads) is not installed"
    if os.environ.get("BEADS_DIR") or any((folder / ".beads").is_dir() for folder in _within_repository(root)):
        return ""
    return "bd has no database in this repository; `bd init` makes one"


def _within_repository(root: Path) -> Iterable[Path]:
    for folder in (root, *root.parents):
        yield folder
        mark = folder / ".git"
        if mark.is_file():
            # A linked work tree: bd keeps the issues of all of them with the main one.
            store = Path(mark.read_text(encoding="utf-8").partition(":")[2].strip())
            yield from (parent.parent for parent in store.parents if parent.name == ".git")
        if mark.exists():
            return


def _answer(text: str) -> object:
    """The JSON of an answer without the envelope that later versions put around it; None for none."""
    try:
        data = json.loads(text)
    except ValueError:
        return None
    return data["data"] if isinstance(data, dict) and "data" in data and "schema_version" in data else data


def _error(said: _Said) -> str:
    for text in (said.stdout, said.stderr):
        answer = _answer(text)
        if isinstance(answer, dict) and answer.get("error"):
            return str(answer["error"])
    lines = (said.stderr.strip() or said.stdout.strip()).splitlines()
    return lines[0].removeprefix("Error: ") if lines else f"exit code {said.returncode} and no answer"


def _objects(answer: object) -> list[dict[str, Any]]:
    items = answer if isinstance(answer, list) else [answer]
    return [item for item in items if isinstance(item, dict)]


def _one(answer: object, id: str) -> dict[str, Any]:
    found = next((item for item in _objects(answer) if item.get("id") == id), None)
    if found is None:
        raise BeadsError(f"bd says nothing about {id}")
    return found

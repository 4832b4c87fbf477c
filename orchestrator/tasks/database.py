"""doit's database as a journal: written through as each task ends, so that a killed run forgets nothing.

It holds what doit keeps of the user's own tasks. Build and planning tasks keep nothing here: their state is in
git and in the stamps beside the artifacts. Forgetting one (`doit forget build:ID`) is noted for the next build.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from orchestrator import files

FORMAT = {"orchestrator-doit": 1}
_DOITS_OWN = frozenset({"_values_:", "result:", "checker:", "deps:", "ignore:"})  # what is no file dependency
_COMPACT_BEYOND = 4  # lines of journal for each live record


class JournalDB:
    """doit's backend interface. One JSON line a record, appended with one write; the last line of a task wins."""

    running = False  # set while tasks run: a failing task's record is removed then, which is no `forget`

    def __init__(self, name: str, codec: object, *, module_name: str | None = None) -> None:
        self.name = name
        self._path = Path(name)
        self._pending: dict[str, dict[str, Any]] = {}
        self._records: dict[str, dict[str, Any]] = {}
        self._lines = 0
        self._load()

    def _load(self) -> None:
        try:
            data = self._path.read_bytes()
        except OSError:
            return
        for line in data.split(b"\n"):
            try:
                task, record = json.loads(line)
            except (ValueError, TypeError):
                continue  # the header, or a line torn by a kill
            self._lines += 1
            if record is None:
                self._records.pop(task, None)
            else:
                self._records[task] = record

    def get(self, task_id: str, dependency: str) -> Any:
        if _is_ours(task_id) and dependency not in _DOITS_OWN:
            return _as_seen(dependency)
        pending = self._pending.get(task_id, {})
        return pending[dependency] if dependency in pending else self._records.get(task_id, {}).get(dependency)

    def set(self, task_id: str, dependency: str, value: Any) -> None:
        if _is_ours(task_id) and dependency != "ignore:":
            return
        pending = self._pending.setdefault(task_id, {})
        pending[dependency] = list(value) if isinstance(value, tuple) else value
        if dependency in ("deps:", "ignore:"):  # doit writes `deps:` last
            new = {**self._records.get(task_id, {}), **self._pending.pop(task_id)}
            if new != self._records.get(task_id):
                self._records[task_id] = new
                self._append(task_id, new)

    def in_(self, task_id: str) -> bool:
        return task_id in self._records

    def remove(self, task_id: str) -> None:
        self._pending.pop(task_id, None)
        if self._records.pop(task_id, None) is not None:
            self._append(task_id, None)
        if task_id.startswith("build:") and not JournalDB.running:
            from orchestrator.staleness.facts import forget

            forget(self._path.parent, task_id.partition(":")[2])

    def remove_all(self) -> None:
        """`doit forget --all` empties this database; what was built stays built, the history says so."""
        self._pending.clear()
        self._records.clear()
        self._path.unlink(missing_ok=True)
        self._lines = 0

    def records(self) -> dict[str, dict[str, Any]]:
        """All that is kept, by task."""
        return dict(self._records)

    def dump(self) -> None:
        """At the end of a run all is on disk already; a long journal is made short."""
        if self._lines > _COMPACT_BEYOND * len(self._records) + 100:
            lines = [FORMAT, *([task, record] for task, record in self._records.items())]
            with files.lock(self._path.with_name(self._path.name + ".lock"), purpose="doit's database"):
                files.write_atomic(self._path, "".join(json.dumps(line) + "\n" for line in lines).encode())
            self._lines = len(self._records)

    def _append(self, task_id: str, record: dict[str, Any] | None) -> None:
        with files.lock(self._path.with_name(self._path.name + ".lock"), purpose="doit's database"):
            begun = self._path.exists() and self._path.stat().st_size > 0
            lines = [*([] if begun else [FORMAT]), [task_id, record]]
            # A kill may have left half a line: end it, or it would be joined with the next one.
            files.append(self._path, "".join(f"\n{json.dumps(line)}" for line in lines).encode() + b"\n")
        self._lines += 1


def _is_ours(task_id: str) -> bool:
    """A build or planning task: git and the stamps beside the artifacts say whether it is up to date."""
    return task_id in ("build", "plan") or task_id.startswith(("build:", "plan:"))


def _as_seen(path: str) -> list[object] | None:
    """The saved state that makes doit find the file unchanged. Whether a build task is up to date is decided by the
    definition's digest, not by doit's database: a clone has none.
    """
    try:
        stat = Path(path).stat()
    except OSError:
        return None
    return [stat.st_mtime, stat.st_size, ""]

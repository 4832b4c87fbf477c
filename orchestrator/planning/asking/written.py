"""Did the agent write the file it was told to write? If elsewhere, take it from there; else say so."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from orchestrator.files import write_atomic
from orchestrator.planning.asking.parsing import extract_file_path
from orchestrator.planning.paths import Plan
from orchestrator.planning.running.failures import StepFailed

_Mark = tuple[int, int]


@dataclass(frozen=True)
class Watch:
    """The state before a session that is to write `target`: its content, and which notes there were."""

    plan: Plan
    target: Path
    kind: str
    before: bytes | None
    mark: _Mark | None
    others: frozenset[Path]

    def take(self, output: str) -> str:
        """The text that the session wrote. Raises StepFailed when it wrote none, an empty one, or no text."""
        if self._untouched():
            self._fetch(output)
        name = self.plan.relative(self.target)
        try:
            text = self.target.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            raise StepFailed(f"what the agent wrote to {name} is no text", fix=_FIX) from None
        if not text.strip():
            raise StepFailed(f"the agent left {name} empty", fix=_FIX)
        return text

    def restore(self) -> None:
        """Put back what was there before a session that failed half-way."""
        if self.before is not None and not (self.target.is_file() and self.target.read_bytes() == self.before):
            write_atomic(self.target, self.before)

    def targets(self, output: str) -> list[Path]:
        """What the session may have written: the target, else the new file that its answer names instead."""
        elsewhere = self._elsewhere(output) if self._untouched() else None
        return [self.target, *([elsewhere] if elsewhere else [])]

    def _untouched(self) -> bool:
        return _mark(self.target) in (self.mark, None)

    def _fetch(self, output: str) -> None:
        """Move the file that the answer names to its place."""
        found = self._elsewhere(output)
        if found is None:
            named = self._named(output)
            elsewhere = f"; it names {named}, which it did not write either" if named else ""
            raise StepFailed(f"the agent wrote nothing to {self.plan.relative(self.target)}{elsewhere}", fix=_FIX)
        found.replace(self.target)

    def _named(self, output: str) -> str | None:
        return extract_file_path(output, self.kind, f"{_top(self.plan).name}/")

    def _elsewhere(self, output: str) -> Path | None:
        """Only a new file: an older one is not this session's."""
        named = self._named(output)
        found = self.plan.root / named if named else None
        if found is None or not found.is_file() or found.resolve() in self.others:
            return None
        return found if found.resolve().is_relative_to(self.plan.root.resolve()) else None


_FIX = "Its session is logged under .agent/sessions; go on with --resume"


def watch(plan: Plan, target: Path, kind: str) -> Watch:
    """Look around before the session; the folder of `target` is made."""
    target.parent.mkdir(parents=True, exist_ok=True)
    before = target.read_bytes() if target.is_file() else None
    others = frozenset(path.resolve() for path in _top(plan).rglob("*.md"))
    return Watch(plan, target, kind, before, _mark(target), others)


def _top(plan: Plan) -> Path:
    """The first folder of the plan root: `thoughts`."""
    return plan.root / plan.base.relative_to(plan.root).parts[0]


def _mark(path: Path) -> _Mark | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_size

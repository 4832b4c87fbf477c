"""What a planning session changed besides its target is undone, kept under a ref, and told.

A person may work in the same tree meanwhile. An agent that tells its tool calls is held to them: what none of them
can have changed is the person's and stays.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from orchestrator import project as projects
from orchestrator.agents.protocol import Observer
from orchestrator.building import steering
from orchestrator.git import snapshot
from orchestrator.git.place import Place
from orchestrator.planning import keeping
from orchestrator.planning.running.context import PlanContext

_RUNTIME = (".agent/sessions/", ".agent/current-prompt.md", "agent-progress.txt", ".workflow-checkpoints/")
_CHANGES_FILES = re.compile(
    r">|\b(rm|mv|cp|ln|dd|tee|touch|truncate|install|patch|git|make|chmod|python\d?|node|perl|ruby|npm|npx|pip|sh|bash)\b"
    r"|\bsed\b.*\s-\w*i|\bfind\b.*-(delete|exec)"
)
_MOVES_HEAD = re.compile(r"\bgit\b|\.(sh|py|js)\b|\bmake\b|\bnpm\b")


_JSON = re.compile(r"\s*(```json\s*)?[{\[]\s*[\"\]}{]")


@dataclass
class Calls:
    """An observer that remembers the tool calls it passes on. An answer in JSON is no text for a person: only a verbose
    observer beyond is shown it.
    """

    beyond: Observer
    told: list[tuple[str, str]] = field(default_factory=list)

    def text(self, text: str) -> None:
        if getattr(self.beyond, "verbose", True) or not _JSON.match(text):
            self.beyond.text(text)

    def tool(self, name: str, detail: str) -> None:
        self.told.append((name, detail))
        self.beyond.tool(name, detail)

    def note(self, text: str) -> None:
        self.beyond.note(text)

    def may_have_changed(self, path: str) -> bool:
        name = Path(path).name
        return not self.told or any(
            name in detail or (tool == "Bash" and _CHANGES_FILES.search(detail)) for tool, detail in self.told
        )

    def may_have_moved_head(self) -> bool:
        return not self.told or any(tool == "Bash" and _MOVES_HEAD.search(detail) for tool, detail in self.told)


@dataclass(frozen=True)
class Before:
    """The repository before a session: branch, HEAD, the tree of the files, the entries of the index."""

    branch: str
    head: str | None
    tree: str
    index: Mapping[str, tuple[str, str]]


def look(place: Place) -> Before:
    return Before(_branch(place), place.head, snapshot.worktree(place), _index(place))


def undo(context: PlanContext, step: str, before: Before, calls: Calls, targets: Collection[Path]) -> list[str]:
    """Put back what the session was not to change; a sentence for each thing that was, or that was left."""
    project = projects.again(context.project)
    place = project.repository
    changed = _others(place, project.root, snapshot.changed(place, before.tree, snapshot.worktree(place)), targets)
    mine = {path: entry for path, entry in changed.items() if calls.may_have_changed(path)}
    moved = (_branch(place), place.head) != (before.branch, before.head)
    said = [
        f"{path} was changed meanwhile, by no call of the session; it is left" for path in changed if path not in mine
    ]
    ref = keeping.ref_for(place, context.plan.name, f"{step}-undone", context.now())
    if moved and calls.may_have_moved_head():
        said.append(_back(place, before, f"{ref}-commits"))
    elif moved:
        said.append("HEAD was moved meanwhile, by no call of the session; it is left")
    if mine:
        keeping.keep_entries(place, ref, mine, f"orchestrator: what {step} of {context.plan.name} was not to change")
        snapshot.restore(place, before.tree, mine)
        said.append(f"{_listed(mine)}: not the session's to change; undone, and kept: git show {ref}")
    if calls.may_have_moved_head():
        _restage(place, before)
    return said


def steering_undone(context: PlanContext, step: str, put_back: steering.PutBack) -> list[str]:
    """What steers the build was put back already; what was found there is kept."""
    if not put_back.found:
        return []
    place = context.project.repository
    ref = keeping.ref_for(place, context.plan.name, f"{step}-steering", context.now())
    found = {
        name: ("100644", place.git.write("blob", content))
        for name, content in put_back.found.items()
        if content is not None
    }
    keeping.keep_entries(place, ref, found, f"orchestrator: what {step} of {context.plan.name} was not to steer")
    return [*steering.sentences(put_back), f"what stood there is kept: git show {ref}"]


def _others(place: Place, root: Path, changed: snapshot.Entries, targets: Collection[Path]) -> snapshot.Entries:
    prefix = place.relative(root)
    runtime = tuple(name if prefix == "." else f"{prefix}/{name}" for name in _RUNTIME)
    own = {place.relative(path) for path in targets}
    return {path: entry for path, entry in changed.items() if path not in own and not path.startswith(runtime)}


def _back(place: Place, before: Before, ref: str) -> str:
    """HEAD where it was; the commits since are kept."""
    if place.head and place.head != before.head:
        place.git.run("update-ref", ref, place.head)
    if before.branch:
        place.git.run("symbolic-ref", "-m", "orchestrator: back on the branch", "HEAD", before.branch)
    options = [] if before.branch else ["--no-deref"]
    if before.head:
        place.git.run("update-ref", "-m", "orchestrator: before the session", *options, "HEAD", before.head)
    else:
        place.git.run("update-ref", "-d", before.branch)
    return f"the session's commits were taken off the branch, and kept: git log {ref}"


def _restage(place: Place, before: Before) -> None:
    """The index as it was: what is staged is the user's."""
    now = _index(place)
    paths = sorted({*now, *before.index})
    snapshot.stage(place, {path: before.index.get(path) for path in paths if now.get(path) != before.index.get(path)})


def _index(place: Place) -> dict[str, tuple[str, str]]:
    found = {}
    for entry in place.git.run("ls-files", "--stage", "-z").split(b"\0"):
        meta, _, name = entry.partition(b"\t")
        if name and meta.endswith(b" 0"):
            mode, blob, _ = meta.decode("ascii").split(" ")
            found[os.fsdecode(name)] = (mode, blob)
    return found


def _branch(place: Place) -> str:
    done = place.git.try_run("symbolic-ref", "-q", "HEAD")
    return done.stdout.decode("utf-8", "surrogateescape").strip()


def _listed(paths: Collection[str]) -> str:
    names = sorted(paths)
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")

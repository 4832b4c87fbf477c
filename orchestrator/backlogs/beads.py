"""beads: the issues of `bd`, an object a line, in `.beads/issues.jsonl` or from `bd export`.

Up to 0.49 the file is where issues are kept; later versions keep them in a database (`.beads/embeddeddolt`) and leave
the file out or empty, unless they are told to export. A line of a public file is

    {"id", "title", "description", "design", "acceptance_criteria", "notes", "status", "priority", "issue_type",
     "created_at", "updated_at", "closed_at", "close_reason", "labels", "dependencies":
     [{"issue_id", "depends_on_id", "type"}]}

with what is empty left out; since 1.0 also `"_type": "issue"`, with `memory` and others beside it. Status: open,
in_progress, blocked, deferred, closed, pinned, hooked, tombstone, and a project's own. `depends_on_id` comes before
`issue_id`, and for `parent-child` it is the parent; ids of children often are `PARENT.1`. A merge with `merge=union`
leaves an id twice.

Source: bd 1.0.5 itself, what 0.40 to 1.0.5 write by their source, and public repositories.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from orchestrator.backlogs import criteria, issues, objects, sources, statuses
from orchestrator.backlogs.issues import Issue
from orchestrator.backlogs.protocol import Backlog, Entry, LeftOut, Options, State
from orchestrator.errors import Missing, OrchestratorError

KIND = "beads"
NAMES = (".beads/issues.jsonl", ".beads/beads.jsonl")
_FOLDER = ".beads"
_FILES = ("issues.jsonl", "beads.jsonl")
_DATABASES = ("metadata.json", "embeddeddolt", "dolt", "beads.db")

_NOT_WAITED_FOR = frozenset({"epic", "milestone", "tombstone"})
_WAITS = frozenset({"blocks", "waits-for"})
_NO_WAIT = frozenset(
    {
        "parent-child", "related", "relates-to", "discovered-from", "supersedes", "duplicates", "replies-to",
        "authored-by", "assigned-to", "approved-by", "attests", "tracks", "until", "caused-by", "validates",
        "delegated-from",
    }
)  # fmt: skip


def detect(root: Path) -> list[Path]:
    folder = root / _FOLDER
    files = [path for name in _FILES if (path := folder / name).is_file()]
    if files:
        return sorted(files, key=lambda path: not path.stat().st_size)
    return [folder] if any((folder / name).exists() for name in _DATABASES) else []


def fits(source: Path) -> bool:
    if source.is_dir():
        return source.name == _FOLDER
    try:
        first = next(issues.read(sources.text(source, source.name), source.name), None)
    except OrchestratorError:
        return False
    return first is not None and ("issue_type" in first.item or first.item.get("_type") == "issue")


def read(source: Path, options: Options) -> Backlog:
    found = _found(source) if source.is_dir() else [source]
    if found[0].is_dir():
        shown = f"{sources.shown(source, options.root)} (bd export)"
        return _backlog(_exported(found[0].resolve().parent), "bd export", shown, options)
    where = sources.shown(found[0], options.root)
    text = sources.text(found[0], where)
    if not text.strip():
        raise OrchestratorError(
            "no issues in this file: newer versions of bd keep them in their database",
            where=where,
            fix=f"Write them into it with `bd export -o {where}`, then import again",
        )
    return _backlog(text, where, where, options)


def _found(folder: Path) -> list[Path]:
    """What to read of a folder. Raises OrchestratorError where it holds nothing of bd's."""
    found = detect(folder.resolve().parent) if folder.resolve().name == _FOLDER else detect(folder)
    if not found:
        raise OrchestratorError("bd keeps nothing here", where=str(folder), fix="Its files lie in the folder `.beads`")
    return found


def _exported(root: Path) -> str:
    from orchestrator.planning.tracking import bd

    if lacking := bd.missing(root):
        fix = f"Install bd, or have somebody who has it run `bd export -o {_FOLDER}/{_FILES[0]}`"
        raise Missing(f"the issues are in a database that only bd reads, and {lacking}", where=_FOLDER, fix=fix)
    lines = bd.Bd(root).export().split("\n")
    return "\n".join(line if line.startswith("{") else "" for line in lines)  # it may say other things in between


def _backlog(text: str, where: str, source: str, options: Options) -> Backlog:
    lines = list(issues.read(text, where))
    all, again = issues.newest(line for line in lines if line.record == "issue")
    reasons = {id: issue.no_work for id, issue in all.items() if issue.no_work}
    kept = [issue for id, issue in all.items() if id not in reasons]
    return Backlog(
        KIND,
        source,
        tuple(_entry(issue, all, reasons, where, options) for issue in kept),
        (
            *(LeftOut(id, reason) for id, reason in reasons.items()),
            *(LeftOut(line.name, line.record) for line in lines if line.record != "issue"),
        ),
        (*_twice(again, where), *_unmapped(kept, all, reasons)),
    )


def _entry(issue: Issue, all: Mapping[str, Issue], reasons: Mapping[str, str], where: str, options: Options) -> Entry:
    title, design = criteria.plain(issue.item.get("title")), criteria.plain(issue.item.get("design"))
    description = [criteria.plain(issue.item.get("description")), f"Design:\n{design}" if design else ""]
    state = _state(issue, where, options)
    return Entry(
        issue.id,
        title,
        "\n\n".join(part for part in description if part) or title,
        _category(issue, all),
        objects.priority(issue.item.get("priority")),
        tuple(dict.fromkeys(id for kind, id in issue.links() if kind in _WAITS and id not in reasons)),
        criteria.lines(str(issue.item.get("acceptance_criteria") or "")) or None,
        state=state,
        word=str(issue.item.get("status") or ""),
        reason="beads says that it is blocked" if state == "blocked" else "",
    )


def _state(issue: Issue, where: str, options: Options) -> State:
    """Raises OrchestratorError for a word that nobody knows."""
    word = str(issue.item.get("status") or "")
    state = "open" if statuses.plain(word) == "hooked" else statuses.state(word, options.rules)
    if state is None:
        raise OrchestratorError(
            f"nobody knows the status {word!r} of {issue.id}",
            where=f"{where}:{issue.line}",
            fix=f'Say what it means in orchestrator.toml: `[features] done = ["{word}"]`, or `not_done`, or `dropped`',
        )
    return state


def _category(issue: Issue, all: Mapping[str, Issue]) -> str | None:
    """The title of the issue that it is a part of; None where it is of none."""
    parents = [id for kind, id in issue.links() if kind == "parent-child"]
    said = issue.item.get("parent")
    above = issue.id.rpartition(".")[0]
    for id in (*parents, said, above):
        if isinstance(id, str) and id in all:
            return criteria.plain(all[id].item.get("title")) or None
    return None


def _twice(again: list[Issue], where: str) -> Iterator[str]:
    if again:
        more = f" and {len(again) - 1} more" if len(again) > 1 else ""
        yield f"{where}:{again[0].line}{more}: the issue {again[0].id} comes again; the one changed last is taken"


def _unmapped(kept: list[Issue], all: Mapping[str, Issue], reasons: Mapping[str, str]) -> Iterator[str]:
    """What the issues wait for and the list can't say."""
    gone: dict[str, list[str]] = {}
    kinds: Counter[str] = Counter()
    for issue in kept:
        for kind, id in issue.links():
            if kind in _WAITS and _counts(id, all, reasons):
                gone.setdefault(f"{reasons[id]} {id}", []).append(issue.id)
            elif kind not in _WAITS | _NO_WAIT:
                kinds[kind] += 1
    for other, users in gone.items():
        more = f" and {len(users) - 1} more" if len(users) > 1 else ""
        yield f"{users[0]}{more}: waits for the {other}, which is left out; it is not waited for"
    for kind, count in kinds.items():
        yield f"{count} dependencies of the type {kind} have no like here and are left out"


def _counts(id: str, all: Mapping[str, Issue], reasons: Mapping[str, str]) -> bool:
    """Whether not waiting for what is left out may matter: a gate that is shut, no epic and nothing gone or closed."""
    return id in reasons and reasons[id] not in _NOT_WAITED_FOR and all[id].word("status", "open") != "closed"

"""The sessions that were run: all of them as a table, and each as a person reads it."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from orchestrator.errors import OrchestratorError
from orchestrator.features import ids
from orchestrator.harness import sessions
from orchestrator.harness.sessions import SessionRecord
from orchestrator.processes.redact import Redactor
from orchestrator.project import Project
from orchestrator.report.layout import cells, duration, fit, pad, wrapped

_PREFIX = "session-"


class Item(NamedTuple):
    """Something in a session: `kind` is text, tool or note; `name` the tool's."""

    kind: str
    text: str
    name: str = ""


class Whole(NamedTuple):
    """A session with what is still kept of it; `prompt` and `items` are None where that is nothing."""

    record: SessionRecord
    prompt: str | None
    items: Sequence[Item] | None


def read(project: Project) -> list[SessionRecord]:
    """All records, the oldest first, fit to be shown."""
    redact = Redactor(os.environ)
    return [_redacted(record, redact) for record in sessions.read_all(project.root)]


def chosen(project: Project, word: str, records: Sequence[SessionRecord]) -> list[SessionRecord]:
    """The sessions of a feature, or the one of this number (`5`, `session-005`). A feature's id goes before a number.

    Raises OrchestratorError where there is neither.
    """
    of_feature = [record for record in records if record.feature == word]
    if of_feature:
        return of_feature
    number = word.removeprefix(_PREFIX)
    found = [record for record in records if number.isdecimal() and record.session == int(number)]
    if found:
        return found
    known = project.features().by_id if project.features_path.exists() else {}
    if word in known:
        raise OrchestratorError(f"no session of {word} is logged", where=str(sessions.FOLDER))
    if number.isdecimal():
        what = f"there is no session {int(number)}"
        raise OrchestratorError(what, where=str(sessions.FOLDER), fix="`orchestrator log` lists those that there are")
    raise ids.unknown(word, {*known, *(record.feature or "" for record in records)})


def whole(project: Project, record: SessionRecord) -> Whole:
    """The session with its prompt and what it said, as far as they are kept."""
    from orchestrator.agents import transcripts

    redact = Redactor(os.environ)
    prompt = _kept(sessions.raw(project.root, record.session, ".prompt"))
    output = _kept(sessions.raw(project.root, record.session, ".stdout"))
    items = None
    if output is not None:
        items = [Item(one.kind, redact(one.text), redact(one.name)) for one in transcripts.read(output)]
    return Whole(record, None if prompt is None else redact(prompt.decode("utf-8", "replace")), items)


def _kept(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _redacted(record: SessionRecord, redact: Redactor) -> SessionRecord:
    fields = {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}
    return SessionRecord(**{name: _each(value, redact) for name, value in fields.items()})


def _each(value: Any, redact: Redactor) -> Any:
    """A value of JSON with each of its texts redacted."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, list):
        return [_each(item, redact) for item in value]
    return {name: _each(item, redact) for name, item in value.items()} if isinstance(value, Mapping) else value


def document(found: Whole) -> dict[str, Any]:
    """What `log ID --json` tells of a session: its log, with `prompt` and `transcript` (null where not kept)."""
    items = None if found.items is None else [item._asdict() for item in found.items]
    return {**dataclasses.asdict(found.record), "prompt": found.prompt, "transcript": items}


def table(records: Sequence[SessionRecord], width: int | None) -> Iterator[str]:
    """A header, a line a session, and the sum. `width` is that of the terminal."""
    rows = [("session", "when", "feature", "kind", "attempt", "outcome", "time", "cost", ""), *map(_row, records)]
    most = [max(cells(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    for row in rows:
        columns = [pad(text, wide) for text, wide in zip(row, most, strict=False)]
        yield fit("  ".join([*columns, row[-1]]).rstrip(), width)
    yield fit(_sum(records), width)


def _row(record: SessionRecord) -> tuple[str, ...]:
    return (
        str(record.session), _when(record, "%Y-%m-%d %H:%M"), _line(record.feature or "-"), _line(record.kind) or "-",
        str(record.attempt or "-"), outcome(record), duration(record.elapsed_seconds), _cost(record.cost_usd),
        record.commit[:10] if record.success else _line(_reason(record)),
    )  # fmt: skip


def _sum(records: Sequence[SessionRecord]) -> str:
    costs = [record.cost_usd for record in records if record.cost_usd is not None]
    spent = f", {_cost(sum(costs))}" if costs else ""
    if len(costs) not in (0, len(records)):
        spent += f" as far as is known (of {len(costs)})"
    count = f"{len(records)} session{'s' if len(records) != 1 else ''}"
    return f"{count}, {duration(sum(record.elapsed_seconds for record in records))}{spent}"


def outcome(record: SessionRecord) -> str:
    """What a session came to, in a word or two: done, or how it ended; an agent that ended well may have failed."""
    if record.success:
        return "done"
    return "failed" if record.outcome in ("", "ok") else _line(record.outcome).replace("_", " ")


def _when(record: SessionRecord, form: str) -> str:
    try:
        return datetime.fromisoformat(record.timestamp).strftime(form)
    except ValueError:
        return _line(record.timestamp)


def _cost(dollars: float | None) -> str:
    return "-" if dollars is None else f"{dollars:.2f} USD"


def _line(text: str) -> str:
    return " ".join(text.split())


class Styled(NamedTuple):
    """A line with the words of `click.style` for it."""

    text: str
    style: Mapping[str, Any] = {}


def lines(found: Whole, width: int | None) -> Iterator[Styled]:
    """A session for a person: when and how, prompt, texts and tool calls, the check, guard notes, the commit."""
    record = found.record
    yield Styled(f"session {record.session}: {_line(record.feature or 'about no feature')}", {"bold": True})
    for text in _facts(record):
        yield from (Styled(line) for line in wrapped(text, width, "  "))
    yield from _prompt(found)
    yield from _said(found)
    yield from _check(record.verify)
    yield from _listed("what was undone", record.guard, width)
    yield from _listed("notes", record.notes, width)


def _facts(record: SessionRecord) -> Iterator[str]:
    yield f"{_when(record, '%Y-%m-%d %H:%M:%S %z')}, {duration(record.elapsed_seconds)}"
    attempt = f"attempt {record.attempt}" if record.attempt else ""
    parts = [_line(record.kind), attempt, _line(record.model), _cost(record.cost_usd) if record.cost_usd else ""]
    yield ", ".join(part for part in parts if part) or "nothing is known of its kind"
    if record.usage:
        yield ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in record.usage.items() if count)
    yield f"{outcome(record)}, commit {record.commit[:10]}" if record.commit else outcome(record)
    yield from _reason(record).splitlines()


def _reason(record: SessionRecord) -> str:
    """Why the session did not complete its feature, without the end of the check's output, which is shown by itself."""
    shown = str((record.verify or {}).get("output_tail") or "").strip()
    return record.error.strip().removesuffix(shown).strip() if record.error else ""


def _prompt(found: Whole) -> Iterator[Styled]:
    if found.prompt is None:
        return
    yield _title("prompt")
    yield from (Styled(f"  {line}".rstrip()) for line in found.prompt.strip().splitlines())


def _said(found: Whole) -> Iterator[Styled]:
    yield _title("session")
    if found.items is None and found.record.kind == "plan":
        yield Styled(
            f"  what a planning session said is in {sessions.FOLDER.as_posix()}/{found.record.feature}-*.stdout"
        )
    elif found.items is None:
        yield Styled("  what it said is not kept ([log] keep; interactive sessions and replays keep nothing)")
    for item in found.items or ():
        if item.kind == "tool":
            yield Styled(f"  > {item.name} {item.text}".rstrip(), {"dim": True})
        elif item.kind == "note":
            yield Styled(f"  note: {_line(item.text)}", {"fg": "yellow"})
        else:
            yield from (Styled(f"  | {line}".rstrip()) for line in item.text.strip().splitlines())


def _check(verify: Mapping[str, Any] | None) -> Iterator[Styled]:
    if not verify:
        return
    command, code = str(verify.get("command") or ""), verify.get("exit_code")
    how = "ran out of time" if code is None else f"exited with {code}"
    yield _title(f"check: {_line(command)} ({how})" if command else "check: there was none")
    for text in (verify.get("output_tail"), verify.get("note")):
        if isinstance(text, str) and text.strip():
            yield from (Styled(f"    {line}".rstrip()) for line in text.strip().splitlines())


def _listed(title: str, sentences: Sequence[object], width: int | None) -> Iterator[Styled]:
    if sentences:
        yield _title(title)
    for sentence in sentences:
        yield from (Styled(line) for line in wrapped(_line(str(sentence)), width, "  "))


def _title(text: str) -> Styled:
    return Styled(text, {"bold": True})

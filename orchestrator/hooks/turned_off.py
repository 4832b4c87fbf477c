"""A commit that turns off what was completed says so: by the user's own words, else by a line of ours."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

from orchestrator.errors import OrchestratorError
from orchestrator.features import model
from orchestrator.features.model import FeatureList
from orchestrator.git.place import Place
from orchestrator.history.events import Message, quote
from orchestrator.hooks.served import Served


def ids(project: Served, place: Place, staged: FeatureList, committed: bytes | None, said: Message) -> list[str]:
    """The completed features that the staged list turns off, where the message does not say so in words of its own."""
    if said.reverts or not place.head:
        return []
    before = _passing(project, committed)
    named = {*said.completed, *said.reopened}
    open_ones = [f for f in staged.features if not (f.passes or f.blocked or f.dropped or f.id in named)]
    off = [feature.id for feature in open_ones if feature.id in before or feature.passes_from]
    if not off:
        return []
    from orchestrator.history import index  # only where somebody turned something off

    ledger = index.read(place, project.words, path=project.features_path, rules=project.rules)
    return [id for id in off if ledger.completion(id) and not ledger.silent(id)]


def say(project: Served, ids: Sequence[str], data: bytes, encoding: str) -> bytes:
    """The message with the line that reopens them, which is shown."""
    line = f"{project.words.reopened} {', '.join(map(quote, ids))}"
    sys.stderr.write(f'orchestrator: this commit turns off what was completed: its message now says "{line}"\n')
    try:
        encoded = line.encode(encoding)
    except UnicodeEncodeError:
        encoded = f"{project.words.reopened} {', '.join(map(json.dumps, ids))}".encode(encoding, "replace")
    return with_line(data, encoded)


def with_line(data: bytes, line: bytes) -> bytes:
    """The message with a paragraph below its subject: what stands at its end may be trailers."""
    lines = data.split(b"\n")
    said = [at for at, one in enumerate(lines) if one.strip() and not one.startswith(b"#")]
    start = said[0] if said else 0
    end = next((at for at in range(start, len(lines)) if at not in said), len(lines))
    return b"\n".join([*lines[:end], b"", line, *(lines[end:] or [b""])])


def _passing(project: Served, committed: bytes | None) -> set[str]:
    try:
        listed = model.parse(committed or b"[]", project.features, project.rules, lenient=True)
    except OrchestratorError:
        return set()
    return {feature.id for feature in listed.features if feature.passes}

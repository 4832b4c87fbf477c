"""What the kept raw output of a session says, whichever agent wrote it: its texts, tool calls and notes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from orchestrator.agents.claude import events
from orchestrator.agents.claude.events import Shown
from orchestrator.agents.command import outputs

_SAMPLE = 400  # lines that tell the format
_LEFT_OUT = re.compile(rb"\[\.\.\. (\d+) bytes left out \.\.\.\]\s*")  # by processes/log
# format -> what stands between texts that belong together
_JOINED = {"text": "\n", "gemini": ""}
_CLAUDE = "claude"


def read(output: bytes) -> list[Shown]:
    """What is in a session's standard output, in order; what can't be read is passed over."""
    lines = output.split(b"\n")
    format = _format([line for line in lines[:_SAMPLE] if line.strip()])
    take = _reader(format)
    shown: list[Shown] = []
    for line in lines if format != "text" else output.rstrip().split(b"\n"):
        cut = _LEFT_OUT.fullmatch(line)
        shown += [Shown("note", f"{int(cut[1])} bytes were not kept")] if cut else take(line)
    return _together(shown, _JOINED[format]) if format in _JOINED else shown


def _format(sample: Sequence[bytes]) -> str:
    """Which agent wrote it: plain text, or that whose reader finds the most in the sample."""
    objects = sum(events.parse(line) is not None for line in sample)
    if 2 * objects <= len(sample):
        return "text"
    found = {name: sum(len(list(take(line))) for line in sample) for name, take in _readers().items()}
    return max(found, key=lambda name: found[name])


def _readers() -> dict[str, Callable[[bytes], Iterator[Shown]]]:
    return {name: _reader(name) for name in (_CLAUDE, *outputs.JSON_FORMATS)}


def _reader(format: str) -> Callable[[bytes], Iterator[Shown]]:
    return events.Stream().feed if format == _CLAUDE else outputs.reader(format, outputs.Told())


def _together(shown: Sequence[Shown], between: str) -> list[Shown]:
    """Texts that follow each other as one."""
    found: list[Shown] = []
    for one in shown:
        if found and one.kind == found[-1].kind == "text":
            found[-1] = Shown("text", found[-1].text + between + one.text)
        else:
            found.append(one)
    return [one for one in found if one.kind != "text" or one.text.strip()]

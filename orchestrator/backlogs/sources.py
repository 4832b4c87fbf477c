"""Reading the files of other tools: text and JSON, with the place of what can't be read."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from orchestrator.backlogs import objects
from orchestrator.backlogs.objects import Said
from orchestrator.backlogs.protocol import Entry, Id
from orchestrator.errors import OrchestratorError
from orchestrator.features import spans
from orchestrator.features.dialects.values import Wrong

_scan: Callable[[str, int], tuple[Any, int]] = spans.DECODER.scan_once  # type: ignore[attr-defined]
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def shown(path: Path, root: Path) -> str:
    """The path as messages and `inputs` name it: from the project's folder, with `/`."""
    try:
        return path.resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        return Path(os.path.relpath(path)).as_posix()


def text(path: Path, where: str) -> str:
    """The text of the file, without a byte order mark. Raises OrchestratorError where it is not UTF-8."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise OrchestratorError(f"cannot read the file: {error.strerror}", where=where) from error
    if data.startswith(_UTF_16):
        raise OrchestratorError("the file is UTF-16", where=f"{where}:1:1", fix="Save it as UTF-8")
    return spans.decode(data, where).removeprefix(spans.BOM)


class Json(NamedTuple):
    """A JSON file as read; `where` is its name in messages."""

    text: str
    where: str
    value: Any

    def place(self, keys: Sequence[str | int]) -> str:
        """`file:line:column` of the value behind these keys and indices."""
        return spans.place(self.text, _position(self.text, keys), self.where)


def load(path: Path, root: Path) -> Json:
    """The JSON file. Raises OrchestratorError with the place of what is no JSON."""
    where = shown(path, root)
    content = text(path, where)
    try:
        return Json(content, where, spans.DECODER.decode(content))
    except (ValueError, RecursionError) as error:
        raise spans.syntax_error(content, where) from error


def peek(path: Path) -> Any:
    """The JSON value in the file, None where there is none to be read."""
    try:
        return load(path, path.parent).value
    except OrchestratorError:
        return None


def entry(item: Mapping[str, Any], id: Id, category: str, file: Json, keys: Sequence[str | int]) -> Entry:
    """The definition that the object behind the keys gives. Raises OrchestratorError where a value can't be read."""
    try:
        return objects.entry(item, id, category)
    except Wrong as wrong:
        where = file.place((*keys, wrong.key))
        raise OrchestratorError(f'"{wrong.key}" {wrong}', where=where, fix=wrong.fix) from wrong


def stated(entry: Entry, said: Said | None, file: Json, keys: Sequence[str | int]) -> Entry:
    """The entry in the state that its object tells. Raises OrchestratorError for a word that nobody knows."""
    if said is None:
        return entry
    if said.state is None:
        raise OrchestratorError(
            f"nobody knows the {said.key} {said.word!r}",
            where=file.place((*keys, said.key)),
            fix=f'Say what it means in orchestrator.toml: `[features] done = ["{said.word}"]`, '
            "or `not_done`, or `dropped`",
        )
    return entry._replace(state=said.state, word=said.word)


def _position(content: str, keys: Sequence[str | int]) -> int:
    """Where the value behind the keys starts; the nearest one around it where there is none."""
    position = len(content) - len(content.lstrip())
    for key in keys:
        if isinstance(key, int):
            position = _item(content, position, key)
        else:
            found = [member.value for member in spans.members(content, position) if member.key == key]
            position = found[-1] if found else position
    return position


def _item(content: str, position: int, index: int) -> int:
    """Where that item of the array starts."""
    position = _skip(content, position + 1)
    for _ in range(index):
        _, end = _scan(content, position)
        position = _skip(content, _skip(content, end) + 1)
    return position


def _skip(content: str, position: int) -> int:
    return len(content) - len(content[position:].lstrip(" \t\r\n"))

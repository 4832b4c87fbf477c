"""The text of orchestrator.toml: parsed, and where in it a key stands, for errors."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

from orchestrator.config.settings import FILE_NAME
from orchestrator.errors import OrchestratorError


def parse_toml(text: str, where: str) -> dict[str, Any]:
    """The tables of a TOML text; a syntax error is one line with file and line."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        position = f":{found[1]}:{found[2]}" if found else f":{len(text.splitlines())}"
        what = re.sub(r" *\(at .*\)", "", str(error))
        raise OrchestratorError(f"not valid TOML: {what}", where=f"{where}{position}") from error


class Source(NamedTuple):
    text: str

    def line(self, path: list[str]) -> str:
        """`orchestrator.toml:LINE` of the key or table, else of what holds it; else the file alone."""
        while path:
            for number, name in self._names():
                if name[: len(path)] == path:
                    return f"{FILE_NAME}:{number}"
            path = path[:-1]
        return FILE_NAME

    def _names(self) -> Iterator[tuple[int, list[str]]]:
        """Line number and full name of every table header and key that stands on a line of its own."""
        table: list[str] = []
        quoted = ""
        for number, line in enumerate(self.text.splitlines(), 1):
            if quoted:
                quoted = "" if quoted in line else quoted
                continue
            header = re.match(r"\s*\[\[?\s*([^\]]+?)\s*\]", line)
            key = re.match(r"\s*([^=#]+?)\s*=", line)
            if header:
                table = _parts(header[1])
                yield number, table
            elif key:
                yield number, table + _parts(key[1])
            opened = re.search(r"=\s*(\"{3}|'{3})", line)
            quoted = opened[1] if opened and line.count(opened[1]) == 1 else ""


def _parts(name: str) -> list[str]:
    return [part.strip().strip("\"'") for part in name.split(".")]

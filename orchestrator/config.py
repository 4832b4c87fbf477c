"""orchestrator.toml: every setting, its default, and one loader that checks the whole file.

Command line over environment (`ORCHESTRATOR_SECTION_KEY`) over file over default.
"""

from __future__ import annotations

import dataclasses
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from orchestrator.errors import OrchestratorError

FILE_NAME = "orchestrator.toml"


@dataclass(frozen=True)
class ProjectSettings:
    name: str = ""
    stack: str = ""
    description: str = ""
    features: str = field(default="feature_list.json", metadata={"filled": True})


@dataclass(frozen=True)
class ModelSettings:
    high: str = ""
    medium: str = ""
    low: str = ""
    qa: str = ""
    plan: str = ""


@dataclass(frozen=True)
class AgentSettings:
    kind: str = field(default="claude", metadata={"choices": ("claude", "command", "replay")})
    model: str = "sonnet"
    permission_mode: str = "bypassPermissions"
    mode: str = field(default="captured", metadata={"choices": ("captured", "interactive")})
    command: tuple[str, ...] = ()
    preset: str = field(default="", metadata={"choices": ("", "codex", "gemini", "opencode", "aider")})
    env: dict[str, str] = field(default_factory=dict)
    args: tuple[str, ...] = ()
    recordings: str = ".agent/recordings"
    timeout: float = field(default=3600, metadata={"least": 0})
    max_attempts: int = field(default=3, metadata={"least": 1})
    retry_delay: float = field(default=5, metadata={"least": 0})
    models: ModelSettings = field(default_factory=ModelSettings)


@dataclass(frozen=True)
class VerifySettings:
    command: str = "auto"
    timeout: float = field(default=900, metadata={"least": 0})


@dataclass(frozen=True)
class BuildSettings:
    jobs: int = field(default=1, metadata={"least": 1})
    executor: str = field(default="local", metadata={"choices": ("local", "dask")})
    address: str = ""
    max_sessions: int = field(default=100, metadata={"least": 0})
    max_cost_usd: float = field(default=0, metadata={"least": 0})
    max_minutes: float = field(default=0, metadata={"least": 0})
    max_consecutive_failures: int = field(default=3, metadata={"least": 0})
    notify: str = ""
    isolation: str = field(default="auto", metadata={"choices": ("auto", "inplace", "worktree")})
    worktree_link: tuple[str, ...] = (".venv", "node_modules", ".env")
    worktree_setup: str = ""


@dataclass(frozen=True)
class HistorySettings:
    completed: str = field(default="session: completed", metadata={"filled": True})
    reopened: str = field(default="session: reopened", metadata={"filled": True})
    write: str = field(default="commit", metadata={"choices": ("commit", "worktree")})


@dataclass(frozen=True)
class PlanSettings:
    root: str = "thoughts/shared"
    tracker: str = field(default="beads", metadata={"choices": ("beads", "none")})
    auto_approve: bool = False


@dataclass(frozen=True)
class ContextSettings:
    max_tokens: int = field(default=8000, metadata={"least": 1})


@dataclass(frozen=True)
class Config:
    project: ProjectSettings = field(default_factory=ProjectSettings)
    agent: AgentSettings = field(default_factory=AgentSettings)
    verify: VerifySettings = field(default_factory=VerifySettings)
    build: BuildSettings = field(default_factory=BuildSettings)
    history: HistorySettings = field(default_factory=HistorySettings)
    plan: PlanSettings = field(default_factory=PlanSettings)
    context: ContextSettings = field(default_factory=ContextSettings)


def load(root: Path, overrides: dict[str, Any] | None = None) -> Config:
    """The settings of the project at `root`; `overrides` maps `section.key` to a value of the command line.

    An absent file means the defaults. Raises OrchestratorError naming file, line and the nearest known key.
    """
    path = root / FILE_NAME
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        text = ""
    except (OSError, UnicodeDecodeError) as error:
        raise OrchestratorError(f"cannot read the settings: {error}", where=FILE_NAME) from error
    data: dict[str, Any] = parse_toml(text, FILE_NAME) if text.strip() else {}
    config: Config = _section(Config, data, [], _Source(text))
    config = _from_environment(config)
    for name, value in (overrides or {}).items():
        if value is not None:
            config = replace(config, name, value)
    words = config.history.completed, config.history.reopened
    if any(f"{one} ".startswith(f"{other} ") for one, other in (words, reversed(words))):
        raise OrchestratorError(
            f"'history.completed' and 'history.reopened' can't be told apart: {words[0]!r}, {words[1]!r}",
            where=_Source(text).line(["history"]),
        )
    return config


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


def replace(config: Config, name: str, value: Any) -> Config:
    """`config` with the setting `section.key` (or `agent.models.high`) set to `value`, checked like the file's."""
    *sections, key = name.split(".")
    chain: list[Any] = [config]
    for section in sections:
        chain.append(getattr(chain[-1], section))
    known = {f.name: f for f in dataclasses.fields(chain[-1])}
    new: Any = dataclasses.replace(chain[-1], **{key: _check(known[key], getattr(chain[-1], key), value, f"--{key}")})
    for parent, section in zip(reversed(chain[:-1]), reversed(sections), strict=True):
        new = dataclasses.replace(parent, **{section: new})
    return new  # type: ignore[no-any-return]


@dataclass(frozen=True)
class _Source:
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


def _section(kind: type[Any], data: dict[str, Any], path: list[str], source: _Source) -> Any:
    known = {f.name: f for f in dataclasses.fields(kind)}
    default = kind()
    values: dict[str, Any] = {}
    for key, value in data.items():
        where = source.line([*path, key])
        if key not in known:
            raise OrchestratorError(
                f"unknown {'key' if path else 'section'} {'.'.join([*path, key])!r}",
                where=where,
                fix=_nearest(key, list(known)),
            )
        present = getattr(default, key)
        if dataclasses.is_dataclass(present):
            if not isinstance(value, dict):
                raise OrchestratorError(f"{'.'.join([*path, key])!r} is a section, not a value", where=where)
            values[key] = _section(type(present), value, [*path, key], source)
        else:
            values[key] = _check(known[key], present, value, where, ".".join([*path, key]))
    return kind(**values)


def _check(spec: dataclasses.Field[Any], default: Any, value: Any, where: str, name: str = "") -> Any:
    name = name or spec.name
    wanted = {bool: "true or false", int: "a whole number", float: "a number", str: "a string"}
    if isinstance(spec.default, tuple):
        if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) for item in value):
            raise OrchestratorError(f"{name!r} must be a list of strings", where=where)
        return tuple(value)
    if isinstance(default, dict):
        if not isinstance(value, dict):
            raise OrchestratorError(f"{name!r} must be a table of strings, not {value!r}", where=where)
        for item, text in value.items():
            if not isinstance(text, str):
                raise OrchestratorError(f"{f'{name}.{item}'!r} must be a string, not {text!r}", where=where)
        return dict(value)
    kind: type[Any] = {"bool": bool, "int": int, "float": float, "str": str}[str(spec.type)]
    fits = isinstance(value, kind) or (kind is float and isinstance(value, int))
    if not fits or (kind is not bool and isinstance(value, bool)):
        raise OrchestratorError(f"{name!r} must be {wanted[kind]}, not {value!r}", where=where)
    choices = spec.metadata.get("choices")
    if choices and value not in choices:
        fix = f"One of: {', '.join(repr(choice) for choice in choices)}"
        raise OrchestratorError(f"{name!r} can't be {value!r}", where=where, fix=fix)
    least = spec.metadata.get("least")
    if least is not None and not value >= least:
        raise OrchestratorError(f"{name!r} must be at least {least}, not {value}", where=where)
    if least is not None and value == float("inf"):
        raise OrchestratorError(f"{name!r} must be finite", where=where)
    if spec.metadata.get("filled") and (not value or value != " ".join(value.split())):
        raise OrchestratorError(f"{name!r} must be a line of text, not {value!r}", where=where)
    return value


def _nearest(key: str, known: list[str]) -> str:
    import difflib

    default = Config()
    for section in dataclasses.fields(Config):
        if key in {spec.name for spec in dataclasses.fields(getattr(default, section.name))}:
            return f"It belongs into [{section.name}]"
    close = difflib.get_close_matches(key, known, 3, 0.5)
    close.sort(key=lambda name: sorted(name) != sorted(key))  # swapped letters first
    return f"Did you mean {close[0]!r}?" if close else f"Known: {', '.join(known)}"


def _from_environment(config: Config) -> Config:
    prefix = "ORCHESTRATOR_"
    if not any(name.startswith(prefix) for name in os.environ):
        return config
    for section in dataclasses.fields(config):
        for spec in dataclasses.fields(getattr(config, section.name)):
            variable = f"{prefix}{section.name}_{spec.name}".upper()
            text = os.environ.get(variable)
            if text is None or dataclasses.is_dataclass(getattr(getattr(config, section.name), spec.name)):
                continue
            present = getattr(getattr(config, section.name), spec.name)
            config = replace_checked(
                config, f"{section.name}.{spec.name}", _typed(spec, present, text, variable), variable
            )
    for spec in dataclasses.fields(config.agent.models):
        variable = f"{prefix}AGENT_MODELS_{spec.name}".upper()
        if variable in os.environ:
            config = replace_checked(config, f"agent.models.{spec.name}", os.environ[variable], variable)
    return config


def replace_checked(config: Config, name: str, value: Any, where: str) -> Config:
    """Like `replace`, its errors naming `where` as the place to look."""
    try:
        return replace(config, name, value)
    except OrchestratorError as error:
        raise OrchestratorError(error.what, where=where, fix=error.fix) from error


def _typed(spec: dataclasses.Field[Any], present: Any, text: str, variable: str) -> Any:
    if isinstance(spec.default, tuple):
        import shlex

        try:
            return tuple(shlex.split(text))
        except ValueError as error:
            raise OrchestratorError(f"must be words as a shell splits them: {error}", where=variable) from error
    if isinstance(present, dict):
        pairs = [pair for pair in text.split(",") if pair.strip()]
        if not all("=" in pair for pair in pairs):
            raise OrchestratorError(f"must be NAME=VALUE,NAME=VALUE..., not {text!r}", where=variable)
        return dict(pair.split("=", 1) for pair in pairs)
    if isinstance(present, bool):
        word = text.strip().lower()
        if word in ("1", "true", "yes", "on"):
            return True
        if word in ("0", "false", "no", "off", ""):
            return False
        raise OrchestratorError(f"must be true or false, not {text!r}", where=variable)
    if spec.type in ("int", "float"):
        try:
            return int(text) if spec.type == "int" else float(text)
        except ValueError:
            raise OrchestratorError(f"must be a number, not {text!r}", where=variable) from None
    return text

"""One loader that reads and checks all settings of a project.

Command line over environment (`ORCHESTRATOR_SECTION_KEY`) over file over default.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from orchestrator.config.settings import CHOICES, FILE_NAME, FILLED, LEAST, Config
from orchestrator.config.source import Source, parse_toml
from orchestrator.errors import OrchestratorError

_PREFIX = "ORCHESTRATOR_"
# Variables of that beginning which are no settings.
_OTHERS = frozenset(f"{_PREFIX}{name}" for name in ("SKIP", "HOOK", "RUN_ID", "RUN_OWNER", "SLOT", "REQUIRE_REAL"))
_MISSPELT = 0.82  # how alike a name and a setting's are when it is taken for a slip of the fingers


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
    config: Config = _section(Config, data, [], Source(text))
    config = _from_environment(config)
    for name, value in (overrides or {}).items():
        if value is not None:
            config = replace(config, name, value)
    words = config.history.completed, config.history.reopened
    if any(f"{one} ".startswith(f"{other} ") for one, other in (words, reversed(words))):
        raise OrchestratorError(
            f"'history.completed' and 'history.reopened' can't be told apart: {words[0]!r}, {words[1]!r}",
            where=Source(text).line(["history"]),
        )
    return config


def replace(config: Config, name: str, value: Any) -> Config:
    """`config` with the setting `section.key` (or `agent.models.high`) set to `value`, checked like the file's."""
    *sections, key = name.split(".")
    chain: list[Any] = [config]
    for section in sections:
        chain.append(getattr(chain[-1], section))
    checked = _check(name, _default(name), value, f"--{key}", key)
    new: Any = chain[-1]._replace(**{key: checked})
    for parent, section in zip(reversed(chain[:-1]), reversed(sections), strict=True):
        new = parent._replace(**{section: new})
    return new  # type: ignore[no-any-return]


def _section(kind: type[Any], data: dict[str, Any], path: list[str], source: Source) -> Any:
    default = kind()
    values: dict[str, Any] = {}
    for key, value in data.items():
        where, name = source.line([*path, key]), ".".join([*path, key])
        if key not in default._fields:
            what = f"unknown {'key' if path else 'section'} {name!r}"
            raise OrchestratorError(what, where=where, fix=_nearest(key, default._fields))
        present = getattr(default, key)
        if _is_section(present):
            if not isinstance(value, dict):
                raise OrchestratorError(f"{name!r} is a section, not a value", where=where)
            values[key] = _section(type(present), value, [*path, key], source)
        else:
            values[key] = _check(name, present, value, where, name)
    return kind(**values)


def _is_section(value: object) -> bool:
    return hasattr(value, "_fields")


def _default(name: str) -> Any:
    found: Any = Config()
    for part in name.split("."):
        found = getattr(found, part)
    return found


def _check(setting: str, default: Any, value: Any, where: str, name: str) -> Any:
    """The value where it fits the setting (`agent.models.high`); `name` is what an error calls it."""
    wanted = {bool: "true or false", int: "a whole number", float: "a number", str: "a string"}
    if isinstance(default, tuple):
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
    kind = type(default)
    fits = isinstance(value, kind) or (kind is float and isinstance(value, int))
    if not fits or (kind is not bool and isinstance(value, bool)):
        raise OrchestratorError(f"{name!r} must be {wanted[kind]}, not {value!r}", where=where)
    choices = CHOICES.get(setting)
    if choices and value not in choices:
        fix = f"One of: {', '.join(repr(choice) for choice in choices)}"
        raise OrchestratorError(f"{name!r} can't be {value!r}", where=where, fix=fix)
    least = LEAST.get(setting)
    if least is not None and not value >= least:
        raise OrchestratorError(f"{name!r} must be at least {least}, not {value}", where=where)
    if least is not None and value == float("inf"):
        raise OrchestratorError(f"{name!r} must be finite", where=where)
    if setting in FILLED and (not value or value != " ".join(value.split())):
        raise OrchestratorError(f"{name!r} must be a line of text, not {value!r}", where=where)
    return value


def _nearest(key: str, known: Sequence[str]) -> str:
    import difflib

    default = Config()
    for section in default._fields:
        if key in getattr(default, section)._fields:
            return f"It belongs into [{section}]"
    close = difflib.get_close_matches(key, known, 3, 0.5)
    close.sort(key=lambda name: sorted(name) != sorted(key))  # swapped letters first
    return f"Did you mean {close[0]!r}?" if close else f"Known: {', '.join(known)}"


def _names(section: Any, path: str = "") -> Iterator[str]:
    """The full name of every setting."""
    for key in section._fields:
        value = getattr(section, key)
        if _is_section(value):
            yield from _names(value, f"{path}{key}.")
        else:
            yield f"{path}{key}"


def _from_environment(config: Config) -> Config:
    set_names = [name for name in os.environ if name.startswith(_PREFIX) and name not in _OTHERS]
    if not set_names:
        return config
    settings = {_PREFIX + name.replace(".", "_").upper(): name for name in _names(config)}
    for variable in set_names:
        if variable not in settings:
            _refuse_misspelt(variable, list(settings))
    for variable, name in settings.items():
        text = os.environ.get(variable)
        if text is not None:
            config = replace_checked(config, name, _typed(_default(name), text, variable), variable)
    return config


def _refuse_misspelt(variable: str, known: Sequence[str]) -> None:
    """Raise OrchestratorError where the variable is nearly one of ours. `orchestrator` is a common word: a name that
    is like none of ours is another program's.
    """
    import difflib

    given = variable.removeprefix(_PREFIX)
    near = {name.removeprefix(_PREFIX): name for name in known}
    close = difflib.get_close_matches(given, near, 3, _MISSPELT)
    close.sort(key=lambda name: sorted(name) != sorted(given))  # swapped letters first
    if close:
        raise OrchestratorError("no such setting", where=variable, fix=f"Did you mean {near[close[0]]}?")


def replace_checked(config: Config, name: str, value: Any, where: str) -> Config:
    """Like `replace`, its errors naming `where` as the place to look."""
    try:
        return replace(config, name, value)
    except OrchestratorError as error:
        raise OrchestratorError(error.what, where=where, fix=error.fix) from error


def _typed(default: Any, text: str, variable: str) -> Any:
    if isinstance(default, tuple):
        import shlex

        try:
            return tuple(shlex.split(text))
        except ValueError as error:
            raise OrchestratorError(f"must be words as a shell splits them: {error}", where=variable) from error
    if isinstance(default, dict):
        pairs = [pair for pair in text.split(",") if pair.strip()]
        if not all("=" in pair for pair in pairs):
            raise OrchestratorError(f"must be NAME=VALUE,NAME=VALUE..., not {text!r}", where=variable)
        return dict(pair.split("=", 1) for pair in pairs)
    if isinstance(default, bool):
        word = text.strip().lower()
        if word in ("1", "true", "yes", "on"):
            return True
        if word in ("0", "false", "no", "off", ""):
            return False
        raise OrchestratorError(f"must be true or false, not {text!r}", where=variable)
    if isinstance(default, (int, float)):
        try:
            return int(text) if isinstance(default, int) else float(text)
        except ValueError:
            raise OrchestratorError(f"must be a number, not {text!r}", where=variable) from None
    return text

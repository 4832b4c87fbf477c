"""Hooks that lefthook manages: it calls ours from a configuration of its own, for it replaces foreign hook files."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from pathlib import Path

from orchestrator import files
from orchestrator.git.place import Place
from orchestrator.hooks.install import traces
from orchestrator.hooks.install.blocks import has_block, read, with_block, with_lines, without_block, without_lines
from orchestrator.hooks.table import BY_NAME

_LOCAL = ("lefthook-local.yml", ".lefthook-local.yml", "lefthook-local.yaml", ".lefthook-local.yaml")
_EXCLUDED = b"# orchestrator: made for lefthook"


def made(content: bytes | None) -> bool:
    """Whether a hook file is lefthook's."""
    return content is not None and b"call_lefthook" in content


def install(place: Place, scripts: Mapping[str, Path]) -> list[str]:
    """Have lefthook run the script of each of these hooks; what was done, a line each."""
    own, content = _own(place), _settings(place, scripts)
    changed = read(own) != content
    if changed:
        files.write_atomic(own, content)
    local = _local(place.top)
    before = read(local)
    if has_block(before, _extends(place)):
        return [f"lefthook: runs {', '.join(scripts)}"] if changed else []
    if before is not None and re.search(rb"(?m)^extends\s*:", without_block(before) or b""):
        return [f"lefthook: nothing changed. Add {_pattern(place)} to `extends` in {local.name}"]
    files.write_atomic(local, with_block(before, _extends(place), shell=False))
    if before is None and place.git.try_run("check-ignore", "-q", "--", local.name).returncode:
        _exclude(place, [f"/{local.name}".encode()])
    return [f"lefthook: runs {', '.join(scripts)}, as {local.name} says"]


def uninstall(place: Place) -> list[str]:
    """Take out what `install` put in."""
    _own(place).unlink(missing_ok=True)
    _exclude(place, [])
    return [line for top in _work_trees(place) if (line := _take_out(_local(top)))]


def _take_out(local: Path) -> str:
    content = read(local)
    left = without_block(content) if content is not None else None
    if left == content:
        return ""
    if left is None:
        local.unlink()
    else:
        files.write_atomic(local, left)
    return f"lefthook: {local.name} is as it was"


def _work_trees(place: Place) -> list[Path]:
    """All of the repository: lefthook's settings may be in each."""
    lines = place.git.run("worktree", "list", "--porcelain").decode("utf-8", "surrogateescape").splitlines()
    return [Path(line.removeprefix("worktree ")) for line in lines if line.startswith("worktree ")]


def calls(place: Place, name: str, path: Path) -> bool:
    """Whether lefthook is told to run this script for the hook."""
    return _entry(place, name, path) in (read(_own(place)) or b"").decode("utf-8", "surrogateescape") and has_block(
        read(_local(place.top)), _extends(place)
    )


def _own(place: Place) -> Path:
    return place.store / "lefthook.yml"


def _local(top: Path) -> Path:
    """The settings that lefthook keeps for one work tree."""
    return next((path for name in _LOCAL if (path := top / name).exists()), top / _LOCAL[0])


def _extends(place: Place) -> bytes:
    return f"extends:\n  - {_yaml(_pattern(place))}\n".encode("utf-8", "surrogateescape")


def _pattern(place: Place) -> str:
    """Our settings as `extends` names them, a pattern: lefthook takes a relative one, which stands a move of the
    repository, as it is below the top, whose name must then hold no special character.
    """
    special, own = re.compile(r"([*?\[\]{}\\])"), _own(place)
    if own.is_relative_to(place.top) and not special.search(place.top.as_posix()):
        return own.relative_to(place.top).as_posix()
    return special.sub(r"\\\1", own.as_posix())


def _settings(place: Place, scripts: Mapping[str, Path]) -> bytes:
    return "".join(_entry(place, name, path) for name, path in scripts.items()).encode("utf-8", "surrogateescape")


def _entry(place: Place, name: str, path: Path) -> str:
    """One for all work trees: where `.git` is no folder, the script is found by its whole path."""
    near = f".git/{path.relative_to(place.common_dir).as_posix()}"
    found = f"hook={near}; [ -x $hook ] || hook={shlex.quote(path.as_posix())}"
    row = BY_NAME[name]
    run = f'{found}; "$hook"' + (' "{1}"' if row.may_refuse else " {0}")
    # The user's own post-commit commands may push: they have to see the commit that carries the flip.
    more = ("      use_stdin: true\n" if row.reads_input else "") + ("      priority: 1\n" if row.runs_first else "")
    return f"{name}:\n  commands:\n    orchestrator:\n      run: {_yaml(run)}\n{more}"


def _yaml(text: str) -> str:
    """A string of JSON is one of YAML."""
    return json.dumps(text, ensure_ascii=False)


def _exclude(place: Place, lines: list[bytes]) -> None:
    path = place.common_dir / "info" / "exclude"
    old = read(path) or b""
    new = with_lines(old, _EXCLUDED, lines) if lines else without_lines(old, _EXCLUDED)
    if new != old:
        traces.make_file(place, path)
        files.write_atomic(path, new)

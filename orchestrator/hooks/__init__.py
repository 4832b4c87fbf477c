"""Installs the git hooks where git looks for them, beside what is there, and takes them away without a trace."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from orchestrator import files
from orchestrator.git.place import Place
from orchestrator.hook_entry import HOOKS
from orchestrator.hooks import driver, lefthook, places, roster, script
from orchestrator.hooks.blocks import has_block, is_shell, read, with_block, without_block
from orchestrator.hooks.places import Where
from orchestrator.project import Project

_MOVED = ".before-orchestrator"


@dataclass(frozen=True)
class Hook:
    """One hook: "installed", "outdated" (of ours, but not as it would be installed now), "foreign" or "absent".
    `path` is the file that git or another tool runs; `python` the interpreter that ours names ("": none).
    """

    name: str
    state: str
    path: Path
    python: str = ""
    python_present: bool = False


@dataclass(frozen=True)
class _Slot:
    """A hook's place: our script, the hook that it runs first, and what calls it: git, lefthook or a file of the work
    tree (`caller`).
    """

    name: str
    script: Path
    before: Path | None = None
    caller: Path | None = None
    by_lefthook: bool = False


def install(project: Project) -> list[str]:
    """Install or renew all hooks and the merge driver; what was done, a line each."""
    place = project.repository
    where = places.find(place)
    if where.refused:
        return [where.refused]
    roster.add(project, place)
    return _install_for(place, where, roster.projects(place)) or ["git hooks: all installed already"]


def uninstall(project: Project) -> list[str]:
    """Take our hooks away and put back what they had replaced; other projects of the repository keep theirs."""
    place = project.repository
    roster.remove(project, place)
    where = places.find(place)
    rest = roster.projects(place)
    lines = _remove_scripts(place, where) if not rest else []
    lines += driver.uninstall(place)
    if rest:
        names = ", ".join(place.relative(one.root) for one in rest)
        return [*_install_for(place, where, rest), f"git hooks: kept for {names}"]
    return lines or ["git hooks: none was installed"]


def status(project: Project) -> list[Hook]:
    """The state of each hook, and of what runs the hooks of all repositories where ours stand in their place."""
    place = project.repository
    where = places.find(place)
    served = roster.projects(place)
    found = [_state(place, where, _slot(place, where, name), served) for name in HOOKS]
    missing = [path for path in _shared(where) if read(where.own / path.name) != script.forward(path)]
    return found + [Hook(path.name, "outdated", where.own / path.name) for path in missing]


def driver_registered(project: Project) -> bool:
    """Whether the merge driver for the feature list is set up in this clone as it would be now."""
    return driver.is_current(project.repository, [project])


def _slot(place: Place, where: Where, name: str) -> _Slot:
    own = where.own / name
    if where.callers:
        return _Slot(name, own, caller=where.callers / name)
    if where.shared:
        return _Slot(name, own, before=where.shared / name)
    if lefthook.made(read(own)):
        return _Slot(name, place.store / "hooks" / name, caller=own, by_lefthook=True)
    return _Slot(name, own, before=own.with_name(name + _MOVED))


def _bake(place: Place, where: Where, slot: _Slot, projects: Sequence[Project]) -> bytes:
    kept = slot.before if slot.before and (where.shared or os.path.lexists(slot.before)) else None
    return script.bake(slot.name, place, projects, kept)


def _install_for(place: Place, where: Where, projects: Sequence[Project]) -> list[str]:
    place.own_store.mkdir(parents=True, exist_ok=True)
    slots = [_slot(place, where, name) for name in HOOKS]
    lines = [line for slot in slots if (line := _install(place, where, slot, projects))]
    by_lefthook = {slot.name: slot.script for slot in slots if slot.by_lefthook}
    lines += lefthook.install(place, by_lefthook) if by_lefthook else lefthook.uninstall(place)
    if where.shared:
        lines += _stand_in(place, where)
    return lines + driver.install(place, projects)


def _install(place: Place, where: Where, slot: _Slot, projects: Sequence[Project]) -> str:
    for path in _kept_by_others(slot):
        path.unlink()
    old = read(slot.script)
    said = "renewed" if script.is_ours(old) else "installed"
    if os.path.lexists(slot.script) and not script.is_ours(old):
        _move_aside(slot.script)
        said = "installed; the hook that was here runs first"
    new = _bake(place, where, slot, projects)
    changed = _write_script(slot.script, new)
    if slot.caller and not slot.by_lefthook:
        return _install_call(slot.caller, slot.name) or (f"git hook {slot.name}: {said}" if changed else "")
    return f"git hook {slot.name}: {said}" if changed else ""


def _write_script(path: Path, content: bytes) -> bool:
    """Whether anything had to be written."""
    if read(path) == content and os.access(path, os.X_OK):
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    files.write_atomic(path, content)
    path.chmod(0o755)
    return True


def _move_aside(path: Path) -> None:
    """Make room. What an earlier installation moved aside stays too: the tool that took its place may not know it."""
    moved = path.with_name(path.name + _MOVED)
    if os.path.lexists(moved):
        number = 1
        while os.path.lexists(path.with_name(f"{moved.name}.{number}")):
            number += 1
        moved.rename(path.with_name(f"{moved.name}.{number}"))
    path.rename(moved)


def _kept_by_others(slot: _Slot) -> list[Path]:
    """Older scripts of ours that lefthook (.old) or pre-commit (.legacy) moved aside: they would run twice."""
    beside = slot.caller if slot.by_lefthook and slot.caller else slot.script
    found = [beside.with_name(slot.name + end) for end in (".old", ".legacy")]
    return [path for path in found if script.is_ours(read(path))]


def _install_call(path: Path, name: str) -> str:
    """Put the lines that call our script into another tool's file."""
    old, lines = read(path), script.call(name)
    if has_block(old, lines):
        return ""
    if not is_shell(old):
        return (
            f"git hook {name}: {path} is no shell script; have it run .git/orchestrator/hooks/{name} with its arguments"
        )
    mode = path.stat().st_mode if path.exists() else 0o755
    path.write_bytes(with_block(old, lines, shell=True))
    path.chmod(mode)
    return f"git hook {name}: called by {path.parent.name}/{name}"


def _shared(where: Where) -> list[Path]:
    """The hooks of all repositories that ours do not run themselves."""
    if where.shared is None or not where.shared.is_dir():
        return []
    candidates = sorted(path for path in where.shared.iterdir() if path.name not in HOOKS)
    return [path for path in candidates if path.is_file() and os.access(path, os.X_OK) and not path.suffix]


def _stand_in(place: Place, where: Where) -> list[str]:
    """Have git run our folder, and that folder all that the user's own folder for all repositories holds."""
    wanted = {path.name: path for path in _shared(where)}
    changed = [name for name, path in wanted.items() if _write_script(where.own / name, script.forward(path))]
    for path in where.own.iterdir():
        if path.name not in HOOKS and path.name not in wanted and script.is_ours(read(path)):
            path.unlink()
    if place.git.try_run("config", "--local", "core.hooksPath").returncode == 0:
        return [f"git hook {name}: handed on to {where.shared}" for name in changed]
    place.git.run("config", "--local", "core.hooksPath", where.own.as_posix())
    return [f"core.hooksPath: set for this repository; the hooks in {where.shared} run first and stay as they are"]


def _remove_scripts(place: Place, where: Where) -> list[str]:
    lines = []
    direct = place.common_dir / "hooks" if where.callers or where.shared or where.refused else where.own
    for name in HOOKS:
        removed = _remove(direct, name)
        own = place.store / "hooks" / name
        if script.is_ours(read(own)):
            own.unlink()
            removed = removed or f"git hook {name}: removed"
        if where.callers:
            _remove_call(where.callers / name)
        lines += [removed] if removed else []
    return lines + lefthook.uninstall(place) + _step_back(place)


def _remove(folder: Path, name: str) -> str:
    path = folder / name
    slot = _Slot(name, path)
    for kept in _kept_by_others(slot):
        kept.unlink()
    moved = path.with_name(name + _MOVED)
    if not script.is_ours(read(path)):
        return f"git hook {name}: {moved.name} stays, for another tool has taken its place" if moved.exists() else ""
    if os.path.lexists(moved):
        moved.replace(path)
        return f"git hook {name}: removed; what was here before is back"
    path.unlink()
    return f"git hook {name}: removed"


def _remove_call(path: Path) -> None:
    content = read(path)
    left = without_block(content) if content is not None else None
    if left == content:
        return
    if left is None:
        path.unlink()
    else:
        path.write_bytes(left)


def _step_back(place: Place) -> list[str]:
    """Give the place back to the user's own folder of hooks for all repositories."""
    ours = place.store / "hooks"
    lines = []
    if places.is_set_to(place, ours):
        place.git.run("config", "--local", "--unset", "core.hooksPath")
        lines = ["core.hooksPath: no longer set for this repository"]
    if ours.is_dir():
        for path in ours.iterdir():
            if script.is_ours(read(path)):
                path.unlink()
        if not any(ours.iterdir()):
            ours.rmdir()
    return lines


def _state(place: Place, where: Where, slot: _Slot, projects: Sequence[Project]) -> Hook:
    content = read(slot.script)
    path = slot.caller or slot.script
    if not script.is_ours(content):
        return Hook(slot.name, "foreign" if os.path.lexists(path) else "absent", path)
    assert content is not None
    python = script.baked_python(content)
    present = os.access(python, os.X_OK)
    if not _is_called(place, slot):
        state = "foreign" if os.path.lexists(path) else "absent"
    elif content == _bake(place, where, slot, projects) and os.access(slot.script, os.X_OK):
        state = "installed"
    else:
        state = "outdated"
    return Hook(slot.name, state, path, python, present)


def _is_called(place: Place, slot: _Slot) -> bool:
    if slot.by_lefthook:
        return lefthook.calls(place, slot.name, slot.script)
    return slot.caller is None or has_block(read(slot.caller), script.call(slot.name))

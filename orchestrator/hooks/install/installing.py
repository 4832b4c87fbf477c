"""Installs the git hooks where git looks for them, beside what is there, and takes them away without a trace."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from orchestrator import files
from orchestrator.git.place import Place
from orchestrator.hooks import served, sharing
from orchestrator.hooks.install import driver, lefthook, places, registered, script, slots, traces
from orchestrator.hooks.install.blocks import read, without_block
from orchestrator.hooks.install.places import Where
from orchestrator.hooks.install.slots import BelowLefthook, Slot
from orchestrator.hooks.table import BY_NAME
from orchestrator.project import Project


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


def install(project: Project) -> list[str]:
    """Install or renew all hooks and the merge driver; what was done, a line each. Raises OrchestratorError, with
    nothing done, where nothing can be written, and where another project's completions would count for this one.
    """
    place = project.repository
    where = places.find(place)
    _check(place, where)
    sharing.need_own_words(project)
    traces.remember_config(place)
    registered.add(project, place)
    served.look(place)
    return _install_for(place, where, registered.projects(place)) or ["git hooks: all installed already"]


def uninstall(project: Project) -> list[str]:
    """Take our hooks away and put back what they had replaced; other projects of the repository keep theirs."""
    place = project.repository
    where = places.find(place)
    registered.remove(project, place)
    rest = registered.projects(place)
    lines = _remove_scripts(place, where) if not rest else []
    lines += driver.uninstall(place)
    if rest:
        names = ", ".join(place.relative(one.root) for one in rest)
        return [*_install_for(place, where, rest), f"git hooks: kept for {names}"]
    traces.restore(place)
    return lines or ["git hooks: none was installed"]


def status(project: Project) -> list[Hook]:
    """The state of each hook, and of what runs the hooks of all repositories where ours stand in their place."""
    place = project.repository
    where = places.find(place)
    if where.shared and not places.is_taken_over(place):
        there = [where.shared / name for name in BY_NAME]
        return [Hook(path.name, "foreign" if os.path.lexists(path) else "absent", path) for path in there]
    served = registered.with_project(project, place)
    found = [_state(place, slots.find(place, where, name), served) for name in BY_NAME]
    missing = [path for path in _shared(where) if read(where.own / path.name) != script.forward(path)]
    return found + [Hook(path.name, "outdated", where.own / path.name) for path in missing]


def driver_registered(project: Project) -> bool:
    """Whether the merge driver for the feature list is set up in this clone as it would be now."""
    return driver.is_current(project.repository, [project])


def _check(place: Place, where: Where) -> None:
    folders = [place.common_dir, place.common_dir / "info", place.store, where.own]
    traces.check(folders if where.callers is None else [*folders, where.callers])


def _install_for(place: Place, where: Where, projects: Sequence[Project]) -> list[str]:
    files.make_folder(place.own_store)
    found = [slots.find(place, where, name) for name in BY_NAME]
    lines = [line for slot in found if (line := _install(place, slot, projects))]
    by_lefthook = {slot.name: slot.script for slot in found if isinstance(slot, BelowLefthook)}
    lines += lefthook.install(place, by_lefthook) if by_lefthook else lefthook.uninstall(place)
    if where.shared:
        lines += _stand_in(place, where)
    return lines + driver.install(place, projects)


def _install(place: Place, slot: Slot, projects: Sequence[Project]) -> str:
    slots.leave_others(slot)
    old = read(slot.script)
    said, moved = "renewed" if script.is_ours(old) else "installed", None
    if os.path.lexists(slot.script) and not script.is_ours(old):
        said = f"installed; the hook that was here runs {'last' if BY_NAME[slot.name].runs_first else 'first'}"
        moved = slot.before or slot.script.with_name(slot.name + slots.MOVED)
    content = script.bake(slot.name, place, projects, slot.before_as_shell(moved=moved is not None))
    changed = _write_script(place, slot.script, content, moved)
    return slot.have_called(place) or (f"git hook {slot.name}: {said}" if changed else "")


def _write_script(place: Place, path: Path, content: bytes, moved: Path | None = None) -> bool:
    """Whether anything had to be written. What is there goes to `moved`, and only once the script is written."""
    if read(path) == content and os.access(path, os.X_OK):
        return False
    traces.make(place, path.parent)
    staged = path.with_name(path.name + slots.STAGED)
    files.write_atomic(staged, content)
    staged.chmod(0o755)
    if moved:
        _move_aside(path, moved)
    staged.replace(path)
    return True


def _move_aside(path: Path, moved: Path) -> None:
    """Make room. What an earlier installation moved aside stays too: the tool that took its place may not know it."""
    if os.path.lexists(moved):
        number = 1
        while os.path.lexists(path.with_name(f"{moved.name}.{number}")):
            number += 1
        moved.rename(path.with_name(f"{moved.name}.{number}"))
    path.rename(moved)


def _shared(where: Where) -> list[Path]:
    """The hooks of all repositories that ours do not run themselves."""
    if where.shared is None or not where.shared.is_dir():
        return []
    candidates = sorted(path for path in where.shared.iterdir() if path.name not in BY_NAME)
    return [path for path in candidates if path.is_file() and os.access(path, os.X_OK) and not path.suffix]


def _stand_in(place: Place, where: Where) -> list[str]:
    """Have git run our folder, and that folder all that the user's own folder for all repositories holds."""
    wanted = {path.name: path for path in _shared(where)}
    changed = [n for n, path in wanted.items() if _write_script(place, where.own / n, script.forward(path))]
    for path in where.own.iterdir():
        if path.name not in BY_NAME and path.name not in wanted and script.is_ours(read(path)):
            path.unlink()
    if not places.take_over(place):
        return [f"git hook {name}: handed on to {where.shared}" for name in changed]
    return [f"core.hooksPath: set for this repository; the hooks in {where.shared} run first and stay as they are"]


def _remove_scripts(place: Place, where: Where) -> list[str]:
    lines = []
    direct = place.common_dir / "hooks" if where.callers or where.shared else where.own
    for name in BY_NAME:
        removed = _remove(direct / name)
        own = place.store / "hooks" / name
        if script.is_ours(read(own)):
            own.unlink()
            removed = removed or f"git hook {name}: removed"
        if where.callers:
            _remove_call(where.callers / name)
        lines += [removed] if removed else []
    return lines + lefthook.uninstall(place) + _step_back(place)


def _remove(own: Path) -> str:
    slot = slots.direct(own)
    slots.leave_others(slot)
    moved, name = own.with_name(own.name + slots.MOVED), own.name
    if not script.is_ours(read(slot.script)):
        return f"git hook {name}: {moved.name} stays, for another tool has taken its place" if moved.exists() else ""
    if os.path.lexists(moved):
        if moved.is_dir():  # it may be a folder, which replaces no file
            slot.script.unlink()
        moved.replace(slot.script)
        return f"git hook {name}: removed; what was here before is back"
    slot.script.unlink()
    return f"git hook {name}: removed"


def _remove_call(path: Path) -> None:
    content = read(path)
    left = without_block(content) if content is not None else None
    if left == content:
        return
    if left is None:
        path.unlink()
    else:
        files.write_atomic(path, left)


def _step_back(place: Place) -> list[str]:
    """Give the place back to the folder of hooks in whose place ours stood."""
    ours = place.store / "hooks"
    given = places.give_back(place)
    if ours.is_dir():
        for path in ours.iterdir():
            if script.is_ours(read(path)):
                path.unlink()
        if not any(ours.iterdir()):
            ours.rmdir()
    return ["core.hooksPath: as it was"] if given else []


def _state(place: Place, slot: Slot, projects: Sequence[Project]) -> Hook:
    content = read(slot.script)
    taken = "foreign" if os.path.lexists(slot.path) else "absent"
    if not script.is_ours(content):
        return Hook(slot.name, taken, slot.path)
    assert content is not None
    python = script.baked_python(content)
    current = content == script.bake(slot.name, place, projects, slot.before_as_shell(moved=False))
    installed = "installed" if current and os.access(slot.script, os.X_OK) else "outdated"
    state = installed if slot.called(place) else taken
    return Hook(slot.name, state, slot.path, python, os.access(python, os.X_OK))

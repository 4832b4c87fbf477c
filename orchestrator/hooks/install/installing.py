"""Installs the git hooks where git looks for them, beside what is there, and takes them away without a trace."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from orchestrator import files
from orchestrator.git.place import Place
from orchestrator.hooks import served, sharing
from orchestrator.hooks.install import driver, ground, lefthook, places, roster, script
from orchestrator.hooks.install.blocks import has_block, is_shell, read, with_block, without_block
from orchestrator.hooks.install.places import Where
from orchestrator.hooks.install.script import HOOKS
from orchestrator.project import Project

_MOVED = ".before-orchestrator"
_STAGED = ".orchestrator-new"


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
    """A hook's place: our script, the hook that it runs first, and what calls it: git, a file of the work tree
    (`caller`), or a script of a `manager`: "lefthook", "pre-commit", or "husky" with a file of the work tree.
    """

    name: str
    script: Path
    before: Path | None = None
    caller: Path | None = None
    manager: str = ""


def install(project: Project) -> list[str]:
    """Install or renew all hooks and the merge driver; what was done, a line each. Raises OrchestratorError, with
    nothing done, where nothing can be written, and where another project's completions would count for this one.
    """
    place = project.repository
    where = places.find(place)
    _check(place, where)
    sharing.need_own_words(project)
    ground.remember_config(place)
    roster.add(project, place)
    served.look(place)
    return _install_for(place, where, roster.projects(place)) or ["git hooks: all installed already"]


def uninstall(project: Project) -> list[str]:
    """Take our hooks away and put back what they had replaced; other projects of the repository keep theirs."""
    place = project.repository
    where = places.find(place)
    roster.remove(project, place)
    rest = roster.projects(place)
    lines = _remove_scripts(place, where) if not rest else []
    lines += driver.uninstall(place)
    if rest:
        names = ", ".join(place.relative(one.root) for one in rest)
        return [*_install_for(place, where, rest), f"git hooks: kept for {names}"]
    ground.restore(place)
    return lines or ["git hooks: none was installed"]


def status(project: Project) -> list[Hook]:
    """The state of each hook, and of what runs the hooks of all repositories where ours stand in their place."""
    place = project.repository
    where = places.find(place)
    if where.shared and not places.is_taken_over(place):
        there = [where.shared / name for name in HOOKS]
        return [Hook(path.name, "foreign" if os.path.lexists(path) else "absent", path) for path in there]
    served = roster.with_project(project, place)
    found = [_state(place, where, _slot(place, where, name), served) for name in HOOKS]
    missing = [path for path in _shared(where) if read(where.own / path.name) != script.forward(path)]
    return found + [Hook(path.name, "outdated", where.own / path.name) for path in missing]


def driver_registered(project: Project) -> bool:
    """Whether the merge driver for the feature list is set up in this clone as it would be now."""
    return driver.is_current(project.repository, [project])


def _slot(place: Place, where: Where, name: str) -> _Slot:
    own = where.own / name
    if where.callers:
        return _Slot(name, own, caller=where.callers / name, manager="husky" if where.by_husky else "")
    if where.shared:
        return _Slot(name, own, before=where.shared / name)
    if lefthook.made(read(own)):
        return _Slot(name, place.store / "hooks" / name, caller=own, manager="lefthook")
    return _direct(own)


def _direct(own: Path) -> _Slot:
    """Where git looks for the hook; below pre-commit, which calls what was there before it by the name `.legacy` and
    would move us there anyway, over whatever it keeps.
    """
    moved = own.with_name(own.name + _MOVED)
    if _made_by_pre_commit(read(own)):
        return _Slot(own.name, own.with_name(own.name + ".legacy"), before=moved, caller=own, manager="pre-commit")
    return _Slot(own.name, own, before=moved)


def _bake(place: Place, where: Where, slot: _Slot, projects: Sequence[Project], *, moved: bool = False) -> bytes:
    return script.bake(slot.name, place, projects, _shell_path(where, slot, moved))


def _shell_path(where: Where, slot: _Slot, moved: bool) -> str:
    """The hook that runs first, as shell: one that was moved aside is beside the script, wherever that is moved to."""
    if slot.before is None or not (where.shared or moved or os.path.lexists(slot.before)):
        return ""
    if where.shared:
        return shlex.quote(slot.before.as_posix())
    return f'"${{0%/*}}/{slot.before.name}"'


def _made_by_pre_commit(content: bytes | None) -> bool:
    return content is not None and b"generated by pre-commit" in content[:200]


def _check(place: Place, where: Where) -> None:
    folders = [place.common_dir, place.common_dir / "info", place.store, where.own]
    ground.check(folders if where.callers is None else [*folders, where.callers])


def _install_for(place: Place, where: Where, projects: Sequence[Project]) -> list[str]:
    files.make_folder(place.own_store)
    slots = [_slot(place, where, name) for name in HOOKS]
    lines = [line for slot in slots if (line := _install(place, where, slot, projects))]
    by_lefthook = {slot.name: slot.script for slot in slots if slot.manager == "lefthook"}
    lines += lefthook.install(place, by_lefthook) if by_lefthook else lefthook.uninstall(place)
    if where.shared:
        lines += _stand_in(place, where)
    return lines + driver.install(place, projects)


def _install(place: Place, where: Where, slot: _Slot, projects: Sequence[Project]) -> str:
    _leave_others(slot)
    old = read(slot.script)
    said, moved = "renewed" if script.is_ours(old) else "installed", None
    if os.path.lexists(slot.script) and not script.is_ours(old):
        said = f"installed; the hook that was here runs {'last' if slot.name == 'post-commit' else 'first'}"
        moved = slot.before or slot.script.with_name(slot.name + _MOVED)
    content = _bake(place, where, slot, projects, moved=moved is not None)
    changed = _write_script(place, slot.script, content, moved)
    if slot.caller and slot.manager in ("", "husky"):
        return _install_call(place, slot) or (f"git hook {slot.name}: {said}" if changed else "")
    return f"git hook {slot.name}: {said}" if changed else ""


def _write_script(place: Place, path: Path, content: bytes, moved: Path | None = None) -> bool:
    """Whether anything had to be written. What is there goes to `moved`, and only once the script is written."""
    if read(path) == content and os.access(path, os.X_OK):
        return False
    ground.make(place, path.parent)
    staged = path.with_name(path.name + _STAGED)
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


def _leave_others(slot: _Slot) -> None:
    """Take away what an installation left that was killed half-way. Where lefthook (as .old) or pre-commit (as
    .legacy) moved a script of ours aside that nobody calls there, put the hook there that ours had replaced, as if we
    had never been in between.
    """
    slot.script.with_name(slot.name + _STAGED).unlink(missing_ok=True)
    beside = slot.caller or slot.script
    moved = beside.with_name(slot.name + _MOVED)
    for path in (beside.with_name(slot.name + end) for end in (".old", ".legacy")):
        if path == slot.script or not script.is_ours(read(path)):
            continue
        path.unlink()
        if not script.is_ours(read(slot.script)) and os.path.lexists(moved):
            moved.rename(path)


def _install_call(place: Place, slot: _Slot) -> str:
    """Put the lines that call our script into another tool's file."""
    assert slot.caller is not None
    path, name = slot.caller, slot.name
    old, lines = read(path), script.call(name)
    if not is_shell(old) or (old is None and os.path.lexists(path)):  # or a folder, or a link to nothing
        return (
            f"git hook {name}: {path} is no shell script; have it run .git/orchestrator/hooks/{name} with its arguments"
        )
    added = not has_block(old, lines)
    if added:
        ground.make(place, path.parent)
        mode = path.stat().st_mode if path.exists() else 0o755
        files.write_atomic(path, with_block(old, lines, shell=True))
        path.chmod(mode)
    if not _runs(slot):
        return f"git hook {name}: {path} is not executable, so git does not run it; chmod +x it"
    return f"git hook {name}: called by {path.parent.name}/{name}" if added else ""


def _runs(slot: _Slot) -> bool:
    """Whether the file that calls ours is run: git wants it executable, husky doesn't."""
    return slot.manager == "husky" or slot.caller is None or os.access(slot.caller, os.X_OK)


def _shared(where: Where) -> list[Path]:
    """The hooks of all repositories that ours do not run themselves."""
    if where.shared is None or not where.shared.is_dir():
        return []
    candidates = sorted(path for path in where.shared.iterdir() if path.name not in HOOKS)
    return [path for path in candidates if path.is_file() and os.access(path, os.X_OK) and not path.suffix]


def _stand_in(place: Place, where: Where) -> list[str]:
    """Have git run our folder, and that folder all that the user's own folder for all repositories holds."""
    wanted = {path.name: path for path in _shared(where)}
    changed = [n for n, path in wanted.items() if _write_script(place, where.own / n, script.forward(path))]
    for path in where.own.iterdir():
        if path.name not in HOOKS and path.name not in wanted and script.is_ours(read(path)):
            path.unlink()
    if not places.take_over(place):
        return [f"git hook {name}: handed on to {where.shared}" for name in changed]
    return [f"core.hooksPath: set for this repository; the hooks in {where.shared} run first and stay as they are"]


def _remove_scripts(place: Place, where: Where) -> list[str]:
    lines = []
    direct = place.common_dir / "hooks" if where.callers or where.shared else where.own
    for name in HOOKS:
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
    slot = _direct(own)
    _leave_others(slot)
    moved, name = own.with_name(own.name + _MOVED), own.name
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
    if slot.manager == "lefthook":
        return lefthook.calls(place, slot.name, slot.script)
    if slot.caller is None or slot.manager == "pre-commit":
        return True
    return _runs(slot) and has_block(read(slot.caller), script.call(slot.name))

"""Installs the git hooks where git looks for them, beside what is there, and takes them away without a trace."""

from __future__ import annotations

import re
import shlex
import sys
import sysconfig
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from orchestrator import files
from orchestrator.git.place import Place
from orchestrator.project import Project

NAMES = ("commit-msg", "post-commit", "post-merge", "post-rewrite", "post-checkout", "post-applypatch")
_IDENTITY = "# orchestrator hook "
_MOVED = ".before-orchestrator"
_ATTRIBUTES = "# orchestrator: merged by feature id"
_UNENDED = " (the file did not end in a line break)"
_BEGIN, _END = "# >>> orchestrator", "# <<< orchestrator"


@dataclass(frozen=True)
class Hook:
    """One hook: "installed", "outdated" (another version of ours), "foreign" or "absent"."""

    name: str
    state: str
    path: Path


@dataclass(frozen=True)
class _Where:
    """Where hooks go. `own` is the folder of our scripts; `snippets` is given where another tool's files call
    them; `refused` says why nothing can be installed.
    """

    own: Path
    snippets: Path | None = None
    refused: str = ""


def install(project: Project) -> list[str]:
    """Install or renew all hooks and the merge driver; what was done, a line each."""
    place = project.repository
    where = _where(place)
    if where.refused:
        return [where.refused]
    _remember_project(project, place)
    where.own.mkdir(parents=True, exist_ok=True)
    lines = [line for name in NAMES if (line := _install(project, place, where, name))]
    lines += _install_merge_driver(project, place)
    return lines or ["git hooks: all installed already"]


def uninstall(project: Project) -> list[str]:
    """Take our hooks away and put back what they had replaced."""
    place = project.repository
    where = _where(place)
    lines = [line for name in NAMES if (line := _uninstall(where, name))]
    lines += _uninstall_merge_driver(place)
    (place.store / "projects").unlink(missing_ok=True)
    return lines or ["git hooks: none was installed"]


def status(project: Project) -> list[Hook]:
    """The state of each hook."""
    place = project.repository
    where = _where(place)
    found = []
    for name in NAMES:
        path = where.own / name
        content = _read(path)
        if content is None:
            state = "absent"
        elif _IDENTITY.encode() not in content:
            state = "foreign"
        else:
            state = "installed" if content == _script(project, place, where, name) else "outdated"
        found.append(Hook(name, state, path))
    return found


def driver_registered(project: Project) -> bool:
    """Whether the merge driver for the feature list is set up in this clone."""
    return project.repository.git.try_run("config", "--local", "merge.orchestrator.driver").returncode == 0


def _where(place: Place) -> _Where:
    set_path = place.git.try_run("config", "core.hooksPath").stdout.decode("utf-8", "surrogateescape").strip()
    if not set_path:
        return _Where(place.common_dir / "hooks")
    folder = Path(place.git.text("rev-parse", "--path-format=absolute", "--git-path", "hooks"))
    if folder.name == "_" and folder.parent.name == ".husky":
        return _Where(place.common_dir / "orchestrator" / "hooks", folder.parent)
    homes = (place.top.resolve(), place.common_dir.resolve())
    if not any(home in (folder.resolve(), *folder.resolve().parents) for home in homes):
        why = f"core.hooksPath is {folder}, outside of this repository: nothing was installed there"
        mend = "To have hooks here alone: git config core.hooksPath .git/hooks, then install again"
        return _Where(folder, None, f"{why}. {mend}")
    return _Where(folder)


def _remember_project(project: Project, place: Place) -> None:
    path = place.store / "projects"
    known = _lines(path)
    name = place.relative(project.root)
    if name not in known:
        path.parent.mkdir(parents=True, exist_ok=True)
        files.write_atomic(path, "\n".join([*known, name]).encode() + b"\n")


def _lines(path: Path) -> list[str]:
    return (_read(path) or b"").decode("utf-8", "replace").splitlines()


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _script(project: Project, place: Place, where: _Where, name: str) -> bytes:
    """The script with what this clone needs baked in: a shell started by a GUI may find no Python."""
    moved = where.own / f"{name}{_MOVED}"
    lists = [(Path(folder) / project.config.project.features).as_posix() for folder in _lines(place.store / "projects")]
    values = {
        "HOOK": name,
        "PYTHON": Path(sys.executable).as_posix(),
        "PATHS": "\n".join(_import_paths()),
        "BEFORE": moved.as_posix() if moved.exists() else "",
    }
    text = _source()
    for key, value in values.items():
        text = text.replace(f"@{key}@", shlex.quote(value), 1)
    words = (project.config.history.completed, project.config.history.reopened)
    text = text.replace("@SAYS@", " | ".join(f"*{shlex.quote(word)}[\\ \\\t]*" for word in words), 1)
    text = text.replace("@LISTS@", " ".join(map(shlex.quote, lists)), 1)
    return text.encode("utf-8", "surrogateescape")


def _import_paths() -> list[str]:
    """Where Python finds us and what we import, for a start without `site`."""
    found = [Path(__file__).resolve().parent.parent, Path(sysconfig.get_path("purelib"))]
    return list(dict.fromkeys(path.as_posix() for path in found))


def _source() -> str:
    """`hooks/gate.sh`: at the top of a checkout, `orchestrator/_hooks` of an installed package."""
    packaged = resources.files("orchestrator") / "_hooks" / "gate.sh"
    if packaged.is_file():
        return packaged.read_text(encoding="utf-8")
    return (Path(__file__).parent.parent / "hooks" / "gate.sh").read_text(encoding="utf-8")


def _install(project: Project, place: Place, where: _Where, name: str) -> str:
    path = where.own / name
    old = _read(path)
    said = "installed"
    if old is not None and _IDENTITY.encode() not in old:
        path.rename(path.with_name(name + _MOVED))
        said = "installed; the hook that was here runs first"
    new = _script(project, place, where, name)
    if where.snippets:
        _add_snippet(where.snippets / name, path)
    if old == new:
        return ""
    files.write_atomic(path, new)
    path.chmod(0o755)
    return f"git hook {name}: {'renewed' if old is not None and _IDENTITY.encode() in old else said}"


def _add_snippet(path: Path, script: Path) -> None:
    """Call our script from the file that husky runs for this hook."""
    old = _read(path) or b""
    if _BEGIN.encode() in old:
        return
    gap = b"" if not old or old.endswith(b"\n") else b"\n"
    call = f'[ ! -x {shlex.quote(script.as_posix())} ] || {shlex.quote(script.as_posix())} "$@"'
    mode = path.stat().st_mode if path.exists() else 0o755
    path.write_bytes(old + gap + f"{_BEGIN}\n{call}\n{_END}{'' if old else ' (made by it)'}\n".encode())
    path.chmod(mode)


def _uninstall(where: _Where, name: str) -> str:
    path = where.own / name
    content = _read(path)
    if where.snippets:
        _remove_snippet(where.snippets / name)
    if content is None or _IDENTITY.encode() not in content:
        return ""
    moved = path.with_name(name + _MOVED)
    if moved.exists():
        moved.replace(path)
        return f"git hook {name}: removed; what was here before is back"
    path.unlink()
    return f"git hook {name}: removed"


def _remove_snippet(path: Path) -> None:
    content = _read(path)
    if content is None or _BEGIN.encode() not in content:
        return
    before, _, rest = content.partition(_BEGIN.encode())
    last, _, after = rest.partition(_END.encode())[2].partition(b"\n")
    if b"made by it" in last and not before and not after:
        path.unlink()
        return
    path.write_bytes(before + after)


def _install_merge_driver(project: Project, place: Place) -> list[str]:
    python = shlex.quote(Path(sys.executable).as_posix())
    program = (
        f"import sys; sys.path[:0] = {_import_paths()!r}; "
        "from orchestrator.merge_driver import main; sys.exit(main(*sys.argv[1:]))"
    )
    command = f"{python} -I -S -c {shlex.quote(program)} %O %A %B %L %P"
    present = place.git.try_run("config", "--local", "merge.orchestrator.driver").stdout.decode().strip()
    if present != command:
        place.git.run("config", "--local", "merge.orchestrator.name", "merge by feature id (orchestrator)")
        place.git.run("config", "--local", "merge.orchestrator.driver", command)
    path = place.common_dir / "info" / "attributes"
    old = _read(path) or b""
    name = place.relative(project.features_path)
    line = f"{_attribute(name)} merge=orchestrator\n".encode()
    if line not in old:
        path.parent.mkdir(parents=True, exist_ok=True)
        whole = not old or old.endswith(b"\n")
        block = f"{_ATTRIBUTES}\n" if whole else f"\n{_ATTRIBUTES}{_UNENDED}\n"
        files.write_atomic(path, old + block.encode() + line)
    elif present == command:
        return []
    return ["merge driver for the feature list: registered"]


def _attribute(name: str) -> str:
    """The path as a pattern of gitattributes."""
    escaped = "".join(f"\\{c}" if c in '\\*?["' else c for c in f"/{name}")
    return f'"{escaped}"' if " " in escaped else escaped


def _uninstall_merge_driver(place: Place) -> list[str]:
    path = place.common_dir / "info" / "attributes"
    content = _read(path) or b""
    unended = f"\n{_ATTRIBUTES}{_UNENDED}\n".encode()
    new = re.sub(re.escape(unended) + rb"[^\n]*\n", b"", content)
    new = re.sub(re.escape(_ATTRIBUTES.encode()) + rb"\n[^\n]*\n", b"", new)
    if new != content:
        if new:
            files.write_atomic(path, new)
        else:
            path.unlink()
    done = place.git.try_run("config", "--local", "--remove-section", "merge.orchestrator")
    return ["merge driver for the feature list: removed"] if done.returncode == 0 else []

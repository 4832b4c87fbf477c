"""The merge driver for feature lists: set up in this clone's configuration and attributes, not in tracked files."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from orchestrator import files
from orchestrator.git.place import Place
from orchestrator.hooks.install import script, traces
from orchestrator.hooks.install.blocks import read, with_lines, without_lines
from orchestrator.project import Project

_MARK = b"# orchestrator: merged by feature id"
_TITLE = "merge by feature id (orchestrator)"


def install(place: Place, projects: Sequence[Project]) -> list[str]:
    """Set it up, or bring it up to date; what was done, a line each."""
    if is_current(place, projects):
        return []
    place.git.run("config", "--local", "merge.orchestrator.name", _TITLE)
    place.git.run("config", "--local", "merge.orchestrator.driver", _command())
    path = place.common_dir / "info" / "attributes"
    traces.make_file(place, path)
    files.write_atomic(path, with_lines(read(path) or b"", _MARK, _attributes(place, projects)))
    return ["merge driver for the feature list: registered"]


def is_current(place: Place, projects: Sequence[Project]) -> bool:
    """Whether git merges the lists of these projects by our driver, as it is now."""
    content = read(place.common_dir / "info" / "attributes") or b""
    missing = [line for line in _attributes(place, projects) if _MARK not in content or line + b"\n" not in content]
    said = place.git.try_run("config", "--local", "merge.orchestrator.driver").stdout
    return not missing and said.decode("utf-8", "surrogateescape").rstrip("\n") == _command()


def uninstall(place: Place) -> list[str]:
    """Take it away; the attributes are then what they were."""
    path = place.common_dir / "info" / "attributes"
    content = read(path) or b""
    left = without_lines(content, _MARK)
    if left != content:
        files.write_atomic(path, left)
    done = place.git.try_run("config", "--local", "--remove-section", "merge.orchestrator")
    return [] if done.returncode else ["merge driver for the feature list: removed"]


def _command() -> str:
    """What git runs, by a shell. When our Python is gone or fails, the list is merged as text: with nothing done and
    an exit code alone, git would take one side for the result.
    """
    program = (
        f"import sys; sys.path[:0] = {script.import_paths()!r}; "
        "from orchestrator.hooks.merge_driver import main; sys.exit(3 * main(*sys.argv[1:]))"
    )
    python = shlex.quote(script.python())
    ours = f"{python} -I -S -c {shlex.quote(program)}".replace("%", "%%")
    by_text = "git merge-file --marker-size=%L -L ours -L base -L theirs %A %O %B"
    tested = f"if [ -x {python.replace('%', '%%')} ]"
    return f"{tested}; then {ours} %O %A %B %L %P; case $? in 0) exit 0 ;; 3) exit 1 ;; esac; fi; {by_text}"


def _attributes(place: Place, projects: Sequence[Project]) -> list[bytes]:
    names = (place.relative(one.features_path) for one in projects)
    return [f"{_pattern(name)} merge=orchestrator".encode("utf-8", "surrogateescape") for name in names]


def _pattern(name: str) -> str:
    """The path as a pattern of gitattributes: nothing in it stands for other names, and blanks are quoted as in C."""
    escaped = "".join(f"\\{c}" if c in "\\*?[" else c for c in f"/{name}")
    if not any(c in ' \t"' for c in name):
        return escaped
    quoted = escaped.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    return f'"{quoted}"'

"""What the tests of the installed hooks share: projects with commits that complete, and snapshots to the byte."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from orchestrator import project as projects
from orchestrator.hooks.install import installing
from orchestrator.hooks.install.installing import Hook
from support.projects import Made, make

LIST = "feature_list.json"
FEATURES = [{"id": f"F{n}", "name": f"feature {n}", "description": "d", "passes": False} for n in (1, 2, 3)]
ALL = ("commit-msg", "post-commit", "post-merge", "post-rewrite", "post-checkout", "post-applypatch")
# What git itself writes whenever a commit is made, and our caches, which may be deleted at any time.
_MOVING = ("objects", "logs", "index", "orchestrator", "refs", "COMMIT_EDITMSG", "ORIG_HEAD", "HEAD", "ran")
Shot = dict[str, tuple[str, int, bytes]]


def project(root: Path, files: Mapping[str, str] | None = None) -> Made:
    return make(root, FEATURES, files=files)


def install(root: Path) -> list[str]:
    return installing.install(projects.load(root))


def uninstall(root: Path) -> list[str]:
    return installing.uninstall(projects.load(root))


def states(root: Path) -> dict[str, str]:
    return {hook.name: hook.state for hook in status(root)}


def status(root: Path) -> list[Hook]:
    return installing.status(projects.load(root))


def script(path: Path, *lines: str, mode: int = 0o755, first: str = "#!/bin/sh") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([first, *lines]) + "\n", encoding="utf-8")
    path.chmod(mode)
    return path


def commit(
    root: Path, message: str, *args: str, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Of whatever is staged, or of nothing."""
    argv = ["git", "commit", "-q", "--allow-empty", "-m", message, *args]
    return subprocess.run(
        argv, cwd=root, capture_output=True, text=True, encoding="utf-8", env={**os.environ, **(env or {})}, check=False
    )


def completes(root: Path, id: str, env: Mapping[str, str] | None = None) -> str:
    """Whether a commit that says so really completes, in a word; "" when all is well."""
    done = commit(root, f"session: completed {id}", env=env)
    if done.returncode:
        return f"refused: {done.stderr}"
    argv = ["git", "show", f"HEAD:{LIST}"]
    listed = json.loads(subprocess.run(argv, cwd=root, capture_output=True, check=True).stdout)
    flags = {feature["id"]: feature["passes"] for feature in listed["features"]}
    body = subprocess.run(["git", "log", "-1", "--format=%B"], cwd=root, capture_output=True, text=True).stdout
    if f"Feature-Digest: {id} " not in body:
        return f"commit-msg did not run: {body}{done.stderr}"
    return "" if flags[id] is True else f"post-commit did not run: {done.stderr}"


def snapshot(root: Path, git_dir: Path | None = None) -> Shot:
    """Every file, folder and symbolic link of a work tree, and of its git dir what is no history; but neither the
    list nor `.git/ran`, where hooks of these tests leave marks.
    """
    git_dir = git_dir or root / ".git"
    found = {f"work/{name}": entry for name, entry in _entries(root) if not name.startswith(".git/") and name != LIST}
    for name, entry in _entries(git_dir):
        if name.split("/")[0] not in _MOVING:
            found[f"git/{name}"] = entry
    return found


def _entries(folder: Path) -> list[tuple[str, tuple[str, int, bytes]]]:
    return [(path.relative_to(folder).as_posix(), _entry(path)) for path in sorted(folder.rglob("*"))]


def _entry(path: Path) -> tuple[str, int, bytes]:
    if path.is_symlink():
        return "link", 0, os.fsencode(path.readlink())
    mode = path.stat().st_mode & 0o7777
    return ("folder", mode, b"") if path.is_dir() else ("file", mode, path.read_bytes())


def differences(before: Shot, after: Shot) -> dict[str, tuple[object, object]]:
    """By name: what was there, and what is there; for messages that can be read."""
    names = sorted({*before, *after})
    return {name: (before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)}


def found_beside(program: str) -> str:
    """A program in this interpreter's folder; "" where it is not installed."""
    path = Path(sys.executable).parent / program
    return str(path) if path.is_file() else ""

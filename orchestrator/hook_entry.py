"""What the hook scripts call. Imports next to nothing; a fault of its own is a warning, never a blocked commit."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from orchestrator.errors import OrchestratorError

if TYPE_CHECKING:
    from orchestrator.git.place import Place
    from orchestrator.project import Project


def main() -> NoReturn:
    """`main HOOK ARG...` as git gives them."""
    hook, *arguments = sys.argv[1:]
    sys.exit(handle(hook, arguments))


def handle(hook: str, arguments: list[str]) -> int:
    """The hook's exit code: 1 only for a verdict of commit-msg."""
    try:
        run(hook, arguments)
    except (OrchestratorError, OSError) as error:
        if hook == "commit-msg" and isinstance(error, OrchestratorError) and error.exit_code == 1:
            sys.stderr.write(f"orchestrator: error: {error}\n")
            return 1
        sys.stderr.write(f"orchestrator: warning: {hook}: {error}; run `orchestrator sync`\n")
    return 0


def run(hook: str, arguments: list[str]) -> None:
    """Do what the hook is for, in every project of the repository around the current folder."""
    from orchestrator.git import place as places

    place = places.find(Path.cwd(), git_dir=_git_dir(), in_hook=True)
    for project in _projects(place):
        if not project.features_path.is_file():
            continue
        if hook == "commit-msg":
            from orchestrator.history import message

            message.check(project, place, Path(arguments[0]))
        else:
            _sync(hook, project, place)


def _git_dir() -> str:
    """GIT_DIR where git gave it, absolute: with --git-dir the repository can't be found from the folder."""
    given = os.environ.get("GIT_DIR", "")
    return str(Path(given).resolve()) if given else ""


def _projects(place: Place) -> list[Project]:
    """The projects that were there when the hooks were installed: their folders are in our own store."""
    from orchestrator import config
    from orchestrator.project import Project

    try:
        folders = (place.store / "projects").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        folders = ["."]
    roots = [place.top / folder for folder in folders]
    return [Project(root, config.load(root), place) for root in roots if root.is_dir()]


def _sync(hook: str, project: Project, place: Place) -> None:
    if place.head is None or _not_now(hook, place):
        return
    from orchestrator.history import sync

    arguments = (place, project.features_path, project.list_lock, project.words)
    if hook == "post-commit" and project.config.history.write == "commit":
        sync.carry(*arguments)
    else:
        sync.worktree(*arguments)


def _not_now(hook: str, place: Place) -> bool:
    """Whether git is in the middle of something, seen from this hook: facts/git-hooks.md, section 7.1.

    A rebase's own last hook, post-rewrite, still sees its folder; so does a merge's post-merge.
    """
    at = place.git_dir
    if any((at / name).exists() for name in ("rebase-merge/autostash", "rebase-apply/autostash", "MERGE_AUTOSTASH")):
        return True
    if hook == "post-rewrite":
        return False
    if hook == "post-applypatch":
        return (at / "rebase-apply" / "rebasing").exists() or _number(at / "rebase-apply/next") < _number(
            at / "rebase-apply/last"
        )
    if (at / "rebase-merge").exists() or (at / "rebase-apply").exists() or (at / "BISECT_LOG").exists():
        return True
    todo = at / "sequencer" / "todo"
    return todo.exists() and len([line for line in todo.read_text(errors="replace").splitlines() if line.strip()]) > 1


def _number(path: Path) -> int:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return 0

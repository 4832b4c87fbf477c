"""What the hook scripts call. Imports next to nothing; a fault of its own is a warning, never a blocked commit."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NoReturn

from orchestrator.errors import OrchestratorError

if TYPE_CHECKING:
    from orchestrator.git.place import Place
    from orchestrator.history.sync import Carried
    from orchestrator.hooks.served import Served

VERDICT = 10  # no exit code that Python itself or a signal makes: the script lets nothing else block a commit


def main() -> NoReturn:
    """`main HOOK ARG...` as git gives them."""
    gc.disable()  # a short process: cycles need no collecting
    hook, *arguments = sys.argv[1:]
    sys.exit(VERDICT if handle(hook, arguments) else 0)


def handle(hook: str, arguments: list[str]) -> int:
    """The hook's exit code: 1 only for a verdict of commit-msg."""
    with _OwnFaultsWarn(hook):
        return run(hook, arguments)
    return 0


class _OwnFaultsWarn:
    """Turns whatever goes wrong into one line: a mistake of ours must not be one more thing between a user and
    the commit.
    """

    def __init__(self, hook: str) -> None:
        self.hook = hook

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> bool:
        if not isinstance(error, Exception):
            return False
        said = " ".join(str(error).split()) if isinstance(error, (OrchestratorError, OSError)) else repr(error)
        sys.stderr.write(f"orchestrator: warning: {self.hook}: {said}; run `orchestrator sync`\n")
        return True


def run(hook: str, arguments: list[str]) -> int:
    """Do what the hook is for, in every project of the repository around the current folder; its exit code."""
    from orchestrator.git import place as places
    from orchestrator.git import under_way
    from orchestrator.hooks import served, table

    place = places.find(Path.cwd(), git_dir=_git_dir(), in_hook=True)
    projects, changed = served.look(place)
    row, code = table.BY_NAME[hook], 0
    if row.may_refuse:
        code = _judge(projects, place, Path(arguments[0]))
    elif place.head and not under_way.autostashed(place.git_dir) and not row.not_now(place.git_dir, arguments):
        served.need_store(place)
        _sync_all(hook, arguments, projects, place)
    if changed and projects and served.installed(place):
        _renew(projects[0].root)
    return code


def _renew(root: Path) -> None:
    """Install the hooks again for settings that have changed: by a whole Python, for this one has no `site`."""
    import subprocess

    from orchestrator.git.plumbing import environment

    code = "from orchestrator.cli import main; main()"
    argv = [sys.executable, "-I", "-c", code, "--project", str(root), "hooks", "install"]
    subprocess.run(argv, env=environment(in_hook=True), stdin=subprocess.DEVNULL, capture_output=True, check=False)


def _sync_all(hook: str, arguments: list[str], projects: list[Served], place: Place) -> None:
    from orchestrator.history import sync
    from orchestrator.hooks import served, table

    amended = table.BY_NAME[hook].reads_input and arguments[:1] == ["amend"]
    just_made = table.BY_NAME[hook].follows_commit or amended
    owes: list[bool | None] = []
    for project in projects:
        carried = _sync(project, place, just_made=just_made)
        owes.append(carried.owes)
        if table.BY_NAME[hook].reads_input and carried.head != place.head:
            _keep_notes(place, carried.head)
        place = place._replace(head=carried.head)
        if carried.settled and len(projects) == 1:
            served.skip_until_changed(place)
    served.clear_request(place)
    if all(one is False for one in owes):
        sync.settle(place)
    if table.BY_NAME[hook].follows_commit:
        _note_seen(place)
        _note_whose(place)


def _note_whose(place: Place) -> None:
    """Write down that a session of ours made the commit: git was started below its agent, whatever it has in its
    environment now. building/authorship reads it.
    """
    from orchestrator import files
    from orchestrator.processes import table

    words = table.inherited("GIT_REFLOG_ACTION", table.OWNER)
    if words:
        files.append(place.own_store / "sessions-commits", f"{place.head} {words}\n".encode())


def _git_dir() -> str:
    """GIT_DIR where git gave it, absolute: with --git-dir the repository can't be found from the folder."""
    given = os.environ.get("GIT_DIR", "")
    return str(Path(given).resolve()) if given else ""


def _judge(projects: list[Served], place: Place, path: Path) -> int:
    from orchestrator.hooks import judging

    try:
        judging.check(projects, place, path)
    except judging.Refused as error:
        from orchestrator.ending import line_for

        sys.stderr.write(line_for(error) + "\n")
        return 1
    return 0


def _sync(project: Served, place: Place, *, just_made: bool) -> Carried:
    """Where the commit was made just now, HEAD may be another one afterwards."""
    from orchestrator.history import sync

    arguments = (place, project.features_path, place.own_store / "features.lock", project.words)
    if just_made and project.write == "commit":
        return sync.carry(*arguments, rules=project.rules)
    if project.features_path.is_file():
        sync.worktree(*arguments, rules=project.rules, carried_later=project.write == "commit")
    return sync.Carried(place.head)


def _keep_notes(place: Place, made: str | None) -> None:
    """Copy the notes that git copied to the amended commit, as it is configured to, to the one that took its place."""
    who = {name: value for name, value in os.environ.items() if name.startswith("GIT_AUTHOR_")}
    place.git.try_run("notes", "copy", "--for-rewrite=amend", stdin=f"{place.head} {made}\n".encode(), env=who)


def _note_seen(place: Place) -> None:
    """Tell the script of post-rewrite, which comes next after an amend, that nothing is left to do."""
    from orchestrator import files

    files.keep(place.own_store / "seen", f"{place.head} synced\n".encode())

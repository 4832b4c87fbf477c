"""The hooks that there are: a row each, which all that treats hooks by their names reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from orchestrator.git import under_way

NotNow = Callable[[Path, Sequence[str]], bool]  # given the git dir and the hook's arguments


class GitHook(NamedTuple):
    """`not_now`: whether git is in the middle of something, seen from this hook. post-rewrite still sees the folder of
    the rebase that it ends, post-merge the file of its merge.

    `may_refuse`: its verdict stops the commit. `follows_commit`: a commit was made just now, which may be made again.
    `reads_input`: git writes to its standard input. `runs_first`: before the user's own hook of that name.
    `told_in`: the variable in which pre-commit hands its argument on.
    """

    name: str
    not_now: NotNow = lambda git_dir, arguments: False
    may_refuse: bool = False
    follows_commit: bool = False
    reads_input: bool = False
    runs_first: bool = False
    told_in: str = ""


def _mid_sequence(git_dir: Path, arguments: Sequence[str]) -> bool:
    """Before the last of several picks or reverts."""
    todo = git_dir / "sequencer" / "todo"
    if under_way.unsettled(git_dir):
        return True
    return todo.exists() and len([line for line in todo.read_text(errors="replace").splitlines() if line.strip()]) > 1


def _mid_rewrite(git_dir: Path, arguments: Sequence[str]) -> bool:
    """An amend within a rebase; a rebase within a bisect."""
    if list(arguments[:1]) == ["amend"]:
        return _mid_sequence(git_dir, arguments)
    return (git_dir / "BISECT_LOG").exists()


def _squashed(git_dir: Path, arguments: Sequence[str]) -> bool:
    """A squash: there is no commit yet."""
    return under_way.unsettled(git_dir) or list(arguments[:1]) == ["1"]


def _mid_checkout(git_dir: Path, arguments: Sequence[str]) -> bool:
    return bool(under_way.operation(git_dir)) or _rebase_begins(git_dir, arguments)


def _rebase_begins(git_dir: Path, arguments: Sequence[str]) -> bool:
    """Whether this is the first step of `git rebase --apply`, which leaves no other trace: HEAD is detached and
    ORIG_HEAD is where it was.
    """
    orig = git_dir / "ORIG_HEAD"
    detached = not (git_dir / "HEAD").read_text().startswith("ref:")
    return detached and orig.exists() and orig.read_text().strip() in arguments[:1]


def _mid_mail(git_dir: Path, arguments: Sequence[str]) -> bool:
    """Before the last patch of `git am`, or in a rebase that applies patches."""
    folder = git_dir / "rebase-apply"
    return (folder / "rebasing").exists() or _number(folder / "next") < _number(folder / "last")


def _number(path: Path) -> int:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return 0


HOOKS = (
    GitHook("commit-msg", may_refuse=True),
    GitHook("post-commit", _mid_sequence, follows_commit=True, runs_first=True),
    GitHook("post-merge", _squashed, told_in="PRE_COMMIT_IS_SQUASH_MERGE"),
    GitHook("post-rewrite", _mid_rewrite, reads_input=True, told_in="PRE_COMMIT_REWRITE_COMMAND"),
    GitHook("post-checkout", _mid_checkout),
    GitHook("post-applypatch", _mid_mail),
)
BY_NAME = {hook.name: hook for hook in HOOKS}

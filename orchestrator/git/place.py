"""Where a repository keeps its things, and what state it is in: asked once, in one git process."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from orchestrator.errors import GitError, NoRepository, OrchestratorError
from orchestrator.git.plumbing import Git, failure


class Place(NamedTuple):
    """The repository around a project; `git` runs at its top, so that paths are those of its trees.

    `top` is the root of the work tree, `git_dir` its own git dir (another one in each linked work tree),
    `common_dir` the one that all work trees share; `head` is None on an unborn branch, `branch` the full name of
    HEAD's branch, "" when it is detached; `tree` is HEAD's, "" on an unborn branch.
    """

    git: Git
    top: Path
    git_dir: Path
    common_dir: Path
    shallow: bool
    head: str | None
    branch: str = ""
    tree: str = ""

    @property
    def store(self) -> Path:
        """Our folder that all work trees share: caches and locks, safe to delete."""
        return self.common_dir / "orchestrator"

    @property
    def own_store(self) -> Path:
        """Our folder of this work tree alone."""
        return self.git_dir / "orchestrator"

    def relative(self, path: Path) -> str:
        """`path` as git names it in a tree: relative to the top, with slashes. Raises OrchestratorError outside."""
        real, top = path.resolve(), self.top.resolve()
        try:
            return real.relative_to(top).as_posix()
        except ValueError:
            what = f"{path.name} is {real.as_posix()}, outside of the repository"
            raise OrchestratorError(what, where=str(top), fix="Keep it in the repository that it is about") from None


def find(root: Path, *, git_dir: str = "", in_hook: bool = False) -> Place:
    """The repository that holds `root`. Raises NoRepository outside of a work tree."""
    git = Git(root, git_dir, in_hook)
    args = (
        "rev-parse",
        "--show-toplevel",
        "--absolute-git-dir",
        "--git-common-dir",
        "--is-shallow-repository",
        "HEAD",
        "HEAD^{tree}",
        "--symbolic-full-name",
        "HEAD",
    )
    done = git.try_run(*args)
    lines = done.stdout.decode("utf-8", "surrogateescape").splitlines()
    if len(lines) < 4:
        said = done.stderr.decode("utf-8", "replace")
        if "not a git repository" in said or "work tree" in said:
            where = str(root)
            raise NoRepository("not in a git work tree", where=where, fix="Run `git init` there first", stderr=said)
        raise failure(args, done.returncode, done.stderr)
    top, own, common, shallow = lines[:4]
    common_dir = Path(common) if Path(common).is_absolute() else root / common
    git = Git(Path(top), git_dir, in_hook)
    if done.returncode == 0 and len(lines) == 7:
        head, tree, branch = lines[4:]
        branch = "" if branch == "HEAD" else branch
        return Place(git, Path(top), Path(own), common_dir.resolve(), shallow == "true", head, branch, tree)
    branch = _unborn(git, common_dir, done.stderr.decode("utf-8", "replace"))
    return Place(git, Path(top), Path(own), common_dir.resolve(), shallow == "true", None, branch)


def _unborn(git: Git, common_dir: Path, said: str) -> str:
    """The unborn branch that HEAD names. Raises GitError if HEAD is broken instead: its history must not count as
    empty, or all completions would be gone.
    """
    branch = git.try_run("symbolic-ref", "--quiet", "HEAD").stdout.decode("utf-8", "surrogateescape").strip()
    # After a crash a branch's file may be empty. Only that the file exists tells it from an unborn branch.
    if "ambiguous argument 'HEAD'" not in said or not branch or (common_dir / branch).is_file():
        raise GitError("git can't read HEAD", where=str(git.root), fix="See what `git fsck` says", stderr=said)
    return branch

"""Plain git processes for the hot paths: one door, argv lists, clean environment, one error."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from orchestrator.errors import GitError, Missing

# What git exports to its hooks about the repository they run for (git rev-parse --local-env-vars), without
# the configuration given by `git -c`, which stays valid. Kept, they would send our commands for another
# repository or work tree to this one.
LOCAL_VARIABLES = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
    # Set by a rebase or merge that runs our hook; they would change messages and dates of our own commands.
    "GIT_AUTHOR_DATE",
    "GIT_AUTHOR_EMAIL",
    "GIT_AUTHOR_NAME",
    "GIT_CHERRY_PICK_HELP",
    "GIT_REFLOG_ACTION",
    "GIT_SEQUENCE_EDITOR",
)
LITERAL = {"GIT_LITERAL_PATHSPECS": "1"}  # for commands whose paths are names: `:(top)x` is one too
_HOOK_ONLY = frozenset(LOCAL_VARIABLES[-6:])


def environment(extra: Mapping[str, str] | None = None, *, in_hook: bool = False) -> dict[str, str]:
    """The environment for a git of ours: nothing that names another repository, no prompt, C messages."""
    dropped = [name for name in LOCAL_VARIABLES if in_hook or name not in _HOOK_ONLY]
    env = {name: value for name, value in os.environ.items() if name not in dropped}
    env["GIT_TERMINAL_PROMPT"] = "0"
    env["LC_ALL"] = "C"
    env.update(extra or {})
    return env


class Git(NamedTuple):
    """Git in one work tree. `git_dir` is given only where git can't find it from `root` (`--git-dir`)."""

    root: Path
    git_dir: str = ""
    in_hook: bool = False

    def _env(self, extra: Mapping[str, str] | None) -> dict[str, str]:
        env = environment(extra, in_hook=self.in_hook)
        if self.git_dir:
            env["GIT_DIR"] = self.git_dir
            env["GIT_WORK_TREE"] = str(self.root)
        return env

    def try_run(
        self, *args: str, stdin: bytes = b"", env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        """`git ARGS` whatever its exit code. Raises Missing without git, GitError without the folder."""
        try:
            return subprocess.run(
                ["git", *args],
                cwd=self.root,
                input=stdin,
                env=self._env(env),
                capture_output=True,
                check=False,
            )
        except FileNotFoundError as error:
            raise _absent(self.root) from error

    def run(self, *args: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> bytes:
        """What `git ARGS` prints; raises GitError with git's own words when it fails."""
        done = self.try_run(*args, stdin=stdin, env=env)
        if done.returncode:
            raise failure(args, done.returncode, done.stderr)
        return done.stdout

    def text(self, *args: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> str:
        """Like `run`, decoded, without the end of line."""
        return self.run(*args, stdin=stdin, env=env).decode("utf-8", "surrogateescape").rstrip("\n")

    def ok(self, *args: str) -> bool:
        """Yes or no, from a command that exits with 0 or 1. Any other code raises GitError. So does exit code 1 with an
        error message: `merge-base` ends so if it can't read the history.
        """
        done = self.try_run(*args)
        if done.returncode not in (0, 1) or any(line.startswith(b"error:") for line in done.stderr.splitlines()):
            raise failure(args, done.returncode, done.stderr)
        return done.returncode == 0

    def is_ancestor(self, ancestor: str, of: str) -> bool:
        """Whether `ancestor` is an ancestor of `of`, or the same commit. False if the repository does not have one of
        them. Raises GitError if git can't tell.
        """
        try:
            return self.ok("merge-base", "--is-ancestor", ancestor, of)
        except GitError:
            if None in self.ids([f"{ancestor}^{{commit}}", f"{of}^{{commit}}"]):
                return False
            raise

    def open(self, *args: str) -> subprocess.Popen[bytes]:
        """Start a git whose output is read as it comes; the caller closes it. GIT_FLUSH=0: to flush after each record
        would take half the time of a long log.
        """
        try:
            return subprocess.Popen(
                ["git", *args], cwd=self.root, env=self._env({"GIT_FLUSH": "0"}), stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            )  # fmt: skip
        except FileNotFoundError as error:
            raise _absent(self.root) from error

    def objects(
        self, names: Sequence[str], env: Mapping[str, str] | None = None
    ) -> list[tuple[str, str, bytes] | None]:
        """(object id, type, content) of each name in one `cat-file --batch`; None where there is none."""
        if not names:
            return []
        # A name with a line break can't be asked for in a batch, and no object of ours has one.
        asked = b"".join(os.fsencode(name) + b"\n" for name in names)
        data = self.run("cat-file", "--batch", stdin=asked, env=env)
        found: list[tuple[str, str, bytes] | None] = []
        at = 0
        for _ in names:
            end = data.index(b"\n", at)
            parts = data[at:end].rsplit(b" ", 2)
            if len(parts) == 3 and parts[2].isdigit() and parts[1] in (b"commit", b"tree", b"blob", b"tag"):
                size = int(parts[2])
                found.append((parts[0].decode(), parts[1].decode(), data[end + 1 : end + 1 + size]))
                at = end + 1 + size + 1
            else:
                found.append(None)
                at = end + 1
        return found

    def ids(self, names: Sequence[str]) -> list[str | None]:
        """The object id that each name stands for, in one `cat-file --batch-check`; None where there is none."""
        if not names:
            return []
        asked = b"".join(os.fsencode(name) + b"\n" for name in names)
        said = self.run("cat-file", "--batch-check=%(objectname)", stdin=asked).decode("utf-8", "surrogateescape")
        return [None if " " in line else line for line in said.splitlines()]

    def write(self, kind: str, content: bytes) -> str:
        """The id of a new object of the type `kind` with exactly this content."""
        return self.text("hash-object", "-w", "-t", kind, "--no-filters", "--stdin", stdin=content)


def failure(args: Iterable[str], code: int, stderr: bytes) -> GitError:
    """A GitError in git's own words."""
    said = stderr.decode("utf-8", "replace").strip()
    first = next((line for line in said.splitlines() if line.startswith(("fatal:", "error:"))), said)
    what = first.removeprefix("fatal: ").removeprefix("error: ") or f"exit code {code}"
    return GitError(f"git {_command(args)} failed: {what}", stderr=said, returncode=code, fix=_fix(said))


def _fix(said: str) -> str:
    """What to type where a git that was killed left its lock file."""
    found = re.search(r"'([^'\n]+\.lock)': File exists", said)
    return f"If no git is running there, delete what one left: rm {shlex.quote(found[1])}" if found else ""


def _command(args: Iterable[str]) -> str:
    words = iter(args)
    for word in words:
        if word != "-c":
            return word
        next(words, "")  # a setting
    return ""


def _absent(root: Path) -> Exception:
    if not root.is_dir():
        return GitError("no such folder", where=str(root))
    return Missing("git is not installed, or not on PATH", fix="Install it from your package manager")

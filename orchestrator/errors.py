"""The exceptions a user can meet, each with its exit code (docs/contract.md, section 2).

OrchestratorError            2   bad usage, configuration or data
├── Unfinished               1   the work is not all done
├── Missing                  3   a tool that is needed is absent or not logged in
├── Locked                   1   another process holds the project
└── GitError                 2   a git command failed that should not have
    └── NoRepository         2   there is no git work tree here
"""

from __future__ import annotations


class OrchestratorError(Exception):
    """What went wrong, where, and how to mend it; printed as one line."""

    exit_code = 2

    def __init__(self, what: str, *, where: str = "", fix: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.fix = fix

    def __str__(self) -> str:
        line = self.what.rstrip(".")
        if self.where:
            line += f" ({self.where})"
        if self.fix:
            line += f". {self.fix.rstrip('.')}"
        return " ".join(line.split())


class Unfinished(OrchestratorError):
    exit_code = 1


class Missing(OrchestratorError):
    exit_code = 3


class Locked(OrchestratorError):
    """Another process works on this project: nothing is wrong, and nothing was done."""

    exit_code = 1


class GitError(OrchestratorError):
    """A git command failed; `stderr` and `returncode` hold what it said."""

    def __init__(self, what: str, *, where: str = "", fix: str = "", stderr: str = "", returncode: int = 1) -> None:
        super().__init__(what, where=where, fix=fix)
        self.stderr = stderr
        self.returncode = returncode


class NoRepository(GitError):
    """There is no git work tree here. The one failure of git that is an answer: there is no history."""
